package service

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
)

// TestHeartbeat: a loop that does not turn makes its service not ready and shows in the
// metrics, and one turn makes it well again.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	host, err := Start("test", "127.0.0.1:0", slog.New(slog.DiscardHandler), telemetry.Tracing{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	var passed atomic.Int64
	start := time.Now()
	now := func() time.Time { return start.Add(time.Duration(passed.Load())) }
	slow, err := newHeartbeat(host.Runtime(), "slow", time.Hour, now)
	if err != nil {
		t.Fatal(err)
	}
	quick, err := newHeartbeat(host.Runtime(), "quick", time.Minute, now)
	if err != nil {
		t.Fatal(err)
	}
	// expect checks readiness and that the metrics have each of the lines.
	expect := func(status int, lines ...string) {
		t.Helper()
		ready := httptest.NewRecorder()
		host.server.Handler.ServeHTTP(ready, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if ready.Code != status {
			t.Errorf("readiness %d %q, want %d", ready.Code, ready.Body, status)
		}
		metrics := httptest.NewRecorder()
		host.server.Handler.ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		for _, line := range lines {
			if !strings.Contains(metrics.Body.String(), line+"\n") {
				t.Errorf("no line %q in the metrics", line)
			}
		}
	}
	expect(http.StatusOK, `pipeline_loop_silence_seconds{loop="quick"} 0`, `pipeline_loop_allowed_seconds{loop="slow"} 3600`)
	passed.Store(int64(61 * time.Second))
	expect(http.StatusServiceUnavailable, `pipeline_loop_silence_seconds{loop="quick"} 61`, `pipeline_loop_silence_seconds{loop="slow"} 61`)
	quick.Beat()
	expect(http.StatusOK, `pipeline_loop_silence_seconds{loop="quick"} 0`, `pipeline_loop_silence_seconds{loop="slow"} 61`)
	passed.Store(int64(2 * time.Hour))
	quick.Beat()
	expect(http.StatusServiceUnavailable)
	slow.Beat()
	expect(http.StatusOK)
}

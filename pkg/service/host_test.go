package service

import (
	"bufio"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
)

func TestHostBoundsEveryPartOfARequest(t *testing.T) {
	t.Parallel()
	h, err := Start("s", "127.0.0.1:0", slog.New(slog.DiscardHandler), telemetry.Tracing{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	for name, timeout := range map[string]time.Duration{
		"header": h.server.ReadHeaderTimeout, "read": h.server.ReadTimeout, "write": h.server.WriteTimeout, "idle": h.server.IdleTimeout,
	} {
		if timeout <= 0 {
			t.Errorf("a request has no %s timeout", name)
		}
	}
}

// TestPatientOutlivesTheServersTimes streams for several times as long as a request may take.
func TestPatientOutlivesTheServersTimes(t *testing.T) {
	t.Parallel()
	const lines = 30
	ticks := Patient(0, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for range lines {
			select {
			case <-tick.C:
				fmt.Fprintln(w, "tick")
				_ = http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}))
	server := httptest.NewUnstartedServer(ticks)
	server.Config.ReadHeaderTimeout = time.Minute
	server.Config.ReadTimeout, server.Config.WriteTimeout = 150*time.Millisecond, 150*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got := 0
	for scanner := bufio.NewScanner(response.Body); scanner.Scan(); {
		got++
	}
	if got != lines {
		t.Errorf("%d lines arrived of %d", got, lines)
	}
}

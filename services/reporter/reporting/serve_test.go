package reporting

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/live"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query/querytest"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/reports"
)

var testNow = time.Date(2026, 11, 23, 19, 34, 56, 0, time.UTC)

func testConfig() Config {
	return Config{
		Currency: "USD", RefreshInterval: 20 * time.Millisecond, CacheTTL: time.Minute, CacheBytes: 1 << 20,
		QueryTimeout: 10 * time.Second, QueryConcurrency: 2, MaxPeriodDays: 366, MaxEventClients: 2,
	}
}

// serve mounts the dashboard on a real server and returns its address.
func serve(t *testing.T, source query.Source) (base string, h *live.Hub) {
	t.Helper()
	return serveWith(t, source, objects{})
}

// serveFiles is serve for the files of the daily reports.
func serveFiles(t *testing.T, files reports.Files) string {
	t.Helper()
	base, _ := serveWith(t, &querytest.Canned{}, files)
	return base
}

func serveWith(t *testing.T, source query.Source, files reports.Files) (base string, h *live.Hub) {
	t.Helper()
	host, h := hostWith(t, source, files)
	return "http://" + host.Addr(), h
}

func hostWith(t *testing.T, source query.Source, files reports.Files) (*service.Host, *live.Hub) {
	t.Helper()
	host, err := service.Start("reporter", "127.0.0.1:0", slog.New(slog.DiscardHandler), telemetry.Tracing{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := mount(testConfig(), host.Runtime(), source, files, func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { h.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := host.Close(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
	return host, h
}

func get(t *testing.T, url string, header ...string) (status int, headers http.Header, body string) {
	t.Helper()
	return do(t, http.MethodGet, url, header...)
}

func do(t *testing.T, method, url string, header ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

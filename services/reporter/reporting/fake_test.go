package reporting

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
)

var testNow = time.Date(2026, 11, 23, 19, 34, 56, 0, time.UTC)

// canned is a Source that answers from a table and keeps the questions.
type canned struct {
	mu       sync.Mutex
	modified time.Time // when reports were made
	results  map[string]func(Params) (*Result, error)
	asked    []string
	params   []Params
}

func (c *canned) Query(_ context.Context, statement string, params Params) (*Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, statement)
	c.params = append(c.params, params)
	answer, ok := c.results[statement]
	if !ok {
		return nil, fmt.Errorf("no answer for %s", statement)
	}
	return answer(params)
}

func (c *canned) Modified(_ context.Context, table string) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if table != "report_runs" {
		return time.Time{}, fmt.Errorf("no answer for %s", table)
	}
	return c.modified, nil
}

func (c *canned) questions() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

func (c *canned) lastParams() Params {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.params[len(c.params)-1]
}

func rows(columns []string, cells ...[]any) func(Params) (*Result, error) {
	return func(Params) (*Result, error) {
		// A result belongs to who asked for it.
		return &Result{Columns: append([]string(nil), columns...), Rows: append([][]any(nil), cells...)}, nil
	}
}

func numeric(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

func testConfig() Config {
	return Config{
		Currency: "USD", RefreshInterval: 20 * time.Millisecond, CacheTTL: time.Minute, CacheBytes: 1 << 20,
		QueryTimeout: 10 * time.Second, QueryConcurrency: 2, MaxPeriodDays: 366, MaxEventClients: 2,
	}
}

// serve mounts the dashboard on a real server and returns its address.
func serve(t *testing.T, source Source) (base string, h *hub) {
	t.Helper()
	return serveWith(t, source, objects{})
}

// serveFiles is serve for the files of the daily reports.
func serveFiles(t *testing.T, files Files) string {
	t.Helper()
	base, _ := serveWith(t, &canned{}, files)
	return base
}

func serveWith(t *testing.T, source Source, files Files) (base string, h *hub) {
	t.Helper()
	host, h := hostWith(t, source, files)
	return "http://" + host.Addr(), h
}

func hostWith(t *testing.T, source Source, files Files) (*service.Host, *hub) {
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
	running.Go(func() { h.run(ctx) })
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

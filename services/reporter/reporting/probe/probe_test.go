package probe

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// hostile is a text as an attacker or a cheerful customer would choose it.
const hostile = `<img src=x onerror=alert(1)>&"' שלום 🎉` + "\u2028\n"

var someTime = time.Date(2026, 11, 23, 19, 34, 56, 0, time.UTC)

func TestServiceURLs(t *testing.T) {
	t.Parallel()
	var got ServiceURLs
	if err := got.Decode(" watcher=http://127.0.0.1:8081/, parser=https://parser.svc ,"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ServiceURLs{"watcher": "http://127.0.0.1:8081", "parser": "https://parser.svc"}, got); diff != "" {
		t.Errorf("urls (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"watcher", "=http://a", "watcher=ftp://a", "watcher=127.0.0.1:80", "watcher=http://"} {
		if err := got.Decode(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestServices(t *testing.T) {
	t.Parallel()
	server := func(status int, ready, metrics string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/metrics" {
				_, _ = w.Write([]byte(metrics))
				return
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(ready))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	now := someTime
	p := New(ServiceURLs{
		"a": server(http.StatusOK, "ready\n", "# HELP files Files read.\n# TYPE files counter\nfiles{kind=\"a\"} 2\nfiles{kind=\"b\"} 3\n"+
			"# TYPE took_seconds histogram\ntook_seconds_bucket{le=\"+Inf\"} 4\ntook_seconds_sum 2\ntook_seconds_count 4\ngo_goroutines 1\nprocess_open_fds 7\n# TYPE odd gauge\nodd NaN\n"),
		"b": server(http.StatusServiceUnavailable, "pubsub: "+hostile, "no metrics"),
		"c": gone.URL,
	}, NewPulse(func() time.Time { return now }), func() time.Time { return now }, slog.New(slog.DiscardHandler))
	ask := func() (answer struct {
		Configured bool           `json:"configured"`
		Rows       []serviceState `json:"rows"`
	}) {
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/services", nil))
		if err := json.NewDecoder(w.Body).Decode(&answer); err != nil || w.Code != http.StatusOK {
			t.Fatalf("status %d, %v", w.Code, err)
		}
		return answer
	}
	mean := 0.5
	want := []serviceState{
		{Service: "a", State: serviceReady, Metrics: []serviceCount{
			{Name: "files", Help: "Files read.", Kind: "counter", Sum: 5}, {Name: "took_seconds", Kind: "histogram", Sum: 4, Mean: &mean},
		}},
		{Service: "b", State: serviceNotReady, Detail: strings.TrimSpace("pubsub: " + hostile), Metrics: []serviceCount{}},
		{Service: "c", State: serviceUnreachable, Detail: "It does not answer.", Metrics: []serviceCount{}},
		{Service: "bigquery", State: serviceReady, Metrics: []serviceCount{}},
	}
	got := ask()
	if diff := cmp.Diff(want, got.Rows, cmpopts.IgnoreFields(serviceState{}, "Took")); diff != "" || !got.Configured {
		t.Errorf("configured %t, services (-want +got):\n%s", got.Configured, diff)
	}
	// However many pages are open, a service is asked once in a while.
	p.urls = ServiceURLs{}
	if got := ask(); len(got.Rows) != 4 {
		t.Errorf("the services were asked again at once: %v", got.Rows)
	}
	now = now.Add(probeInterval)
	if got := ask(); got.Configured || len(got.Rows) != 1 {
		t.Errorf("not configured: %+v", got)
	}
}

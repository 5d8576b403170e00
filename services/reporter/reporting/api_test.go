package reporting

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
)

// hostile is a name as an attacker or a cheerful customer would choose it.
const hostile = `<img src=x onerror=alert(1)>&"' שלום 🎉` + "\u2028\n"

func TestDatasets(t *testing.T) {
	t.Parallel()
	hour := time.Date(2026, 11, 1, 11, 0, 0, 0, time.UTC)
	source := &canned{results: map[string]func(Params) (*Result, error){
		"dashboard/orders_per_hour": rows([]string{"metric_hour", "total_orders", "total_revenue", "avg_order_value"},
			[]any{hour, int64(3), numeric(t, "123456789012345678901234567.123456789"), numeric(t, "41.1")}),
		"dashboard/category_revenue": rows([]string{"category", "revenue"}, []any{hostile, numeric(t, "-0.5")}),
		"dashboard/aov_by_tier":      rows([]string{"customer_tier"}),
		"dashboard/geography":        rows([]string{"state"}, []any{nil}),
		"dashboard/quality_rules":    rows([]string{"check_type"}, []any{"invalid_csv"}, []any{"no_such_rule"}),
		"dashboard/quality_findings": rows([]string{"check_timestamp", "check_id"}, []any{hour, "c1"}),
	}}
	base, _ := serve(t, source)
	const head = `"currency":"USD","as_of":"2026-11-23T19:34:56Z"`
	const month = `{"period":{"from":"2026-10-24T00:00:00Z","to":"2026-11-24T00:00:00Z"},` + head
	for _, tt := range []struct{ name, query, want string }{
		{"exact money", "orders-per-hour", month + `,"rows":[{"metric_hour":"2026-11-01T11:00:00Z","total_orders":3,"total_revenue":"123456789012345678901234567.123456789","avg_order_value":"41.10"}]}`},
		{"hostile name", "category-revenue", month + `,"rows":[{"category":"\u003cimg src=x onerror=alert(1)\u003e\u0026\"' שלום 🎉\u2028\n","revenue":"-0.50"}]}`},
		{"no rows", "aov-by-tier", month + `,"rows":[]}`},
		{"null", "geography?limit=1", month + `,"rows":[{"state":null}]}`},
		{"widened to hours", "aov-by-tier?from=2026-11-01T11:30:00Z&to=2026-11-01T13:00:01%2B01:00", `{"period":{"from":"2026-11-01T11:00:00Z","to":"2026-11-01T13:00:00Z"},` + head + `,"rows":[]}`},
		{"widened to days", "category-revenue?from=2026-11-01T11:30:00Z&to=2026-11-02T01:00:00Z", `{"period":{"from":"2026-11-01T00:00:00Z","to":"2026-11-03T00:00:00Z"},` + head + `,"rows":[{"category":"\u003cimg src=x onerror=alert(1)\u003e\u0026\"' שלום 🎉\u2028\n","revenue":"-0.50"}]}`},
		{"last day included", "aov-by-tier?from=2026-11-01&to=2026-11-01", `{"period":{"from":"2026-11-01T00:00:00Z","to":"2026-11-02T00:00:00Z"},` + head + `,"rows":[]}`},
		{"rules explained", "quality", month + `,"rules":[{"check_type":"invalid_csv","meaning":"The row has another number of columns than the header, or its quotes do not match.","remedy":"Quote the fields that hold commas, quotes or line breaks; send the row again."},{"check_type":"no_such_rule","meaning":null,"remedy":null}],"rows":[{"check_timestamp":"2026-11-01T11:00:00Z","check_id":"c1"}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, header, body := get(t, base+apiRoot+tt.query)
			if status != http.StatusOK {
				t.Fatalf("status %d: %s", status, body)
			}
			if diff := cmp.Diff(tt.want+"\n", body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if got := header.Get("Content-Type"); got != "application/json; charset=utf-8" {
				t.Errorf("content type %q", got)
			}
			if got := header.Get("X-Content-Type-Options"); got != "nosniff" {
				t.Errorf("X-Content-Type-Options %q", got)
			}
		})
	}
}

func TestWrongRequests(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, &canned{})
	for _, tt := range []struct {
		name, method, path string
		status             int
		want               string // the body, or its beginning
	}{
		{"no time", "GET", "summary?from=yesterday", 400, `{"error":{"code":"invalid_parameter","message":"from must be an RFC 3339 time such as 2026-11-01T12:00:00Z, or a date such as 2026-11-01.","parameter":"from"}}`},
		{"no such day", "GET", "summary?to=2026-02-30", 400, `{"error":{"code":"invalid_parameter","message":"to must be`},
		{"year 10000", "GET", "summary?to=9999-12-31", 400, `{"error":{"code":"invalid_parameter","message":"to must lie in the years 1900 to 9998.","parameter":"to"}}`},
		{"backwards", "GET", "files?from=2026-11-02&to=2026-11-01", 400, `{"error":{"code":"invalid_parameter","message":"from must lie before to.","parameter":"from"}}`},
		{"too long", "GET", "geography?from=2000-01-01&to=2026-11-01", 400, `{"error":{"code":"invalid_parameter","message":"The period from 2000-01-01T00:00:00Z to 2026-11-02T00:00:00Z is longer than 366 days.","parameter":"from"}}`},
		{"longer than a duration", "GET", "geography?from=1900-01-01&to=9998-01-01", 400, `{"error":{"code":"invalid_parameter","message":"The period from`},
		{"empty", "GET", "summary?from=", 400, `{"error":{"code":"invalid_parameter","message":"from must be`},
		{"twice", "GET", "summary?from=2026-11-01&from=2026-11-02", 400, `{"error":{"code":"invalid_parameter","message":"The parameter from may be given once.","parameter":"from"}}`},
		{"unknown", "GET", "summary?form=2026-11-01", 400, `{"error":{"code":"invalid_parameter","message":"This endpoint has no such parameter.","parameter":"form"}}`},
		{"no limit here", "GET", "orders-per-hour?limit=5", 400, `{"error":{"code":"invalid_parameter","message":"This endpoint has no such parameter.","parameter":"limit"}}`},
		{"limit 0", "GET", "top-products?limit=0", 400, `{"error":{"code":"invalid_parameter","message":"limit must be a whole number from 1 to 100.","parameter":"limit"}}`},
		{"limit too high", "GET", "top-products?limit=101", 400, `{"error":{"code":"invalid_parameter","message":"limit must be`},
		{"limit overflows", "GET", "files?limit=99999999999999999999", 400, `{"error":{"code":"invalid_parameter","message":"limit must be`},
		{"token", "GET", "files?page_token=%00%ff", 400, `{"error":{"code":"invalid_parameter","message":"page_token must be the next_page_token of an earlier answer.","parameter":"page_token"}}`},
		{"broken escape", "GET", "files?page_token=%zz", 400, `{"error":{"code":"invalid_query","message":"The query string is not well formed."}}`},
		{"no endpoint", "GET", "nothing", 404, `{"error":{"code":"not_found","message":"There is no such endpoint."}}`},
		{"write", "DELETE", "files", 405, `{"error":{"code":"method_not_allowed","message":"This endpoint is only read."}}`},
		{"warehouse fails", "GET", "summary", 503, `{"error":{"code":"warehouse_unavailable","message":"The warehouse did not answer. Try again in a moment."}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, header, body := do(t, tt.method, base+apiRoot+tt.path)
			if status != tt.status || !strings.HasPrefix(body, tt.want) {
				t.Errorf("got %d %s\nwant %d %s", status, body, tt.status, tt.want)
			}
			if got := header.Get("Content-Type"); got != "application/json; charset=utf-8" {
				t.Errorf("content type %q", got)
			}
		})
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 11, 0, 0, 123_000, time.UTC)
	source := &canned{results: map[string]func(Params) (*Result, error){
		"dashboard/files": rows([]string{"file_id", "loaded_at"}, []any{"c", at}, []any{"b", at}, []any{"a", at}),
	}}
	base, _ := serve(t, source)
	_, _, body := get(t, base+apiRoot+"files?limit=2")
	token := cursor{time: at, id: "b"}.String()
	want := `"next_page_token":"` + token + `","rows":[{"file_id":"c","loaded_at":"2026-11-01T11:00:00.000123Z"},{"file_id":"b","loaded_at":"2026-11-01T11:00:00.000123Z"}]}`
	if !strings.HasSuffix(body, want+"\n") {
		t.Errorf("got %s, want it to end with %s", body, want)
	}
	if status, _, body := get(t, base+apiRoot+"files?limit=3&page_token="+token); status != 200 || strings.Contains(body, "next_page_token") {
		t.Errorf("last page: %d %s", status, body)
	}
	wantParams := Params{
		"from_time": time.Date(2026, 10, 24, 0, 0, 0, 0, time.UTC), "to_time": time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC),
		"from_date": civil.Date{Year: 2026, Month: 10, Day: 24}, "to_date": civil.Date{Year: 2026, Month: 11, Day: 23},
		"before_time": at, "before_id": "b", "page_size": int64(4),
	}
	if diff := cmp.Diff(wantParams, source.lastParams()); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}

func TestRevalidation(t *testing.T) {
	t.Parallel()
	source := &canned{results: map[string]func(Params) (*Result, error){"dashboard/aov_by_tier": rows([]string{"customer_tier"})}}
	base, _ := serve(t, source)
	_, header, _ := get(t, base+apiRoot+"aov-by-tier")
	status, _, body := get(t, base+apiRoot+"aov-by-tier?limit=100", "If-None-Match", header.Get("ETag"))
	if status != http.StatusNotModified || body != "" {
		t.Errorf("got %d %q, want 304 without a body", status, body)
	}
	if n := source.questions(); n != 1 {
		t.Errorf("the warehouse was asked %d times, want once", n)
	}
}

func TestFloatRefused(t *testing.T) {
	t.Parallel()
	source := &canned{results: map[string]func(Params) (*Result, error){
		"dashboard/aov_by_tier": rows([]string{"revenue"}, []any{0.1}),
		"dashboard/summary":     func(Params) (*Result, error) { return nil, errTooManyRows },
		"dashboard/geography":   func(Params) (*Result, error) { return nil, errors.New("no") },
	}}
	base, _ := serve(t, source)
	if status, _, body := get(t, base+apiRoot+"aov-by-tier"); status != http.StatusServiceUnavailable {
		t.Errorf("a float passed: %d %s", status, body)
	}
	if status, _, body := get(t, base+apiRoot+"summary"); status != http.StatusBadRequest || !strings.Contains(body, "result_too_large") {
		t.Errorf("too many rows: %d %s", status, body)
	}
	// A failure is not kept.
	before := source.questions()
	get(t, base+apiRoot+"geography")
	get(t, base+apiRoot+"geography")
	if n := source.questions() - before; n != 2 {
		t.Errorf("a failed question was asked %d times in two requests", n)
	}
}

func FuzzRequest(f *testing.F) {
	f.Add("from=2026-11-01&to=2026-11-02&limit=5&page_token=" + cursor{time: testNow, id: "x"}.String())
	f.Add("from=%ff&to=2026-11-01T00:00:00+25:00")
	f.Fuzz(func(t *testing.T, query string) {
		for i := range datasets {
			d := &datasets[i]
			r, p := parseRequest(d, query, testNow, 366*day)
			if p != nil {
				continue
			}
			if !r.from.Before(r.to) || r.to.Sub(r.from) > 366*day || r.limit > d.maxLimit {
				t.Fatalf("%s?%s: accepted %+v", d.path, query, r)
			}
			if r.before.id != "" {
				if again, ok := parseCursor(r.before.String()); !ok || again != r.before {
					t.Fatalf("cursor %+v reads as %+v", r.before, again)
				}
			}
		}
	})
}

package reporting

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/dataset"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query/querytest"
)

// hostile is a name as an attacker or a cheerful customer would choose it.
const hostile = `<img src=x onerror=alert(1)>&"' שלום 🎉` + "\u2028\n"

func TestDatasets(t *testing.T) {
	t.Parallel()
	hour := time.Date(2026, 11, 1, 11, 0, 0, 0, time.UTC)
	source := &querytest.Canned{Results: map[string]func(query.Params) (*query.Result, error){
		"dashboard/orders_per_hour": querytest.Rows([]string{"metric_hour", "total_orders", "total_revenue", "avg_order_value"},
			[]any{hour, int64(3), querytest.Numeric(t, "123456789012345678901234567.123456789"), querytest.Numeric(t, "41.1")}),
		"dashboard/category_revenue":          querytest.Rows([]string{"category", "revenue"}, []any{hostile, querytest.Numeric(t, "-0.5")}),
		"dashboard/category_revenue_filtered": querytest.Rows([]string{"category"}),
		"dashboard/orders_per_hour_filtered":  querytest.Rows([]string{"metric_hour"}),
		"dashboard/summary":                   querytest.Rows([]string{"orders"}, []any{int64(1)}),
		"dashboard/file":                      querytest.Rows([]string{"file_id", "parse_id", "landed_at"}, []any{"f", "p", hour}),
		"dashboard/record":                    querytest.Rows([]string{"payload"}, []any{append([]byte{0xff}, make([]byte, dataset.MaxPayload)...)}),
		"dashboard/record_findings":           querytest.Rows([]string{"check_type"}),
		"dashboard/file_refused":              querytest.Rows([]string{"record_index"}, []any{int64(7)}, []any{int64(9)}),
		"dashboard/aov_by_tier":               querytest.Rows([]string{"customer_tier"}),
		"dashboard/aov_by_tier_filtered":      querytest.Rows([]string{"customer_tier"}, []any{"gold"}),
		"dashboard/summary_filtered":          querytest.Rows([]string{"orders"}, []any{int64(2)}),
		"dashboard/geography":                 querytest.Rows([]string{"state"}, []any{nil}),
		"dashboard/quality_timeline":          querytest.Rows([]string{"step"}),
		"dashboard/quality_rules":             querytest.Rows([]string{"check_type"}, []any{"invalid_csv"}, []any{"no_such_rule"}),
		"dashboard/quality_findings":          querytest.Rows([]string{"check_timestamp", "check_id"}, []any{hour, "c1"}),
	}}
	base, _ := serve(t, source)
	const head = `"time_zone":"UTC","currency":"USD","as_of":"2026-11-23T19:34:56Z"`
	const month = `{"period":{"from":"2026-10-24T00:00:00Z","to":"2026-11-24T00:00:00Z"},` + head
	compared := func(from, to string) string {
		return strings.Replace(month, `,"time_zone"`, `,"previous_period":{"from":"`+from+`","to":"`+to+`"},"time_zone"`, 1)
	}
	const oneHour = `{"metric_hour":"2026-11-01T11:00:00Z","total_orders":3,"total_revenue":"123456789012345678901234567.123456789","avg_order_value":"41.10"}`
	for _, tt := range []struct{ name, query, want string }{
		{"exact money", "orders-per-hour?compare=none", month + `,"rows":[` + oneHour + `]}`},
		{"hours before, as many as have begun", "orders-per-hour", compared("2026-09-23T00:00:00Z", "2026-10-23T20:00:00Z") + `,"rows":[` + oneHour + `],"previous":[` + oneHour + `]}`},
		{"hours of the same weekdays", "orders-per-hour?compare=weekdays", compared("2026-09-19T00:00:00Z", "2026-10-19T20:00:00Z") + `,"rows":[` + oneHour + `],"previous":[` + oneHour + `]}`},
		{"hours of last year", "orders-per-hour?compare=year", compared("2025-10-25T00:00:00Z", "2025-11-24T20:00:00Z") + `,"rows":[` + oneHour + `],"previous":[` + oneHour + `]}`},
		{"summary of last year", "summary?compare=year", compared("2025-10-25T00:00:00Z", "2025-11-24T19:34:56Z") + `,"rows":[{"orders":1}],"previous":[{"orders":1}]}`},
		{"summary compared with nothing", "summary?compare=none", month + `,"rows":[{"orders":1}]}`},
		{"hostile name", "category-revenue", month + `,"rows":[{"category":"\u003cimg src=x onerror=alert(1)\u003e\u0026\"' שלום 🎉\u2028\n","revenue":"-0.50"}],"totals":[]}`},
		{"no rows", "aov-by-tier", month + `,"rows":[],"totals":[]}`},
		{"null", "geography?limit=1", month + `,"rows":[{"state":null}],"totals":[]}`},
		{"widened to hours", "aov-by-tier?from=2026-11-01T11:30:00Z&to=2026-11-01T13:00:01%2B01:00", `{"period":{"from":"2026-11-01T11:00:00Z","to":"2026-11-01T13:00:00Z"},` + head + `,"rows":[{"customer_tier":"gold"}],"totals":[]}`},
		{"parts of days", "category-revenue?from=2026-11-01T11:30:00Z&to=2026-11-02T01:00:00Z", `{"period":{"from":"2026-11-01T11:00:00Z","to":"2026-11-02T01:00:00Z"},` + head + `,"rows":[],"totals":[]}`},
		{"filtered categories", "category-revenue?tier=gold", month + `,"rows":[],"totals":[]}`},
		{"filtered hours", "orders-per-hour?status=other", compared("2026-09-23T00:00:00Z", "2026-10-23T20:00:00Z") + `,"rows":[],"previous":[]}`},
		{"period before", "summary?from=2026-11-23&to=2026-11-23", `{"period":{"from":"2026-11-23T00:00:00Z","to":"2026-11-24T00:00:00Z"},"previous_period":{"from":"2026-11-22T00:00:00Z","to":"2026-11-22T19:34:56Z"},` + head + `,"rows":[{"orders":1}],"previous":[{"orders":1}]}`},
		{"begins within a day", "summary?from=2026-11-23T01:00:00Z&to=2026-11-23", `{"period":{"from":"2026-11-23T01:00:00Z","to":"2026-11-24T00:00:00Z"},"previous_period":{"from":"2026-11-22T02:00:00Z","to":"2026-11-22T20:34:56Z"},` + head + `,"rows":[{"orders":2}],"previous":[{"orders":2}]}`},
		{"filtered summary", "summary?from=2026-11-22&to=2026-11-22&tier=gold", `{"period":{"from":"2026-11-22T00:00:00Z","to":"2026-11-23T00:00:00Z"},"previous_period":{"from":"2026-11-21T00:00:00Z","to":"2026-11-22T00:00:00Z"},` + head + `,"rows":[{"orders":2}],"previous":[{"orders":2}]}`},
		{"refused records", "files/f/refused?limit=1", `{` + head + `,"next_page_token":"NyA","rows":[{"record_index":7}]}`},
		{"record's bytes", "files/f/records/3", `{` + head + `,"rows":[{"payload":"/w` + strings.Repeat("A", (dataset.MaxPayload+2)/3*4-4) + `==","payload_bytes":65537}],"findings":[]}`},
		{"last day included", "aov-by-tier?from=2026-11-01&to=2026-11-01", `{"period":{"from":"2026-11-01T00:00:00Z","to":"2026-11-02T00:00:00Z"},` + head + `,"rows":[],"totals":[]}`},
		{"rules explained", "quality", strings.Replace(month, `"time_zone"`, `"step_from":"2026-10-24T00:00:00Z","step_seconds":86400,"time_zone"`, 1) + `,"rules":[{"check_type":"invalid_csv","meaning":"The row has another number of columns than the header, or its quotes do not match.","remedy":"Quote the fields that hold commas, quotes or line breaks; send the row, which v_rejected_records keeps, in a new file with pipelinectl upload."},{"check_type":"no_such_rule","meaning":null,"remedy":null}],"timeline":[],"rows":[{"check_timestamp":"2026-11-01T11:00:00Z","check_id":"c1"}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, header, body := get(t, base+answer.Root+tt.query)
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
	base, _ := serve(t, &querytest.Canned{})
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
		{"limit 0", "GET", "top-products?limit=0", 400, `{"error":{"code":"invalid_parameter","message":"limit must be a whole number from 1 to 1000.","parameter":"limit"}}`},
		{"limit too high", "GET", "top-products?limit=1001", 400, `{"error":{"code":"invalid_parameter","message":"limit must be`},
		{"limit overflows", "GET", "files?limit=99999999999999999999", 400, `{"error":{"code":"invalid_parameter","message":"limit must be`},
		{"token", "GET", "files?page_token=%00%ff", 400, `{"error":{"code":"invalid_parameter","message":"page_token must be the next_page_token of an earlier answer.","parameter":"page_token"}}`},
		{"broken escape", "GET", "files?page_token=%zz", 400, `{"error":{"code":"invalid_query","message":"The query string is not well formed."}}`},
		{"no such status", "GET", "summary?status=paid", 400, `{"error":{"code":"invalid_parameter","message":"status must be one of completed, pending, failed, refunded, partially_refunded, cancelled, other.","parameter":"status"}}`},
		{"status elsewhere", "GET", "files?status=failed", 400, `{"error":{"code":"invalid_parameter","message":"This endpoint has no such parameter.","parameter":"status"}}`},
		{"rank", "GET", "top-products?rank_by=units", 400, `{"error":{"code":"invalid_parameter","message":"rank_by must be one of revenue, total_revenue, completed_revenue.","parameter":"rank_by"}}`},
		{"comparison", "GET", "summary?compare=decade", 400, `{"error":{"code":"invalid_parameter","message":"compare must be one of previous, weekdays, year, none.","parameter":"compare"}}`},
		{"comparison elsewhere", "GET", "geography?compare=year", 400, `{"error":{"code":"invalid_parameter","message":"This endpoint has no such parameter.","parameter":"compare"}}`},
		{"filter too long", "GET", "summary?category=" + strings.Repeat("x", 4097), 400, `{"error":{"code":"invalid_parameter","message":"category must not be longer than 4096 bytes.","parameter":"category"}}`},
		{"filter not text", "GET", "summary?region=%ff", 400, `{"error":{"code":"invalid_parameter","message":"region must be UTF-8 text without NUL characters.","parameter":"region"}}`},
		{"record", "GET", "files/f/records/-1", 400, `{"error":{"code":"invalid_parameter","message":"record_index must be a whole number from 0.","parameter":"record_index"}}`},
		{"period of a file", "GET", "files/f?from=2026-11-01", 400, `{"error":{"code":"invalid_parameter","message":"This endpoint has no such parameter.","parameter":"from"}}`},
		{"parameter of services", "GET", "services?a=1", 400, `{"error":{"code":"invalid_parameter","message":"This endpoint has no such parameter.","parameter":"a"}}`},
		{"no endpoint", "GET", "nothing", 404, `{"error":{"code":"not_found","message":"There is no such endpoint."}}`},
		{"write", "DELETE", "files", 405, `{"error":{"code":"method_not_allowed","message":"This endpoint is only read."}}`},
		{"warehouse fails", "GET", "summary", 503, `{"error":{"code":"warehouse_unavailable","message":"The warehouse did not answer. Try again in a moment."}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, header, body := do(t, tt.method, base+answer.Root+tt.path)
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
	source := &querytest.Canned{Results: map[string]func(query.Params) (*query.Result, error){
		"dashboard/files": querytest.Rows([]string{"file_id", "loaded_at"}, []any{"c", at}, []any{"b", at}, []any{"a", at}),
	}}
	base, _ := serve(t, source)
	_, _, body := get(t, base+answer.Root+"files?limit=2")
	token := answer.TimeCursor(at, "b").String()
	want := `"next_page_token":"` + token + `","rows":[{"file_id":"c","loaded_at":"2026-11-01T11:00:00.000123Z"},{"file_id":"b","loaded_at":"2026-11-01T11:00:00.000123Z"}]}`
	if !strings.HasSuffix(body, want+"\n") {
		t.Errorf("got %s, want it to end with %s", body, want)
	}
	if status, _, body := get(t, base+answer.Root+"files?limit=3&search="+url.QueryEscape(hostile)+"&page_token="+token); status != 200 || strings.Contains(body, "next_page_token") {
		t.Errorf("last page: %d %s", status, body)
	}
	var none bigquery.NullString
	wantParams := query.Params{
		"from_time": time.Date(2026, 10, 24, 0, 0, 0, 0, time.UTC), "to_time": time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC),
		"from_date": civil.Date{Year: 2026, Month: 10, Day: 24}, "to_date": civil.Date{Year: 2026, Month: 11, Day: 23}, "oldest_date": civil.Date{Year: 1970, Month: 1, Day: 1},
		"before_time": at, "before_id": "b", "after_index": at.UnixMicro(), "page_size": int64(4), "file_id": "", "order_id": "", "product_id": "", "customer_id": "", "record_index": int64(0), "step_from": time.Date(2026, 10, 24, 0, 0, 0, 0, time.UTC), "step_seconds": int64(86400),
		"category": none, "region": none, "state": none, "tier": none, "status": none, "kind": none, "verdict": none,
		"search": bigquery.NullString{StringVal: hostile, Valid: true}, "rule": none, "severity": none, "file": none, "rank_by": "revenue", "step": none, "compare": none, "hours": false, "changes": false, "moment": time.Time{},
	}
	if diff := cmp.Diff(wantParams, source.LastParams()); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}

func TestRevalidation(t *testing.T) {
	t.Parallel()
	source := &querytest.Canned{Results: map[string]func(query.Params) (*query.Result, error){"dashboard/aov_by_tier": querytest.Rows([]string{"customer_tier"})}}
	base, _ := serve(t, source)
	_, header, _ := get(t, base+answer.Root+"aov-by-tier")
	status, _, body := get(t, base+answer.Root+"aov-by-tier?limit=100", "If-None-Match", header.Get("ETag"))
	if status != http.StatusNotModified || body != "" {
		t.Errorf("got %d %q, want 304 without a body", status, body)
	}
	if n := source.Questions(); n != 1 {
		t.Errorf("the warehouse was asked %d times, want once", n)
	}
}

func TestFloatRefused(t *testing.T) {
	t.Parallel()
	source := &querytest.Canned{Results: map[string]func(query.Params) (*query.Result, error){
		"dashboard/aov_by_tier": querytest.Rows([]string{"revenue"}, []any{0.1}),
		"dashboard/summary":     func(query.Params) (*query.Result, error) { return nil, query.ErrTooManyRows },
		"dashboard/geography":   func(query.Params) (*query.Result, error) { return nil, errors.New("no") },
	}}
	base, _ := serve(t, source)
	if status, _, body := get(t, base+answer.Root+"aov-by-tier"); status != http.StatusServiceUnavailable {
		t.Errorf("a float passed: %d %s", status, body)
	}
	if status, _, body := get(t, base+answer.Root+"summary"); status != http.StatusBadRequest || !strings.Contains(body, "result_too_large") {
		t.Errorf("too many rows: %d %s", status, body)
	}
	// A failure is not kept.
	before := source.Questions()
	get(t, base+answer.Root+"geography")
	get(t, base+answer.Root+"geography")
	if n := source.Questions() - before; n != 2 {
		t.Errorf("a failed question was asked %d times in two requests", n)
	}
}

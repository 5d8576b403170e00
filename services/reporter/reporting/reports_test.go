package reporting

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query/querytest"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/reports"
)

// objects are Files in memory.
type objects map[string]string

func (o objects) Open(_ context.Context, name string) (*reports.File, error) {
	content, ok := o[name]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	return &reports.File{ReadCloser: io.NopCloser(strings.NewReader(content)), Size: int64(len(content)), Modified: testNow, Generation: 7}, nil
}

// daysOfReports answers as the warehouse does for runs of n days before testNow, and
// with three rows of churn-risk.
func daysOfReports(t *testing.T, n int) *querytest.Canned {
	t.Helper()
	today := civil.DateOf(testNow)
	runs := func(p query.Params) (*query.Result, error) {
		r := &query.Result{Columns: []string{"report_date", "report", "row_count", "data_through", "parameters"}}
		from, to := p["from_date"].(civil.Date), p["to_date"].(civil.Date)
		dates := int64(0)
		for i := range n {
			date := today.AddDays(-i)
			if date.Before(from) || date.After(to) || dates == p["page_size"] {
				continue
			}
			dates++
			through := date.AddDays(1).In(time.UTC)
			if i == 0 {
				through = testNow
			}
			for _, report := range []string{"churn-risk", "data-quality", "of-a-later-release"} {
				if p["report"] == nil || p["report"] == report {
					r.Rows = append(r.Rows, []any{date, report, int64(3), through, "CHURN_AFTER_DAYS=30"})
				}
			}
		}
		return r, nil
	}
	return &querytest.Canned{Results: map[string]func(query.Params) (*query.Result, error){
		"reports/read_runs": runs,
		"reports/read_newest_run": func(p query.Params) (*query.Result, error) {
			p["page_size"] = int64(1)
			return runs(p)
		},
		"reports/read_churn_risk": func(p query.Params) (*query.Result, error) {
			r := &query.Result{Columns: []string{"position", "customer_name", "risk_score"}}
			for i := p["after_position"].(int64) + 1; i <= min(3, p["after_position"].(int64)+p["page_size"].(int64)); i++ {
				r.Rows = append(r.Rows, []any{i, "=<b>", querytest.Numeric(t, "0.9876")})
			}
			return r, nil
		},
	}}
}

// reportedDate is a date in the list of reports.
type reportedDate struct {
	Date        string         `json:"date"`
	DataThrough string         `json:"data_through"`
	Complete    bool           `json:"complete"`
	Page        string         `json:"page"`
	Reports     []listedReport `json:"reports"`
}

type listedReport struct {
	Report string `json:"report"`
	Title  string `json:"title"`
	Rows   int64  `json:"rows"`
	CSV    string `json:"csv"`
}

func TestReportsAreListedByDate(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, daysOfReports(t, 3))
	type answer struct {
		NextPageToken string         `json:"next_page_token"`
		Rows          []reportedDate `json:"rows"`
	}
	var pages [][]reportedDate
	for token := ""; ; {
		status, _, body := get(t, base+"/api/v1/reports?limit=2&page_token="+token)
		if token == "" {
			status, _, body = get(t, base+"/api/v1/reports?limit=2")
		}
		var a answer
		if err := json.Unmarshal([]byte(body), &a); err != nil || status != http.StatusOK {
			t.Fatalf("%d %v: %s", status, err, body)
		}
		pages = append(pages, a.Rows)
		if token = a.NextPageToken; token == "" {
			break
		}
	}
	day := func(date, through string, complete bool) reportedDate {
		return reportedDate{date, through, complete, "/reports/" + date + "/index.html", []listedReport{
			{"churn-risk", "Customer churn risk", 3, "/reports/" + date + "/churn-risk.csv"},
			{"data-quality", "Data quality audit", 3, "/reports/" + date + "/data-quality.csv"},
		}}
	}
	want := [][]reportedDate{
		{day("2026-11-23", "2026-11-23T19:34:56Z", false), day("2026-11-22", "2026-11-23T00:00:00Z", true)},
		{day("2026-11-21", "2026-11-22T00:00:00Z", true)},
	}
	if diff := cmp.Diff(want, pages); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	base, _ = serve(t, daysOfReports(t, 0))
	if status, _, body := get(t, base+"/api/v1/reports"); status != http.StatusOK || !strings.Contains(body, `"rows":[]`) {
		t.Errorf("no reports: %d %s", status, body)
	}
}

func TestReportRowsArePaged(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, daysOfReports(t, 3))
	// The newest date, in two pages.
	type reply struct {
		Date, Report, Title, Parameters string
		Complete                        bool
		RowCount                        int64            `json:"row_count"`
		NextPageToken                   string           `json:"next_page_token"`
		Rows                            []map[string]any `json:"rows"`
	}
	row := func(position float64) map[string]any {
		return map[string]any{"position": position, "customer_name": "=<b>", "risk_score": "0.9876"}
	}
	head := reply{Date: "2026-11-23", Report: "churn-risk", Title: "Customer churn risk", Parameters: "CHURN_AFTER_DAYS=30", RowCount: 3}
	first, second := head, head
	first.NextPageToken = answer.TimeCursor(civil.DateOf(testNow).In(time.UTC), "2").String()
	first.Rows, second.Rows = []map[string]any{row(1), row(2)}, []map[string]any{row(3)}
	for query, want := range map[string]reply{
		"?limit=2": first,
		"?limit=2&page_token=" + first.NextPageToken:                 second,
		"?limit=2&date=2026-11-23&page_token=" + first.NextPageToken: second,
	} {
		status, headers, body := get(t, base+"/api/v1/reports/churn-risk"+query)
		var got reply
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %v: %s", query, status, err, body)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
		if headers.Get("Content-Security-Policy") != service.Policy || headers.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", query, headers)
		}
	}
}

// TestReportsAreKept: looking at the reports again costs no query, and files that
// complete change nothing about them.
func TestReportsAreKept(t *testing.T) {
	t.Parallel()
	source := daysOfReports(t, 3)
	base, h := serve(t, source)
	paths := []string{"/api/v1/reports?limit=2", "/api/v1/reports/churn-risk?limit=2", "/api/v1/reports/churn-risk?limit=2&date=2026-11-22"}
	answers := make(map[string]string)
	for _, path := range paths {
		before := source.Questions()
		_, _, answers[path] = get(t, base+path)
		if source.Questions() == before {
			t.Errorf("%s: answered without a question", path)
		}
	}
	expect := stream(t, base)
	expect("retry: ")
	expect("event: hello")
	expect("data: ")
	completes(t, h, &pipelinev1.FileCompleted{})
	expect("event: refresh")
	before := source.Questions()
	for _, path := range paths {
		status, headers, body := get(t, base+path)
		if status != http.StatusOK || body != answers[path] {
			t.Errorf("%s: %d %s, first it was %s", path, status, body, answers[path])
		}
		if status, _, body := get(t, base+path, "If-None-Match", headers.Get("ETag")); status != http.StatusNotModified || body != "" {
			t.Errorf("%s asked again: %d %q", path, status, body)
		}
	}
	if n := source.Questions(); n != before {
		t.Errorf("%d questions about what is known", n-before)
	}
	source.Modify(testNow) // a report was made
	for _, path := range paths {
		before := source.Questions()
		get(t, base+path)
		if source.Questions() == before {
			t.Errorf("%s: the answer from before the run", path)
		}
	}
}

func TestReportsRefuseWrongRequests(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, daysOfReports(t, 3))
	token := answer.TimeCursor(civil.DateOf(testNow).In(time.UTC), "2").String()
	for _, tt := range []struct {
		name, method, path string
		status             int
		code, parameter    string
	}{
		{"unknown parameter", "GET", "/api/v1/reports?from=2026-11-01", 400, "invalid_parameter", "from"},
		{"a date for the list", "GET", "/api/v1/reports?date=2026-11-01", 400, "invalid_parameter", "date"},
		{"twice", "GET", "/api/v1/reports?limit=1&limit=2", 400, "invalid_parameter", "limit"},
		{"no limit", "GET", "/api/v1/reports?limit=0", 400, "invalid_parameter", "limit"},
		{"too many dates", "GET", "/api/v1/reports?limit=367", 400, "invalid_parameter", "limit"},
		{"too many rows", "GET", "/api/v1/reports/churn-risk?limit=1001", 400, "invalid_parameter", "limit"},
		{"not well formed", "GET", "/api/v1/reports?%zz", 400, "invalid_query", ""},
		{"no token", "GET", "/api/v1/reports?page_token=x", 400, "invalid_parameter", "page_token"},
		{"a token of files", "GET", "/api/v1/reports?page_token=" + answer.TimeCursor(testNow, "file").String(), 400, "invalid_parameter", "page_token"},
		{"a token of another date", "GET", "/api/v1/reports/churn-risk?date=2026-11-22&page_token=" + token, 400, "invalid_parameter", "page_token"},
		{"no date", "GET", "/api/v1/reports/churn-risk?date=2026-02-30", 400, "invalid_parameter", "date"},
		{"unknown report", "GET", "/api/v1/reports/weather", 404, "not_found", ""},
		{"a report of no date", "GET", "/api/v1/reports/inventory-alerts", 404, "not_found", ""},
		{"another date", "GET", "/api/v1/reports/churn-risk?date=2020-01-01", 404, "not_found", ""},
		{"another method", "POST", "/api/v1/reports", 405, "method_not_allowed", ""},
		{"another method for rows", "DELETE", "/api/v1/reports/churn-risk", 405, "method_not_allowed", ""},
		{"a warehouse that fails", "GET", "/api/v1/reports/data-quality", 503, "warehouse_unavailable", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, headers, body := do(t, tt.method, base+tt.path)
			var answer struct {
				Error struct{ Code, Message, Parameter string }
			}
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			if status != tt.status || answer.Error.Code != tt.code || answer.Error.Parameter != tt.parameter || answer.Error.Message == "" {
				t.Errorf("got %d %s", status, body)
			}
			if headers.Get("Cache-Control") != "no-store" {
				t.Errorf("may be kept: %v", headers)
			}
		})
	}
}

func TestReportFiles(t *testing.T) {
	t.Parallel()
	base := serveFiles(t, objects{
		"reports/2026-11-22/index.html":     "<!DOCTYPE html>page",
		"reports/2026-11-22/churn-risk.csv": "report_date\r\n",
		"reports/2026-11-22/secret.txt":     "no report",
		"landing/orders/a.json":             "no report",
	})
	status, headers, body := get(t, base+"/reports/2026-11-22/index.html")
	if status != http.StatusOK || body != "<!DOCTYPE html>page" {
		t.Errorf("page: %d %q", status, body)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": reports.Policy, "X-Content-Type-Options": "nosniff",
		"X-Frame-Options": "DENY", "Content-Length": "19", "Content-Disposition": "", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache",
	} {
		if got := headers.Get(name); got != want {
			t.Errorf("page: %s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(reports.Policy, "script") {
		t.Error("the policy speaks of scripts, and there are none")
	}
	status, headers, body = get(t, base+"/reports/2026-11-22/churn-risk.csv")
	if status != http.StatusOK || body != "report_date\r\n" {
		t.Errorf("CSV: %d %q", status, body)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/csv; charset=utf-8; header=present", "Content-Disposition": "attachment; filename=2026-11-22-churn-risk.csv",
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": service.Policy,
	} {
		if got := headers.Get(name); got != want {
			t.Errorf("CSV: %s is %q, want %q", name, got, want)
		}
	}
	if status, _, body := get(t, base+"/reports/2026-11-22/churn-risk.csv", "If-None-Match", headers.Get("ETag")); status != http.StatusNotModified || body != "" {
		t.Errorf("asked again: %d %q", status, body)
	}
	if status, headers, body := do(t, http.MethodHead, base+"/reports/2026-11-22/index.html"); status != http.StatusOK || body != "" || headers.Get("Content-Length") != "19" {
		t.Errorf("HEAD: %d %q %v", status, body, headers)
	}
	for _, path := range []string{
		"/reports/2026-11-23/index.html", "/reports/2026-11-22/data-quality.csv", "/reports/2026-11-22/secret.txt", "/reports/2026-11-22/",
		"/reports/2026-11-22/..%2F..%2Flanding%2Forders%2Fa.json", "/reports/..%2Flanding%2Forders/a.json", "/reports/2026-1-1/index.html",
		"/reports/2026-11-22/index.html/", "/reports/", "/reports/2026-11-22/churn_risk.csv", "/reports/2026-11-22/.csv",
	} {
		if status, _, _ := get(t, base+path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _, _ := do(t, http.MethodPost, base+"/reports/2026-11-22/index.html"); status != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", status)
	}
}

// failing Files tell nothing of the bucket to the client.
type failing struct{}

func (failing) Open(context.Context, string) (*reports.File, error) {
	return nil, fmt.Errorf("bucket of the project: permission denied")
}

func TestReportFilesOfABrokenBucket(t *testing.T) {
	t.Parallel()
	base := serveFiles(t, failing{})
	status, headers, body := get(t, base+"/reports/2026-11-22/index.html")
	if status != http.StatusServiceUnavailable || headers.Get("Retry-After") == "" || bytes.Contains([]byte(body), []byte("permission")) {
		t.Errorf("%d %v %s", status, headers, body)
	}
}

// TestMorningIsOfTheNewestDayThatIsOver: a day that is named is that one.
func TestMorningIsOfTheNewestDayThatIsOver(t *testing.T) {
	t.Parallel()
	warehouse := daysOfReports(t, 3)
	row := func(columns ...string) func(query.Params) (*query.Result, error) {
		return func(p query.Params) (*query.Result, error) {
			return &query.Result{Columns: append(columns, "of"), Rows: [][]any{append(make([]any, len(columns)), p["report_date"])}}, nil
		}
	}
	for _, name := range []string{"days", "anomalies", "health"} {
		warehouse.Results["reports/read_morning_"+name] = row()
	}
	warehouse.Results["reports/read_inventory_alerts"] = func(query.Params) (*query.Result, error) {
		return &query.Result{Columns: []string{"alert"}, Rows: [][]any{{"low_cover"}, {"unknown_product"}}}, nil
	}
	warehouse.Results["reports/read_churn_risk"] = func(query.Params) (*query.Result, error) {
		return &query.Result{Columns: []string{"segment"}, Rows: [][]any{{"repeat"}, {"one_time"}}}, nil
	}
	base, _ := serve(t, warehouse)
	yesterday := civil.DateOf(testNow).AddDays(-1)
	for path, want := range map[string]civil.Date{
		"morning": yesterday, "morning?date=" + yesterday.AddDays(-1).String(): yesterday.AddDays(-1), "morning?date=" + yesterday.AddDays(1).String(): yesterday.AddDays(1),
	} {
		status, _, body := get(t, base+answer.Root+path)
		var got struct {
			Date      string              `json:"date"`
			Complete  bool                `json:"complete"`
			Days      []map[string]string `json:"days"`
			StockOuts []map[string]string `json:"stock_outs"`
			Customers []map[string]string `json:"customers"`
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %v: %s", path, status, err, body)
		}
		if got.Date != want.String() || got.Complete != (want != yesterday.AddDays(1)) || len(got.Days) != 1 || got.Days[0]["of"] != want.String() {
			t.Errorf("%s: %+v, want %s", path, got, want)
		}
		if len(got.StockOuts) != 1 || got.StockOuts[0]["alert"] != "low_cover" || len(got.Customers) != 1 || got.Customers[0]["segment"] != "repeat" {
			t.Errorf("%s: products %v, customers %v", path, got.StockOuts, got.Customers)
		}
	}
	for path, want := range map[string]int{"morning?date=1999-01-01": http.StatusNotFound, "morning?date=yesterday": http.StatusBadRequest, "morning?limit=3": http.StatusBadRequest} {
		if status, _, body := get(t, base+answer.Root+path); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

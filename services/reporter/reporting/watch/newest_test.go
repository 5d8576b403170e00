package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query/querytest"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// The gauge tells the process's start until a complete set of reports is known, and
// keeps what it knows when the warehouse does not answer.
func TestNewestReports(t *testing.T) {
	t.Parallel()
	const statement, audit = "reports/read_newest_complete", "reports/read_broken_expectations"
	testNow := time.Date(2026, 11, 23, 19, 34, 56, 0, time.UTC)
	through := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	columns := []string{"report_date", "data_through", "has_expectations"}
	none := querytest.Rows(columns)
	made := querytest.Rows(columns, []any{civil.Date{Year: 2026, Month: 11, Day: 22}, through, true})
	without := querytest.Rows(columns, []any{civil.Date{Year: 2026, Month: 11, Day: 22}, through, false})
	fails := func(query.Params) (*query.Result, error) { return nil, errors.New("the warehouse does not answer") }
	source := &querytest.Canned{Results: map[string]func(query.Params) (*query.Result, error){}}
	host, err := service.Start("reporter", "127.0.0.1:0", slog.New(slog.DiscardHandler), telemetry.Tracing{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	newest, err := NewNewestReports(host.Runtime(), source, calendar.UTC, 10*time.Second, func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	expect := func(when, want string, warnings, errors int) {
		t.Helper()
		resp, err := http.Get("http://" + host.Addr() + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || !strings.Contains(string(text), "\nreporter_reports_newest_seconds "+want+"\n") {
			t.Errorf("%s: no reporter_reports_newest_seconds %s, error %v", when, want, err)
		}
		for severity, n := range map[string]int{"warning": warnings, "error": errors} {
			if line := fmt.Sprintf("\nreporter_expectations_broken{severity=%q} %d\n", severity, n); !strings.Contains(string(text), line) {
				t.Errorf("%s: no %s", when, line)
			}
		}
	}
	expect("at the start", "1.795462496e+09", 0, 0)
	for _, step := range []struct {
		when   string
		answer func(query.Params) (*query.Result, error)
		audit  func(query.Params) (*query.Result, error)
		want   string
		broken [2]int
	}{
		{"no report", none, fails, "1.795462496e+09", [2]int{}},
		{"reports of yesterday", made, fails, "1.795392e+09", [2]int{}},
		{"their audit", made, querytest.Rows([]string{"warnings", "errors"}, []any{int64(3), int64(2)}), "1.795392e+09", [2]int{3, 2}},
		{"no answer", fails, fails, "1.795392e+09", [2]int{3, 2}},
		{"no expectations", without, fails, "1.795392e+09", [2]int{}},
		{"its audit again", made, querytest.Rows([]string{"warnings", "errors"}, []any{int64(1), int64(4)}), "1.795392e+09", [2]int{1, 4}},
		{"it is mended", made, querytest.Rows([]string{"warnings", "errors"}, []any{int64(0), int64(0)}), "1.795392e+09", [2]int{}},
	} {
		source.Results[statement], source.Results[audit] = step.answer, step.audit
		newest.look(t.Context())
		expect(step.when, step.want, step.broken[0], step.broken[1])
	}
	if p := source.LastParams(); p["report_date"] != (civil.Date{Year: 2026, Month: 11, Day: 22}) {
		t.Errorf("asked for %v", p)
	}

	// run asks at once, and again and again.
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{})
	source.Results[statement] = func(query.Params) (*query.Result, error) {
		select {
		case asked <- struct{}{}:
		case <-ctx.Done():
		}
		return fails(nil)
	}
	var running sync.WaitGroup
	running.Go(func() { newest.Run(ctx, time.Millisecond) })
	for range 3 {
		select {
		case <-asked:
		case <-time.After(10 * time.Second):
			t.Error("the reports are not looked at again")
		}
	}
	cancel()
	running.Wait()
}

// A set is complete if it has as many reports as a day gets.
func TestCompleteIsAllReports(t *testing.T) {
	t.Parallel()
	s, err := sql.Find("reports/read_newest_complete")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("COUNT(DISTINCT r.report) = %d\n", len(daily.Reports())); !strings.Contains(s.Text, want) {
		t.Errorf("the statement does not ask for %q", want)
	}
}

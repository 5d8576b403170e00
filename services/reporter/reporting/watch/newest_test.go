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
	const statement = "reports/read_newest_complete"
	testNow := time.Date(2026, 11, 23, 19, 34, 56, 0, time.UTC)
	through := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	columns := []string{"report_date", "data_through"}
	none := querytest.Rows(columns)
	made := querytest.Rows(columns, []any{civil.Date{Year: 2026, Month: 11, Day: 22}, through})
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
	expect := func(when, want string) {
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
	}
	expect("at the start", "1.795462496e+09")
	for _, step := range []struct {
		when   string
		answer func(query.Params) (*query.Result, error)
		want   string
	}{
		{"no report", none, "1.795462496e+09"},
		{"reports of yesterday", made, "1.795392e+09"},
		{"no answer", fails, "1.795392e+09"},
	} {
		source.Results[statement] = step.answer
		newest.look(t.Context())
		expect(step.when, step.want)
	}
	if p := source.LastParams(); p["to_date"] != (civil.Date{Year: 2026, Month: 11, Day: 23}) {
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

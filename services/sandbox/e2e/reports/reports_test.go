package reports

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/oracle"
)

// TestDailyReports lands five months of orders with hostile names, makes the reports
// of two dates, and holds tables, files and API against the model.
func TestDailyReports(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	history, today := harness.LandHistory(t, p)
	// The clock says tomorrow, so that today is over and its files and findings count.
	now := today.AddDate(0, 0, 1).Add(time.Hour)
	runner := p.Daily(t, func() time.Time { return now }, func(c *daily.Config) { c.TrendMaxSeries = 6 }) // so that smaller series are summed up

	dates := []time.Time{today.AddDate(0, 0, -1), today}
	for _, date := range dates {
		want := p.MakeAndCompare(t, runner, history, date)
		for id, sheet := range want {
			if len(sheet) == 0 {
				t.Errorf("%s of %s is empty: the test tests nothing", id, civil.DateOf(date))
			}
		}
		wantEdgeOfCover(t, want["inventory-alerts"])
	}
	if complete, err := runner.Complete(t.Context(), civil.DateOf(today)); err != nil || !complete {
		t.Errorf("today's reports complete: %v, %v", complete, err)
	}

	// Again, and four times at once: nothing changes, not even the objects' generations.
	before := p.ReportState(t)
	if err := runner.Make(t.Context(), civil.DateOf(today), nil); err != nil {
		t.Fatal(err)
	}
	var runs sync.WaitGroup
	for i := range 4 {
		runs.Go(func() {
			if err := runner.Make(t.Context(), civil.DateOf(dates[i%2]), nil); err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	if diff := cmp.Diff(before, p.ReportState(t)); diff != "" {
		t.Errorf("repeated runs change the reports (-before +after):\n%s", diff)
	}
	if err := runner.Make(t.Context(), civil.DateOf(today).AddDays(2), nil); err == nil {
		t.Error("reports of a day that has not begun were made")
	}
	p.CrashAndRepeat(t, runner, civil.DateOf(today), before)

	// Orders that come late: the date made again is as if they had been there.
	var late bytes.Buffer
	rnd := rand.New(rand.NewPCG(13, 21))
	for i := range 50 {
		late.Write(harness.HistoricOrder(t, rnd, today, 5000+i))
	}
	history.Add(t, p, "orders/late.json", late.Bytes())
	p.AwaitFiles(t, len(history.Sources))
	p.MakeAndCompare(t, runner, history, today)
	withLate := p.ReportState(t)
	if table := "report_churn_risk"; before[table] == withLate[table] {
		t.Error("late orders change nothing: the test tests nothing")
	}

	// Files that are read again, to the same facts: only the audit, which tells of files, may differ.
	p.BringBack(t, 2, "reprocess", p.FileID(t, "orders/orders_0.json"), p.FileID(t, "orders/orders_1.json"))
	p.MakeAndCompare(t, runner, history, today)
	after := p.ReportState(t)
	for _, table := range []string{"report_churn_risk", "report_inventory_alerts", "report_revenue_trends"} {
		if withLate[table] != after[table] {
			t.Errorf("files read again change %s:\n%s", table, cmp.Diff(withLate[table], after[table]))
		}
	}

	p.AuditUnknownTier(t, runner, civil.DateOf(today))
}

// wantEdgeOfCover holds that limits are compared with what lasts, not with what is
// shown: 977 units at 70 a day last 13.957 days, shown as 14.
func wantEdgeOfCover(t *testing.T, alerts oracle.Sheet) {
	t.Helper()
	got := make(map[string]string)
	for _, row := range alerts {
		get := func(name string) string { return row[slices.Index(harness.ReportColumns["inventory-alerts"], name)] }
		if id := get("product_id"); id == "P-EDGE" || id == "P-ENOUGH" {
			got[id] = get("demand_per_day") + " a day, " + get("days_of_cover") + " days: " + get("severity")
		}
	}
	if diff := cmp.Diff(map[string]string{"P-EDGE": "70 a day, 14 days: warning"}, got); diff != "" {
		t.Errorf("alerts at the edge (-want +got):\n%s", diff)
	}
}

// TestReportOfARunningDay says that the day is not over, and is replaced when it is;
// of a broken report it tells, and makes the others.
func TestReportOfARunningDay(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	now := time.Now().UTC().Truncate(time.Microsecond)
	runner := p.Daily(t, func() time.Time { return now })
	today := civil.DateOf(now)
	// An empty warehouse has reports, too.
	if err := runner.Make(t.Context(), today, nil); err != nil {
		t.Fatal(err)
	}
	if complete, err := runner.Complete(t.Context(), today); err != nil || complete {
		t.Errorf("a running day is complete: %v, %v", complete, err)
	}
	if page := p.Object(t, daily.ObjectName(today, daily.PageFile)); !strings.Contains(page, "The day was not over") {
		t.Error("the page does not say that the day was not over")
	}
	now = calendar.UTC.End(today)
	p.MustQuery(t, "DROP TABLE report_inventory_alerts")
	var steps []string
	err := runner.Make(t.Context(), today, func(s daily.Step) {
		steps = append(steps, fmt.Sprint(s.What, " ", s.Err == nil))
	})
	if err == nil || !strings.Contains(err.Error(), "inventory-alerts of "+today.String()) {
		t.Errorf("error of a broken report: %v", err)
	}
	if diff := cmp.Diff([]string{"churn-risk true", "inventory-alerts false", "revenue-trends true", "data-quality true", "files false"}, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	var list struct {
		Rows []struct {
			Date     string `json:"date"`
			Complete bool   `json:"complete"`
			Reports  []struct {
				Report string `json:"report"`
			} `json:"reports"`
		} `json:"rows"`
	}
	p.AskInto(t, "reports", &list)
	if len(list.Rows) != 1 || list.Rows[0].Date != today.String() || len(list.Rows[0].Reports) != 4 {
		t.Errorf("list of reports: %+v", list)
	}
}

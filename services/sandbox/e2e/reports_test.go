package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/model"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
)

// TestDailyReports lands five months of orders with hostile names, makes the reports
// of two dates, and holds tables, files and API against the model.
func TestDailyReports(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	history, today := landHistory(t, p)
	// The clock says tomorrow, so that today is over and its files and findings count.
	now := today.AddDate(0, 0, 1).Add(time.Hour)
	runner := p.daily(t, func() time.Time { return now }, func(c *daily.Config) { c.TrendMaxSeries = 6 }) // so that smaller series are summed up

	dates := []time.Time{today.AddDate(0, 0, -1), today}
	for _, date := range dates {
		want := p.makeAndCompare(t, runner, history, date)
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
	before := p.reportState(t)
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
	if diff := cmp.Diff(before, p.reportState(t)); diff != "" {
		t.Errorf("repeated runs change the reports (-before +after):\n%s", diff)
	}
	if err := runner.Make(t.Context(), civil.DateOf(today).AddDays(2), nil); err == nil {
		t.Error("reports of a day that has not begun were made")
	}
	p.crashAndRepeat(t, runner, civil.DateOf(today), before)

	// Orders that come late: the date made again is as if they had been there.
	var late bytes.Buffer
	rnd := rand.New(rand.NewPCG(13, 21))
	for i := range 50 {
		late.Write(historicOrder(t, rnd, today, 5000+i))
	}
	history.add(t, p, "orders/late.json", late.Bytes())
	p.awaitFiles(t, len(history.sources))
	p.makeAndCompare(t, runner, history, today)
	withLate := p.reportState(t)
	if table := "report_churn_risk"; before[table] == withLate[table] {
		t.Error("late orders change nothing: the test tests nothing")
	}

	// Files that are read again, to the same facts: only the audit, which tells of files, may differ.
	p.bringBack(t, 2, "reprocess", p.fileID(t, "orders/orders_0.json"), p.fileID(t, "orders/orders_1.json"))
	p.makeAndCompare(t, runner, history, today)
	after := p.reportState(t)
	for _, table := range []string{"report_churn_risk", "report_inventory_alerts", "report_revenue_trends"} {
		if withLate[table] != after[table] {
			t.Errorf("files read again change %s:\n%s", table, cmp.Diff(withLate[table], after[table]))
		}
	}

	p.auditUnknownTier(t, runner, civil.DateOf(today))
}

// makeAndCompare makes a date's reports of what has landed by now, and holds them
// against the model's, which it returns.
func (p *pipeline) makeAndCompare(t *testing.T, runner *daily.Runner, history *landed, date time.Time) map[string]model.Sheet {
	t.Helper()
	files := p.inputs(t, history)
	warehouse, err := model.Compute(files, p.policy)
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Make(t.Context(), civil.DateOf(date), nil); err != nil {
		t.Fatal(err)
	}
	want := wantReports(warehouse, files, date)
	for id, sheet := range want {
		p.compareReport(t, id, civil.DateOf(date), sheet)
	}
	p.comparePage(t, civil.DateOf(date), want)
	return want
}

// auditUnknownTier holds that a tier which a catalog called unknown is no gap once a
// later one names it, and that it is one if the line was to be told.
func (p *pipeline) auditUnknownTier(t *testing.T, runner *daily.Runner, date civil.Date) {
	t.Helper()
	const audit = "SELECT value, status FROM report_data_quality WHERE report_date = '%s' AND check_name = 'lines_not_repaired' AND subject = 'customer_tier'"
	p.check(t, "tier of the lines and the customer", "SELECT DISTINCT f.customer_tier, c.customer_tier FROM fact_orders AS f JOIN dim_customers AS c ON c.customer_id = f.customer_id WHERE f.customer_id = 'C-NEW'",
		"unknown|gold\n")
	p.check(t, "lines that a catalog called unknown", fmt.Sprintf(audit, date), "0|ok\n")
	p.mustQuery(t, "INSERT INTO unresolved_refs (ref_kind, ref_id, order_date) SELECT DISTINCT 'customer', customer_id, order_date FROM fact_orders WHERE customer_id = 'C-NEW'")
	if err := runner.Make(t.Context(), date, nil); err != nil {
		t.Fatal(err)
	}
	p.check(t, "lines that wait for a tier", fmt.Sprintf(audit, date), "2|error\n")
}

// wantEdgeOfCover holds that limits are compared with what lasts, not with what is
// shown: 977 units at 70 a day last 13.957 days, shown as 14.
func wantEdgeOfCover(t *testing.T, alerts model.Sheet) {
	t.Helper()
	got := make(map[string]string)
	for _, row := range alerts {
		get := func(name string) string { return row[slices.Index(reportColumns["inventory-alerts"], name)] }
		if id := get("product_id"); id == "P-EDGE" || id == "P-ENOUGH" {
			got[id] = get("demand_per_day") + " a day, " + get("days_of_cover") + " days: " + get("severity")
		}
	}
	if diff := cmp.Diff(map[string]string{"P-EDGE": "70 a day, 14 days: warning"}, got); diff != "" {
		t.Errorf("alerts at the edge (-want +got):\n%s", diff)
	}
}

// crashAndRepeat ends a run after its first report and after its last, before the
// date's files are there, and finds the same reports after the next run.
func (p *pipeline) crashAndRepeat(t *testing.T, runner *daily.Runner, date civil.Date, want map[string]string) {
	t.Helper()
	for _, last := range []string{daily.ChurnRisk, daily.DataQuality} {
		for name := range want {
			if strings.HasPrefix(name, daily.ObjectName(date, "")) {
				if err := p.bucket().Object(name).Delete(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		ctx, crash := context.WithCancel(t.Context())
		err := runner.Make(ctx, date, func(s daily.Step) {
			if s.What == last {
				crash()
			}
		})
		crash()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a run that ended after %s: %v", last, err)
		}
		if _, err := p.bucket().Object(daily.ObjectName(date, daily.PageFile)).Attrs(t.Context()); !errors.Is(err, storage.ErrObjectNotExist) {
			t.Errorf("a run that ended after %s has left a page: %v", last, err)
		}
		if err := runner.Make(t.Context(), date, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(withoutGenerations(want), withoutGenerations(p.reportState(t))); diff != "" {
			t.Errorf("reports after a run that ended after %s (-want +got):\n%s", last, diff)
		}
	}
}

func withoutGenerations(state map[string]string) map[string]string {
	contents := make(map[string]string)
	for name, content := range state {
		if strings.Contains(name, "/") {
			_, content, _ = strings.Cut(content, " ")
		}
		contents[name] = content
	}
	return contents
}

// TestReportOfARunningDay says that the day is not over, and is replaced when it is;
// of a broken report it tells, and makes the others.
func TestReportOfARunningDay(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	now := time.Now().UTC().Truncate(time.Microsecond)
	runner := p.daily(t, func() time.Time { return now })
	today := civil.DateOf(now)
	// An empty warehouse has reports, too.
	if err := runner.Make(t.Context(), today, nil); err != nil {
		t.Fatal(err)
	}
	if complete, err := runner.Complete(t.Context(), today); err != nil || complete {
		t.Errorf("a running day is complete: %v, %v", complete, err)
	}
	if page := p.object(t, daily.ObjectName(today, daily.PageFile)); !strings.Contains(page, "The day was not over") {
		t.Error("the page does not say that the day was not over")
	}
	now = daily.EndOf(today)
	p.mustQuery(t, "DROP TABLE report_inventory_alerts")
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
	p.askInto(t, "reports", &list)
	if len(list.Rows) != 1 || list.Rows[0].Date != today.String() || len(list.Rows[0].Reports) != 4 {
		t.Errorf("list of reports: %+v", list)
	}
}

// daily is a daily run with its defaults, changed by options, until the test ends.
func (p *pipeline) daily(t *testing.T, now func() time.Time, options ...func(*daily.Config)) *daily.Runner {
	t.Helper()
	var cfg daily.Config
	if err := config.Defaults(&cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Config = p.endpoints
	for _, option := range options {
		option(&cfg)
	}
	runner, err := daily.New(t.Context(), cfg, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = runner.Close() })
	return runner
}

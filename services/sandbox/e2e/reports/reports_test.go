package reports

import (
	"bytes"
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
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/oracle"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/reportcheck"
)

// TestDailyReports lands five months of orders with hostile names, makes the reports
// of two dates, and compares tables, files and API with the model.
func TestDailyReports(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	history, today := reportcheck.LandHistory(t, p)
	// The clock says tomorrow, so that today is over and its files and findings count.
	now := today.AddDate(0, 0, 1).Add(time.Hour)
	runner := p.Daily(t, func() time.Time { return now }, func(c *daily.Config) { c.TrendMaxSeries = 6 }) // so that smaller series are summed up

	dates := []time.Time{today.AddDate(0, 0, -1), today}
	for _, date := range dates {
		want := makeAndCompare(t, p, runner, history, date)
		for id, sheet := range want {
			if len(sheet) == 0 {
				t.Errorf("%s of %s is empty: the test tests nothing", id, civil.DateOf(date))
			}
		}
		wantForecast(t, want["inventory-alerts"])
	}
	if complete, err := runner.Complete(t.Context(), civil.DateOf(today)); err != nil || !complete {
		t.Errorf("today's reports complete: %v, %v", complete, err)
	}

	// Again, and four times at once: nothing changes, not even the objects' generations.
	before := reportState(t, p)
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
	if diff := cmp.Diff(before, reportState(t, p)); diff != "" {
		t.Errorf("repeated runs change the reports (-before +after):\n%s", diff)
	}
	if err := runner.Make(t.Context(), civil.DateOf(today).AddDays(2), nil); err == nil {
		t.Error("reports of a day that has not begun were made")
	}
	crashAndRepeat(t, p, runner, civil.DateOf(today), before)

	// Orders that come late: the date made again is as if they had been there.
	var late bytes.Buffer
	rnd := rand.New(rand.NewPCG(13, 21))
	for i := range 50 {
		late.Write(reportcheck.HistoricOrder(t, rnd, today, 5000+i))
	}
	history.Add(t, p, "orders/late.json", late.Bytes())
	p.AwaitFiles(t, len(history.Sources))
	makeAndCompare(t, p, runner, history, today)
	withLate := reportState(t, p)
	if table := "report_churn_risk"; before[table] == withLate[table] {
		t.Error("late orders change nothing: the test tests nothing")
	}

	// Files that are read again, to the same facts: only the audit, which tells of files, may differ.
	p.BringBack(t, 2, "reprocess", p.FileID(t, "orders/orders_0.json"), p.FileID(t, "orders/orders_1.json"))
	makeAndCompare(t, p, runner, history, today)
	after := reportState(t, p)
	for _, table := range []string{"report_churn_risk", "report_cohorts", "report_customer_days", "report_inventory_alerts", "report_revenue_trends"} {
		if withLate[table] != after[table] {
			t.Errorf("files read again change %s:\n%s", table, cmp.Diff(withLate[table], after[table]))
		}
	}

	dayLoadedLater(t, makeAndCompare(t, p, runner, history, today.AddDate(0, 0, -10))["data-quality"])
	auditUnknownTier(t, p, runner, civil.DateOf(today)) // plants what the model does not know
}

// dayLoadedLater holds that the audit of a day whose files all landed after it says so, and
// does not call it an error.
func dayLoadedLater(t *testing.T, audit oracle.Sheet) {
	t.Helper()
	values := make(map[string]string)
	for _, row := range audit {
		get := func(name string) string { return row[slices.Index(reportcheck.ReportColumns["data-quality"], name)] }
		values[get("check_name")] = get("value")
		if get("section") == "freshness" && get("status") == "error" {
			t.Errorf("%s of %s is an error: %s", get("check_name"), get("subject"), get("value"))
		}
	}
	if values["orders_of_day"] == "0" || values["orders_landed_later"] != values["orders_of_day"] || values["last_landing_after_day"] == "" {
		t.Errorf("of a day that was loaded later the audit says %q orders, %q later, the last after %q hours",
			values["orders_of_day"], values["orders_landed_later"], values["last_landing_after_day"])
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
	if diff := cmp.Diff([]string{"churn-risk true", "cohorts true", "forecast true", "inventory-alerts false", "revenue-trends true", "profile true", "data-quality true", "files false"}, steps); diff != "" {
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
	if len(list.Rows) != 1 || list.Rows[0].Date != today.String() || len(list.Rows[0].Reports) != 7 {
		t.Errorf("list of reports: %+v", list)
	}
}

// makeAndCompare makes a date's reports of what has landed by now, and holds them
// against the model's, which it returns.
func makeAndCompare(t *testing.T, p *harness.Pipeline, runner *daily.Runner, history *harness.Landed, date time.Time) map[string]oracle.Sheet {
	t.Helper()
	want := reportcheck.Make(t, p, runner, history, date)
	comparePage(t, p, civil.DateOf(date), want)
	compareMorning(t, p, civil.DateOf(date), want)
	return want
}

// reportState is all that daily runs leave behind.
func reportState(t *testing.T, p *harness.Pipeline) map[string]string {
	t.Helper()
	state := make(map[string]string)
	for _, table := range []string{"report_churn_risk", "report_cohorts", "report_customer_days", "report_order_times", "report_inventory_alerts", "report_revenue_trends", "report_forecast",
		"report_profile", "report_data_quality", "report_runs"} {
		state[table] = harness.Text(p.MustQuery(t, "SELECT * FROM "+table+" ORDER BY 1, 2, 3, 4"))
	}
	objects := p.Bucket().Objects(t.Context(), &storage.Query{Prefix: "reports/"})
	for {
		attrs, err := objects.Next()
		if errors.Is(err, iterator.Done) {
			return state
		}
		if err != nil {
			t.Fatal(err)
		}
		state[attrs.Name] = fmt.Sprint(attrs.Generation, " ", p.Object(t, attrs.Name))
	}
}

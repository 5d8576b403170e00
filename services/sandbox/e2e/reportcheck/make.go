// Package reportcheck makes the daily reports of a running pipeline and compares what the reporter keeps and serves of
// them (table, CSV file, API) with what the oracle computes from the files that landed.
package reportcheck

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/oracle"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// Make makes the reports of a date that is over, of all that has landed by now, and compares them with the oracle's,
// which it returns by the report's name. The runner's TrendMaxSeries must be 6.
func Make(t *testing.T, p *harness.Pipeline, runner *daily.Runner, landed *harness.Landed, date time.Time) map[string]oracle.Sheet {
	t.Helper()
	files := inputs(t, p, landed)
	warehouse, err := reference.Compute(files, p.Policy)
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Make(t.Context(), civil.DateOf(date), nil); err != nil {
		t.Fatal(err)
	}
	o := optionsOf(date, p.Policy.TimeZone)
	if o.Rhythm, err = oracle.ReadRhythm(parametersOf(t, p, daily.ChurnRisk, date)); err != nil {
		t.Fatal(err)
	}
	if gain, how := o.Rhythm.Improvement(warehouse, o); gain > 0.01 {
		t.Errorf("the churn model of %s is not the likeliest: %+v is worse than %s by %.4f", civil.DateOf(date), o.Rhythm, how, gain)
	}
	want := expected(warehouse, files, o)
	for id, sheet := range want {
		compare(t, p, id, civil.DateOf(date), sheet)
	}
	compareTable(t, p, "report_customer_days", date, oracle.CustomerDays(warehouse, o),
		"order_date", "previous_date", "is_guest", "customers", "second_customers", "orders", "revenue")
	compareTable(t, p, "report_order_times", date, oracle.OrderTimes(warehouse, o), "order_date", "step", "seconds", "orders")
	return want
}

// inputs are the files that landed, as the model takes them.
func inputs(t *testing.T, p *harness.Pipeline, landed *harness.Landed) []reference.File {
	t.Helper()
	clients, err := verify.Open(t.Context(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	files, err := clients.Files(t.Context(), landed.Sources)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// parametersOf is what a report says it was made with.
func parametersOf(t *testing.T, p *harness.Pipeline, report string, date time.Time) string {
	t.Helper()
	rows := p.MustQuery(t, fmt.Sprintf("SELECT parameters FROM report_runs WHERE report = '%s' AND report_date = '%s'", report, civil.DateOf(date)))
	if len(rows) != 1 {
		t.Fatalf("%d runs of %s of %s", len(rows), report, civil.DateOf(date))
	}
	return harness.ValueText(rows[0][0])
}

// optionsOf are those of a date that is over; clock is the shop's, nil for UTC.
func optionsOf(date time.Time, clock *time.Location) oracle.Options {
	if clock == nil {
		clock = time.UTC
	}
	through := time.Date(date.Year(), date.Month(), date.Day()+1, 0, 0, 0, 0, clock)
	return oracle.Options{
		Date: date, Clock: clock, Through: through, ChurnAfterDays: 30, ChurnValueDays: 90, CoverCriticalDays: 7, CoverWarningDays: 14, MaxSeries: 6,
		CompletenessMin: big.NewRat(9, 10), OrdersMaxAgeHours: 2, CatalogsMaxAgeHours: 26, AuditDays: 21,
	}
}

// expected computes the reports.
func expected(w *reference.Warehouse, files []reference.File, o oracle.Options) map[string]oracle.Sheet {
	return map[string]oracle.Sheet{
		"churn-risk": oracle.ChurnRisk(w, o), "cohorts": oracle.Cohorts(w, o), "inventory-alerts": oracle.InventoryAlerts(w, o),
		"revenue-trends": oracle.RevenueTrends(w, o), "forecast": oracle.Forecast(w, o), "profile": oracle.Profile(w, o), "data-quality": oracle.DataQuality(w, o, files),
	}
}

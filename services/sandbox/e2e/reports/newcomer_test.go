package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestNewcomer starts a new sandbox as a person does who tries it: the history is loaded, the reports of
// yesterday are made of all of it, none is empty, and the audit finds no error in a day of which nothing was wrong.
func TestNewcomer(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Generate, config.Reports = true, true
	p := harness.StartWith(t, config)
	yesterday := civil.DateOf(time.Now().UTC()).AddDays(-1)
	harness.Await(t, "the first reports", func() (bool, error) {
		rows, err := p.Query(t, fmt.Sprintf("SELECT COUNT(*) FROM report_runs WHERE report_date = '%s'", yesterday))
		return err == nil && harness.Text(rows) == fmt.Sprintln(len(daily.Reports())), err
	})
	p.Check(t, "files of the history", "SELECT COUNT(*), COUNTIF(verdict = 'loaded'), COUNTIF(kind = 'orders' AND loaded > 1000) FROM file_ledger WHERE kind != 'orders' OR landing_name LIKE '%/history%'", "6|6|4\n")
	p.Check(t, "days of the history", fmt.Sprintf("SELECT COUNT(DISTINCT order_date) FROM fact_orders WHERE order_date <= '%s'", yesterday), "120\n")
	p.VerifyInvariants(t)
	for _, made := range daily.Reports() {
		report := made.ID
		rows := p.Ask(t, fmt.Sprintf("reports/%s?date=%s&limit=1000", report, yesterday), "rows")
		if len(rows) < 10 {
			t.Errorf("%d rows of %s", len(rows), report)
		}
		for _, row := range rows {
			if report == "data-quality" && row["status"] == "error" {
				t.Errorf("an error in a newcomer's first report: %v", row)
			}
			if report == "revenue-trends" && row["level"] == "total" && row["granularity"] == "day" && row["expected_revenue"] == nil {
				t.Errorf("nothing is expected of %v", row["period_start"])
			}
		}
		if report == "revenue-trends" && !slices.ContainsFunc(rows, func(row harness.JsonRow) bool {
			return row["period_start"] == yesterday.String() && row["anomaly"] == "high"
		}) {
			t.Error("yesterday's campaign is not seen")
		}
	}
	if rows := p.Ask(t, "morning", "anomalies"); len(rows) < 2 || rows[0]["cause_category"] != "Sports" || rows[0]["anomaly"] != "high" {
		t.Errorf("the morning says of the campaign: %v", rows)
	}
	for part, n := range map[string]int{"days": 9, "stock_outs": 10, "customers": 10, "health": 1} {
		if rows := p.Ask(t, "morning", part); len(rows) != n {
			t.Errorf("%d %s of the morning, want %d", len(rows), part, n)
		}
	}
	unknown := harness.Text(p.MustQuery(t, "SELECT ROUND(100 * COUNTIF(category = 'unknown') / COUNT(*)) FROM fact_orders WHERE product_id IS NOT NULL"))
	if strings.TrimSpace(unknown) != "2" {
		t.Errorf("%s %% of the lines name a product that no catalog has, want 2", unknown)
	}
}

package reportcheck

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/oracle"
)

// ReportColumns are the sheets' columns; text ones may carry an apostrophe in CSV.
var ReportColumns = map[string][]string{
	"churn-risk": {
		"position", "customer_id", "customer_name", "customer_tier", "first_order_date", "last_order_date", "days_since_last_order", "orders",
		"order_days", "lifetime_value", "completed_value", "usual_interval_days", "expected_interval_days", "risk_score", "risk_level",
		"segment", "expected_order_days", "expected_value", "value_at_risk",
	},
	"cohorts": {
		"position", "cohort_month", "months_since", "is_over", "customers", "buyers", "buyer_share", "orders", "revenue", "cumulative_revenue", "revenue_per_customer",
	},
	"inventory-alerts": {
		"position", "product_id", "product_name", "category", "alert", "severity", "is_active", "stock_level", "units_7d", "units_28d",
		"units_per_day_7d", "units_per_day_28d", "demand_per_day", "days_of_cover", "revenue_28d",
		"first_sale_date", "units_since_catalog", "stock_left", "stock_out_date", "revenue_at_risk", "forecast_per_day",
	},
	"revenue-trends": {
		"position", "granularity", "level", "region", "category", "period_start", "period_end", "orders", "units", "revenue",
		"completed_revenue", "previous_revenue", "change_ratio", "moving_average_7", "moving_average_28", "expected_revenue", "deviation", "anomaly",
	},
	"forecast": {
		"position", "category", "forecast_date", "history_days", "orders", "orders_low", "orders_high", "units", "units_low", "units_high", "revenue", "revenue_low", "revenue_high",
		"orders_wape", "orders_naive_wape", "units_wape", "units_naive_wape", "revenue_wape", "revenue_naive_wape", "model",
	},
	"profile": {
		"position", "table_name", "column_name", "data_type", "is_personal", "row_count", "filled", "filled_share", "distinct_values",
		"smallest", "p05", "p25", "p50", "p75", "p95", "largest", "mean", "top_values",
		"compared_days", "usual_rows", "usual_filled_share", "usual_distinct_values", "usual_mean", "unusual",
	},
	"data-quality": {"position", "section", "check_name", "table_name", "subject", "value", "unit", "expectation", "status", "examples"},
}

var textColumns = map[string]bool{
	"customer_id": true, "customer_name": true, "customer_tier": true, "risk_level": true, "segment": true, "product_id": true, "product_name": true,
	"category": true, "alert": true, "severity": true, "granularity": true, "level": true, "region": true, "anomaly": true,
	"column_name": true, "data_type": true, "smallest": true, "p05": true, "p25": true, "p50": true, "p75": true, "p95": true, "largest": true, "top_values": true, "unusual": true,
	"section": true, "model": true, "check_name": true, "table_name": true, "subject": true, "unit": true, "expectation": true, "status": true,
}

// compare compares a report's table, its CSV file and the API's answer with the oracle's sheet.
func compare(t *testing.T, p *harness.Pipeline, id string, date civil.Date, want oracle.Sheet) {
	t.Helper()
	columns := ReportColumns[id]
	table := cellsOf(t, p, fmt.Sprintf("SELECT %s FROM report_%s WHERE report_date = '%s' ORDER BY position",
		strings.Join(columns, ", "), strings.ReplaceAll(id, "-", "_"), date))
	if diff := firstDiff(want, table); diff != "" {
		t.Errorf("table of %s of %s (-want +got):\n%s", id, date, diff)
	}
	if diff := firstDiff(want, readCSV(t, p, id, date, columns)); diff != "" {
		t.Errorf("CSV of %s of %s (-want +got):\n%s", id, date, diff)
	}
	if diff := firstDiff(want, askReport(t, p, id, date, columns)); diff != "" {
		t.Errorf("API's %s of %s (-want +got):\n%s", id, date, diff)
	}
}

// compareTable compares what a report keeps besides its rows, in any order.
func compareTable(t *testing.T, p *harness.Pipeline, table string, date time.Time, want oracle.Sheet, columns ...string) {
	t.Helper()
	got := cellsOf(t, p, fmt.Sprintf("SELECT %s FROM %s WHERE report_date = '%s'", strings.Join(columns, ", "), table, civil.DateOf(date)))
	for _, sheet := range []oracle.Sheet{want, got} {
		slices.SortFunc(sheet, slices.Compare[[]string])
	}
	if diff := firstDiff(want, got); diff != "" {
		t.Errorf("%s of %s (-want +got):\n%s", table, civil.DateOf(date), diff)
	}
}

// cellsOf asks the warehouse for a sheet.
func cellsOf(t *testing.T, p *harness.Pipeline, query string) (sheet oracle.Sheet) {
	t.Helper()
	for _, row := range p.MustQuery(t, query) {
		cells := make([]string, len(row))
		for i, v := range row {
			if v != nil {
				cells[i] = harness.ValueText(v)
			}
		}
		sheet = append(sheet, cells)
	}
	return sheet
}

// firstDiff shows the first rows that differ: a report has thousands.
func firstDiff(want, got oracle.Sheet) string {
	if len(want) != len(got) {
		n := min(len(want), len(got))
		return fmt.Sprintf("%d rows instead of %d; %s", len(got), len(want), cmp.Diff(want[:min(n, 5)], got[:min(n, 5)]))
	}
	for i := range want {
		if diff := cmp.Diff(want[i], got[i]); diff != "" {
			return fmt.Sprintf("row %d:\n%s", i, diff)
		}
	}
	return ""
}

// readCSV reads a report's file as a program would, from the reporter.
func readCSV(t *testing.T, p *harness.Pipeline, id string, date civil.Date, columns []string) oracle.Sheet {
	t.Helper()
	content := p.Object(t, daily.ObjectName(date, id+".csv"))
	response, err := http.Get(fmt.Sprintf("%s/reports/%s/%s.csv", p.Dashboard, date, id))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	served, err := io.ReadAll(response.Body)
	if err != nil || string(served) != content || !strings.HasPrefix(response.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%s of %s is served otherwise: %v %v", id, date, response.Header, err)
	}
	if strings.Count(content, "\r\n") < strings.Count(content, "\n")/2 || !strings.HasSuffix(content, "\r\n") {
		t.Errorf("%s of %s: records do not end in CR LF", id, date)
	}
	rows, err := csv.NewReader(strings.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append([]string{"report_date"}, columns...), rows[0]); diff != "" {
		t.Errorf("header of %s (-want +got):\n%s", id, diff)
	}
	var sheet oracle.Sheet
	for _, row := range rows[1:] {
		if row[0] != date.String() {
			t.Errorf("%s: date %s", id, row[0])
		}
		cells := row[1:]
		for i, cell := range cells {
			if !textColumns[columns[i]] || cell == "" {
				continue
			}
			if strings.ContainsAny(cell[:1], "=+-@\t\r") || strings.HasPrefix(cell, "＝") {
				t.Errorf("%s: a spreadsheet takes %q for a formula", id, cell)
			}
			cells[i] = strings.TrimPrefix(cell, "'")
		}
		sheet = append(sheet, cells)
	}
	return sheet
}

// askReport reads a report page by page from the API.
func askReport(t *testing.T, p *harness.Pipeline, id string, date civil.Date, columns []string) oracle.Sheet {
	t.Helper()
	var sheet oracle.Sheet
	for token := ""; ; {
		path := fmt.Sprintf("reports/%s?date=%s&limit=999", id, date)
		if token != "" {
			path += "&page_token=" + token
		}
		var answer struct {
			RowCount      int              `json:"row_count"`
			Complete      bool             `json:"complete"`
			NextPageToken string           `json:"next_page_token"`
			Rows          []map[string]any `json:"rows"`
		}
		p.AskInto(t, path, &answer)
		for _, row := range answer.Rows {
			cells := make([]string, len(columns))
			for i, c := range columns {
				if row[c] != nil {
					cells[i] = fmt.Sprint(row[c])
				}
				if f, isNumber := row[c].(float64); isNumber {
					cells[i] = fmt.Sprintf("%.0f", f)
				}
				if amount, isText := row[c].(string); isText && !textColumns[c] && strings.Contains(amount, ".") {
					cells[i] = strings.TrimSuffix(strings.TrimRight(amount, "0"), ".")
				}
			}
			sheet = append(sheet, cells)
		}
		if token = answer.NextPageToken; token == "" {
			if answer.RowCount != len(sheet) || !answer.Complete {
				t.Errorf("%s of %s: %d rows announced, %d read, complete %v", id, date, answer.RowCount, len(sheet), answer.Complete)
			}
			return sheet
		}
	}
}

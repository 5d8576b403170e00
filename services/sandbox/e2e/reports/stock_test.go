package reports

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/oracle"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/reportcheck"
)

// alertCell is a cell of the report inventory-alerts.
func alertCell(row []string, name string) string {
	return row[slices.Index(reportcheck.ReportColumns["inventory-alerts"], name)]
}

// wantForecast holds that the alerts of a shop that is forecast are made by the forecast.
func wantForecast(t *testing.T, alerts oracle.Sheet) {
	t.Helper()
	shaped := 0
	for _, row := range alerts {
		if ahead := alertCell(row, "forecast_per_day"); ahead == "" {
			t.Errorf("%s has no forecast", alertCell(row, "product_id"))
		} else if ahead != alertCell(row, "demand_per_day") {
			shaped++
		}
	}
	if shaped == 0 {
		t.Error("the forecast changes nothing: the test tests nothing")
	}
}

// TestStockOfANewShop compares the alerts of a shop that is too young for a forecast: each day to come sells what demand
// was. Limits are compared with what lasts, not with what is shown: 977 units at 70 a day last 13.957 days, shown as
// 14. What was on sale for a few days is measured by these, and what sold after the catalog landed is not in stock any
// more.
func TestStockOfANewShop(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	today := time.Now().UTC().Truncate(24 * time.Hour)
	var landed harness.Landed
	landed.Add(t, p, "products/products.csv", []byte("product_id,product_name,category,price,stock_level\n"+
		"P-EDGE,lasts almost 14 days,Toys,1.00,977\nP-ENOUGH,lasts 14 days,Toys,1.00,980\nP-FRESH,on sale for four days,Toys,2.50,60\n"))
	p.AwaitFiles(t, 1)
	for i, line := range []string{"P-EDGE 20 1", "P-ENOUGH 20 1", "P-EDGE 2 490", "P-ENOUGH 2 490", "P-FRESH 3 20", "P-FRESH 0 9"} {
		var product string
		var ago, units int
		if _, err := fmt.Sscan(line, &product, &ago, &units); err != nil {
			t.Fatal(err)
		}
		landed.Add(t, p, fmt.Sprintf("orders/line_%d.json", i), fmt.Appendf(nil, `{"order_id": "O-LINE-%d", "customer_id": null, "order_timestamp": %q, `+
			`"items": [{"product_id": %q, "quantity": %d, "unit_price": 2.50}], "total_amount": %d.%d0, "payment_status": "completed", "shipping_address": null}`+"\n",
			i, today.AddDate(0, 0, -ago).Add(24*time.Hour-time.Second).Format(time.RFC3339), product, units, units*5/2, units%2*5))
	}
	p.AwaitFiles(t, len(landed.Sources))
	now := today.AddDate(0, 0, 1).Add(time.Hour) // so that today is over
	runner := p.Daily(t, func() time.Time { return now }, func(c *daily.Config) { c.TrendMaxSeries = 6 })
	for ago, fresh := range []string{"51 left, 7.25 a day, 7 days: warning, 126.25", "60 left, 6.666666667 a day, 9 days: warning, 83.33"} {
		got := make(map[string]string)
		for _, row := range reportcheck.Make(t, p, runner, &landed, today.AddDate(0, 0, -ago))["inventory-alerts"] {
			get := func(name string) string { return alertCell(row, name) }
			got[get("product_id")] = fmt.Sprintf("%s left, %s a day, %s days: %s, %s%s", get("stock_left"), get("demand_per_day"), get("days_of_cover"),
				get("severity"), get("revenue_at_risk"), get("forecast_per_day"))
		}
		want := map[string]string{"P-EDGE": "977 left, 70 a day, 14 days: warning, 7.5", "P-FRESH": fresh}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("alerts of %d days ago (-want +got):\n%s", ago, diff)
		}
	}
}

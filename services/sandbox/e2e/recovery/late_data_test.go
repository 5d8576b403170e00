package recovery

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestLateDataLeavesOthersAlone: what lands late changes the hours and days that it is of,
// and no other row: those stay byte for byte, the time at which they were written included.
func TestLateDataLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	var text strings.Builder
	for day := 1; day <= 5; day++ {
		for n := range 3 {
			text.WriteString(harness.Order(fmt.Sprintf("o-%d-%d", day, n), day, fmt.Sprint("P-", n), fmt.Sprint("C-", n), "10.00"))
		}
	}
	files.Add(t, p, "orders/first.json", []byte(text.String()))
	p.AwaitFiles(t, 1)
	const (
		hours = "SELECT * FROM agg_hourly_metrics WHERE NOT (metric_hour BETWEEN '2026-11-03 05:00:00' AND '2026-11-03 05:59:59') ORDER BY metric_hour"
		days  = "SELECT * FROM agg_category_revenue WHERE metric_date != '2026-11-03' ORDER BY metric_date, category"
		facts = "SELECT * FROM fact_orders WHERE NOT STARTS_WITH(order_id, 'late') ORDER BY order_id, line_number"
	)
	before := make(map[string]string)
	for _, query := range []string{hours, days, facts} {
		before[query] = harness.Text(p.MustQuery(t, query))
	}
	// Another hour of a day that has some, new and again, and a file that changes nothing.
	late := func(id string) string {
		return strings.Replace(harness.Order(id, 3, "P-1", "C-1", "7.00"), "T11:00:00Z", "T05:30:00Z", 1)
	}
	for i, content := range []string{late("late-1"), late("late-2") + late("late-1"), text.String()} {
		files.Add(t, p, fmt.Sprintf("orders/late_%d.json", i), []byte(content))
		p.AwaitFiles(t, 2+i)
	}
	for query, want := range before {
		p.Check(t, "what stands beside the late orders", query, want)
	}
	p.Check(t, "the late hour", "SELECT total_orders, total_revenue FROM agg_hourly_metrics WHERE metric_hour = '2026-11-03 05:00:00'", "2|14\n")
	harness.VerifyAll(t, p, files.Sources)
}

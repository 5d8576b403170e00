package reports

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// auditor makes the reports of nights, one after another.
type auditor struct {
	*harness.Pipeline
	night civil.Date
}

// makeNight makes the reports of the next night, at one o'clock, with a recount of so many days in turn, and holds what is
// known of each day to its facts, but of those days that are named. It returns which days were recounted.
func (a *auditor) makeNight(t *testing.T, days int, but ...string) string {
	t.Helper()
	a.night = a.night.AddDays(1)
	if err := a.make(t, days); err != nil {
		t.Fatal(err)
	}
	a.Check(t, "recounts that are not those of the facts", fmt.Sprintf(`SELECT * FROM (
		(SELECT order_date, order_lines, orders, revenue, line_revenue FROM audit_days EXCEPT DISTINCT
		SELECT order_date, COUNT(*), COUNTIF(line_number = 1), SUM(IF(line_number = 1, total_amount, NUMERIC '0')), SUM(line_total) FROM fact_orders GROUP BY order_date)
		UNION ALL
		(SELECT order_date, COUNT(*), COUNTIF(line_number = 1), SUM(IF(line_number = 1, total_amount, NUMERIC '0')), SUM(line_total) FROM fact_orders GROUP BY order_date
		EXCEPT DISTINCT SELECT order_date, order_lines, orders, revenue, line_revenue FROM audit_days))
		WHERE FORMAT_DATE('%%d', order_date) NOT IN ('%s')`, strings.Join(but, "', '")), "")
	rows := a.MustQuery(t, fmt.Sprintf("SELECT FORMAT_DATE('%%d', order_date) FROM audit_days WHERE recounted_at = TIMESTAMP '%s' ORDER BY order_date", a.now().Format(time.DateTime+"+00")))
	return strings.Join(strings.Fields(harness.Text(rows)), " ")
}

func (a *auditor) now() time.Time { return a.night.In(time.UTC).Add(25 * time.Hour) }

// make makes the reports of the night.
func (a *auditor) make(t *testing.T, days int) error {
	t.Helper()
	now := a.now()
	runner := a.Daily(t, func() time.Time { return now }, func(c *daily.Config) { c.AuditDays = days })
	return runner.Make(t.Context(), a.night, nil)
}

// errors are the faults that the night's report tells of.
func (a *auditor) errors(t *testing.T) string {
	t.Helper()
	rows := a.MustQuery(t, fmt.Sprintf("SELECT CONCAT(check_name, ' ', table_name, ' ', CAST(value AS STRING)) FROM report_data_quality WHERE report_date = '%s' AND status = 'error' ORDER BY position", a.night))
	return strings.TrimSpace(harness.Text(rows))
}

// facts are what the night's report tells of the facts, without when they were recounted.
func (a *auditor) facts(t *testing.T) string {
	t.Helper()
	return harness.Text(a.MustQuery(t, fmt.Sprintf("SELECT check_name, table_name, subject, value, expectation, status FROM report_data_quality WHERE report_date = '%s' AND table_name != 'audit_days' ORDER BY position", a.night)))
}

// TestAuditInTurns recounts one day a night, besides those that changed. What nothing tells of is found when the
// day's turn comes, and not before; what changed, what had a fault and what no aggregate knows, the next night.
func TestAuditInTurns(t *testing.T) {
	t.Parallel()
	a := &auditor{harness.Start(t, "all"), civil.Date{Year: 2026, Month: 11, Day: 20}}
	files := 0
	land := func(name, content string) {
		t.Helper()
		a.Land(t, name, []byte(content))
		files++
		a.AwaitFiles(t, files)
	}
	recounted := func(what, want, got string) {
		t.Helper()
		if want != got {
			t.Errorf("%s: recounted are the days %q, want %q", what, got, want)
		}
	}
	errors := func(what, want string) {
		t.Helper()
		if got := a.errors(t); got != want {
			t.Errorf("%s: the audit finds\n%s\nwant\n%s", what, got, want)
		}
	}
	land("products/all.csv", "product_id,product_name,category,price,stock_level\nP-1,Lamp,Home & Garden,10.00,500\n")
	land("customers/all.csv", "customer_id,name,email,registration_date,customer_tier\nC-1,Ada,ada@example.com,2025-01-02,gold\n")
	var orders strings.Builder
	for _, day := range []int{1, 2, 3, 4, 5, 12} {
		for i := range 2 {
			orders.WriteString(harness.Order(fmt.Sprintf("o-%d-%d", day, i), day, "P-1", "C-1", "10.00"))
		}
	}
	land("orders/first.json", orders.String())

	recounted("the first night", "01 02 03 04 05 12", a.makeNight(t, 1))
	errors("of sound days", "")
	a.Check(t, "what the audit says of its recounts", fmt.Sprintf("SELECT check_name, value, expectation, status FROM report_data_quality WHERE report_date = '%s' AND table_name = 'audit_days' ORDER BY position", a.night),
		"days_recounted|6|at least 1|ok\noldest_recount_age|0|at most 168|ok\n")
	recounted("the second night", "01", a.makeNight(t, 1))
	a.Check(t, "what the audit says of its recounts", fmt.Sprintf("SELECT check_name, value, expectation, status FROM report_data_quality WHERE report_date = '%s' AND table_name = 'audit_days' ORDER BY position", a.night),
		"days_recounted|1|at least 1|ok\noldest_recount_age|23|at most 168|ok\n")

	// A euro in a line, of which nothing tells.
	a.MustQuery(t, "UPDATE fact_orders SET line_total = line_total + 1 WHERE order_id = 'o-4-0'")
	recounted("before the turn", "02", a.makeNight(t, 1, "04"))
	errors("before the turn", "")
	recounted("before the turn", "03", a.makeNight(t, 1, "04"))
	errors("before the turn", "")
	recounted("the turn", "04", a.makeNight(t, 1))
	errors("the turn", "differs_from_facts agg_category_revenue -1\ndiffers_from_facts agg_daily_products 1")
	a.MustQuery(t, "UPDATE fact_orders SET line_total = line_total - 1 WHERE order_id = 'o-4-0'")
	recounted("what had a fault", "04 05", a.makeNight(t, 1))
	errors("mended", "")

	// A changed day, at once.
	land("orders/second.json", harness.Order("o-2-9", 2, "P-1", "C-1", "10.00")+harness.Version("m-1", 6, 1, "10.00", "completed"))
	recounted("a changed day and a new one", "02 06 12", a.makeNight(t, 1))
	errors("a changed day and a new one", "")

	// A day whose facts are all gone: its one order moves to another.
	land("orders/third.json", harness.Version("m-1", 7, 2, "10.00", "completed"))
	recounted("the day that the order moved to", "01 07", a.makeNight(t, 1))
	errors("an order that moved", "")
	a.Check(t, "recounts of the day that it left", "SELECT COUNT(*) FROM audit_days WHERE FORMAT_DATE('%d', order_date) = '06'", "0\n")

	// Days that no aggregate knows: an order among the others, a key before them all.
	a.MustQuery(t, "INSERT INTO fact_orders SELECT * REPLACE (DATE_ADD(order_date, INTERVAL 7 DAY) AS order_date) FROM fact_orders WHERE order_id = 'o-3-0'")
	a.MustQuery(t, "INSERT INTO order_keys SELECT * REPLACE ('k' AS order_id, DATE_SUB(order_date, INTERVAL 30 DAY) AS order_date) FROM order_keys WHERE order_id = 'o-3-0'")
	recounted("a day between the others", "03 10", a.makeNight(t, 1))
	errors("days that no aggregate knows", "orders_without_owner fact_orders 1\nowners_without_order order_keys 1\n"+
		"differs_from_facts agg_hourly_metrics -1\ndiffers_from_facts agg_hourly_metrics -10\ndiffers_from_facts agg_category_revenue -10\n"+
		"differs_from_facts agg_daily_orders -1\ndiffers_from_facts agg_daily_orders -10\ndiffers_from_facts agg_daily_products 1\n"+
		"differs_from_facts agg_daily_customers 1\ndiffers_from_facts agg_daily_files 1")
	a.MustQuery(t, "DELETE FROM fact_orders WHERE FORMAT_DATE('%d', order_date) = '10'")
	a.MustQuery(t, "DELETE FROM order_keys WHERE order_id = 'k'")
	recounted("what is gone again", "04", a.makeNight(t, 1))
	errors("what is gone again", "")

	// Runs at once, and then all days: the report is the same.
	var runs sync.WaitGroup
	for range 3 {
		runs.Go(func() {
			if err := a.make(t, 1); err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	inTurns := a.facts(t)
	a.Check(t, "days of more than one recount", "SELECT order_date FROM audit_days GROUP BY order_date HAVING COUNT(*) > 1", "")
	if err := a.make(t, 1000); err != nil {
		t.Fatal(err)
	}
	if all := a.facts(t); all != inTurns {
		t.Errorf("in turns the audit says\n%s\nof all days at once\n%s", inTurns, all)
	}
	recounted("all days", "01 02 03 04 05 07 12", a.makeNight(t, 1000))
}

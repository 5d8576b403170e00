package reports

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily/expect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// expected is a rule, and what the audit says of it: how many records break it or what was measured, whose ids, and how bad it is.
type expected struct{ rule, value, examples, status string }

// TestExpectations holds every kind of check to a day that breaks it and to bounds that the day meets; hostile values of the
// file are values.
func TestExpectations(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	p.Land(t, "products/products.csv", []byte("product_id,product_name,category,price,stock_level\nP-1,Lamp,Home,10.00,5\nP-2,Lamp,,2.50,0\n"))
	p.Land(t, "customers/customers.csv", []byte(harness.SmallCustomers))
	p.AwaitFiles(t, 2)
	yesterday := civil.DateOf(time.Now().UTC()).AddDays(-1)
	order := func(id, customer, product, amount, refund, status, city string) string {
		return fmt.Sprintf(`{"order_id":%q,"customer_id":%s,"order_timestamp":"%sT10:00:00Z","items":[{"product_id":%q,"quantity":1,"unit_price":%[5]s}],"total_amount":%[5]s,%s"payment_status":%q,`+
			`"shipping_address":{"street":"1 Main St","city":%q,"state":"NY","zipcode":"10001","country":"USA"}}`+"\n", id, customer, yesterday, product, amount, refund, status, city)
	}
	p.Land(t, "orders/orders.json", []byte(order("o-1", `"C-1"`, "P-1", "10.00", "", "completed", "Paris")+
		order("o-2", `"C-8"`, "P-2", "20.00", `"refunded_amount":15.00,`, "refunded", "")+
		order("o-3", "null", "P-9", "30.00", `"refunded_amount":5.00,`, "partially_refunded", "' OR 1=1 --")+
		order("o-4", `"C-1"`, "P-1", "40.00", "", "completed", "Rome")))
	p.AwaitFiles(t, 3)
	all := []expected{
		{"table: orders, column: total_amount, between: {min: 15, max: 35}, severity: error", "2", `["o-1","o-4"]`, "error"},
		{"table: orders, column: total_amount, between: {min: 10, max: 40}", "0", "", "ok"},
		{"table: orders, column: payment_status, in: [completed, refunded]", "1", `["o-3"]`, "warning"},
		{"table: orders, column: payment_status, in: [completed, refunded, partially_refunded]", "0", "", "ok"},
		{`table: orders, column: city, in: [Paris, "' OR 1=1 --"]`, "1", `["o-4"]`, "warning"},
		{"table: orders, column: customer_id, references: customers", "1", `["o-2"]`, "warning"},
		{"table: lines, column: product_id, references: products, severity: error", "1", `["o-3:1"]`, "error"},
		{"table: orders, column: total_amount, at_most: refunded_amount, severity: error", "2", `["o-2","o-3"]`, "error"},
		{"table: orders, column: refunded_amount, at_most: total_amount", "0", "", "ok"},
		{"table: lines, column: line_total, at_most: unit_price", "0", "", "ok"},
		{"table: orders, column: customer_id, not_null: true", "1", `["o-3"]`, "warning"},
		{"table: orders, column: city, not_null: true", "1", `["o-2"]`, "warning"},
		{"table: lines, column: product_id, not_null: true", "0", "", "ok"},
		{"table: products, column: product_name, unique: true", "2", `["P-1","P-2"]`, "warning"},
		{"table: orders, column: order_id, unique: true", "0", "", "ok"},
		{"table: orders, column: order_id, matches: '^o-[13]$'", "2", `["o-2","o-4"]`, "warning"},
		{"table: customers, column: email, matches: '@example[.]com$'", "0", "", "ok"},
		{"table: orders, rows: {min: 5}, severity: error", "4", "", "error"},
		{"table: orders, rows: {min: 4, max: 4}", "4", "", "ok"},
		{"table: orders, column: city, filled: {min: 0.8}", "0.75", "", "warning"},
		{"table: orders, column: city, filled: {min: 0.75}", "0.75", "", "ok"},
		{"table: orders, column: total_amount, mean: {max: 24.99}", "25", "", "warning"},
		{"table: orders, column: total_amount, mean: {max: 25}", "25", "", "ok"},
		{"table: orders, column: total_amount, sum: {min: 100.01}", "100", "", "warning"},
		{"table: orders, column: total_amount, sum: {min: 100, max: 100}", "100", "", "ok"},
		{"table: orders, column: tax_amount, mean: {min: 1}", "0", "", "info"},
		{"table: orders, max_age_hours: 14", "14", "", "ok"},
		{"table: orders, column: order_timestamp, max_age_hours: 13.99, severity: error", "14", "", "error"},
		{"table: lines, max_age_hours: 10.5", "14", "", "warning"},
		{"table: orders, column: updated_at, max_age_hours: 24", "0", "", "warning"}, // there is none
		{"table: products, max_age_hours: 0.01", "0", "", "ok"},                      // landed after the day
		{"table: customers, max_age_hours: 30", "30", "", "ok"},
		{"table: customers, max_age_hours: 29.9, severity: error", "30", "", "error"},
	}
	content := "expectations:\n"
	for _, e := range all {
		content += "- {" + e.rule + "}\n"
	}
	path := filepath.Join(t.TempDir(), "expectations.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	runner := p.Daily(t, time.Now, func(c *daily.Config) { c.ExpectationsFile = path })
	p.MustQuery(t, fmt.Sprintf("UPDATE dim_customers SET landed_at = TIMESTAMP '%s 18:00:00+00' WHERE TRUE", yesterday.AddDays(-1)))
	if err := runner.Make(t.Context(), yesterday, nil); err != nil {
		t.Fatal(err)
	}
	rows := p.MustQuery(t, fmt.Sprintf("SELECT CAST(value AS STRING), examples, status FROM report_data_quality WHERE report_date = '%s' AND section = 'expectations' ORDER BY position", yesterday))
	var got []expected
	for i, row := range rows {
		examples, _ := row[1].(string)
		got = append(got, expected{all[min(i, len(all)-1)].rule, row[0].(string), examples, row[2].(string)})
	}
	if diff := cmp.Diff(all, got, cmp.AllowUnexported(expected{})); diff != "" {
		t.Errorf("expectations (-want +got):\n%s", diff)
	}
	compareBroken(t, p, yesterday, all)
	page := p.Object(t, daily.ObjectName(yesterday, daily.PageFile))
	if !strings.Contains(page, "<h3>Expectations</h3>") || !strings.Contains(page, "<bdi>o-3:1</bdi>") || !strings.Contains(page, "Paris, &#39; OR 1=1 --") {
		t.Error("the page of the day does not list the expectations")
	}
	if health := p.Ask(t, "morning?date="+yesterday.String(), "health"); len(health) != 1 || fmt.Sprint(health[0]["errors"]) < "4" {
		t.Errorf("the morning says of its data: %v", health)
	}

	// What an expectation may name is what the profile holds.
	var profiled []string
	for _, row := range p.MustQuery(t, fmt.Sprintf("SELECT CONCAT(table_name, '.', column_name) FROM report_profile WHERE report_date = '%s' ORDER BY position", yesterday)) {
		profiled = append(profiled, row[0].(string))
	}
	if diff := cmp.Diff(profiled, expect.Columns()); diff != "" {
		t.Errorf("columns (-profile +expectations):\n%s", diff)
	}
}

// compareBroken holds what the reporter exports for the alert to the rules that are broken.
func compareBroken(t *testing.T, p *harness.Pipeline, date civil.Date, rules []expected) {
	t.Helper()
	client := &warehouse.Client{BigQuery: p.Bigquery, Dataset: p.Endpoints.Dataset, Service: "reporter", Task: "test"}
	newest, found, err := warehouse.First[struct {
		Has bool `bigquery:"has_expectations"`
	}](t.Context(), client, "reports/read_newest_complete", warehouse.Params{"from_date": date, "to_date": date})
	if err != nil || !found || !newest.Has {
		t.Errorf("the newest reports have expectations: %t, found %t, %v", newest.Has, found, err)
	}
	type counts struct {
		Warnings int64 `bigquery:"warnings"`
		Errors   int64 `bigquery:"errors"`
	}
	got, _, err := warehouse.First[counts](t.Context(), client, "reports/read_broken_expectations", warehouse.Params{"report_date": date})
	var want counts
	for _, r := range rules {
		switch r.status {
		case "warning":
			want.Warnings++
		case "error":
			want.Errors++
		}
	}
	if err != nil || got != want || want.Errors == 0 {
		t.Errorf("broken are %+v, want %+v, %v", got, want, err)
	}
}

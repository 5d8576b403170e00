package corruption

import (
	"fmt"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

const (
	firstProducts = "product_id,product_name,category,price,stock_level\n" +
		"P-1,Lamp,Home & Garden,10.00,5\nP-2,Ball,Sports,2.50,0\nP-3,Book,Books,7.00,3\nP-4,Pen,Office,1.00,3\n" +
		"P-5,Cup,Kitchen,4.00,9\nP-6,Hat,Clothing,12.00,9\nP-7,Bag,Clothing,30.00,2\n"
	// A week later the lamp costs more, the bag is gone, and what was unknown has a name.
	secondProducts = "product_id,product_name,category,price,stock_level\n" +
		"P-1,Lamp,Home & Garden,11.00,4\nP-2,Ball,Sports,2.50,0\nP-3,Book,Books,7.00,3\nP-4,Pen,Office,1.00,3\n" +
		"P-5,Cup,Kitchen,4.00,9\nP-6,Hat,Clothing,12.00,9\nP-8,Kite,Sports,15.00,1\n"
	firstCustomers = "customer_id,name,email,registration_date,customer_tier\n" +
		"C-1,Ada,ada@example.com,2025-01-02,gold\nC-2,Bob,bob@example.com,2025-01-03,silver\nC-3,Cy,cy@example.com,2025-01-04,bronze\n" +
		"C-4,Di,di@example.com,2025-01-05,bronze\nC-5,Ed,ed@example.com,2025-01-06,gold\nC-6,Flo,flo@example.com,2025-01-07,gold\n"
	secondCustomers = "customer_id,name,email,registration_date,customer_tier\n" +
		"C-1,Ada,ada@example.com,2025-01-02,platinum\nC-2,Bob,bob@example.com,2025-01-03,silver\nC-3,Cy,cy@example.com,2025-01-04,bronze\n" +
		"C-4,Di,di@example.com,2025-01-05,bronze\nC-5,Ed,ed@example.com,2025-01-06,gold\nC-8,Gil,gil@example.com,2025-01-08,bronze\n"
	extras = `{"order_id":"x-1","customer_id":"C-2","order_timestamp":"2026-11-03T09:10:11Z","items":[` +
		`{"product_id":"P-2","quantity":2,"unit_price":2.50,"discount_amount":1.00},{"product_id":null,"quantity":1,"unit_price":3.00},{"product_id":"P-6","quantity":1,"unit_price":12.00}],` +
		`"total_amount":25.00,"currency":"USD","tax_amount":2.00,"tax_included":false,"shipping_amount":5.00,"discount_amount":1.00,"refunded_amount":4.00,` +
		`"payment_status":"partially_refunded","shipping_address":{"street":"5 High St","city":"Austin","state":"TX","zipcode":"73301","country":"US"}}` + "\n" +
		`{"order_id":"x-2","customer_id":null,"order_timestamp":"2026-11-03T09:20:00Z","items":[{"product_id":"P-3","quantity":1,"unit_price":7.00}],` +
		`"total_amount":7.00,"payment_status":"failed","shipping_address":null}` + "\n" +
		`{"order_id":"x-3","customer_id":"C-3","order_timestamp":"2026-11-03T10:20:00Z","items":[{"product_id":"P-4","quantity":5,"unit_price":1.00}],` +
		`"total_amount":6.00,"payment_status":"on hold","coupon":"A","shipping_address":{"street":"1 Rue","city":"Lutetia","state":"","zipcode":"1","country":"Gaul"}}` + "\n"
)

// startShop runs a pipeline over files of every fate: catalogs that change, orders that
// change, repeat, contradict and wait, records and files that are refused, released and read
// again, and the reports of a day.
func startShop(t *testing.T) *harness.Pipeline {
	t.Helper()
	p := harness.Start(t, "all")
	files := 0
	land := func(name, content string) {
		t.Helper()
		p.Land(t, name, []byte(content))
		files++
		p.AwaitFiles(t, files)
	}
	land("products/first.csv", firstProducts)
	land("customers/first.csv", firstCustomers)
	land("orders/first.json", harness.Version("o-1", 1, 1, "10.00", "pending")+harness.Version("o-2", 1, 3, "5.00", "completed")+
		harness.Order("o-3", 2, "P-9", "C-9", "8.00")+harness.Order("o-4", 2, "P-8", "C-8", "15.00")+"{\"order_id\":\n"+
		harness.Order("o-5", 2, "P-3", "C-4", "7.00"))
	land("orders/extras.json", extras)
	land("orders/second.json", harness.Version("o-1", 1, 2, "10.00", "completed")+harness.Version("o-2", 1, 2, "4.00", "pending")+
		harness.Order("o-5", 2, "P-3", "C-4", "7.00")+harness.Order("o-5", 2, "P-3", "C-4", "7.50"))
	land("products/second.csv", secondProducts)
	land("customers/second.csv", secondCustomers)
	land("orders/third.json", harness.Version("o-1", 2, 4, "10.00", "refunded")+harness.Order("o-6", 4, "P-1", "C-1", "11.00"))
	land("orders/bad.json", "{\n{\n"+harness.Order("o-7", 5, "P-1", "C-1", "10.00"))
	land("orders/doubtful.json", "{\n{\n"+harness.Order("o-8", 5, "P-1", "C-2", "10.00"))
	land("orders/empty.json", "\n")
	p.BringBack(t, 1, "release", p.FileID(t, "orders/doubtful.json"))
	today := civil.Date{Year: 2026, Month: 11, Day: 5}
	if err := p.Daily(t, func() time.Time { return today.In(time.UTC).Add(26 * time.Hour) }).Make(t.Context(), today, nil); err != nil {
		t.Fatal(err)
	}
	return p
}

// tables are those that a corruption may change.
var tables = []string{
	"fact_orders", "fact_orders_history", "order_keys", "order_id_ranges", "order_history", "dim_products", "dim_customers", "dim_products_history", "dim_customers_history",
	"agg_hourly_metrics", "agg_category_revenue", "agg_daily_orders", "agg_daily_products", "agg_daily_customers", "agg_daily_files",
	"file_ledger", "file_ledger_history", "data_quality_checks", "rejected_records",
	"unresolved_refs", "pipeline_fence", "report_runs", "report_churn_risk", "report_cohorts", "report_customer_days", "report_order_times", "report_inventory_alerts", "report_revenue_trends", "report_forecast",
	"report_profile", "report_data_quality",
}

func keep(t *testing.T, p *harness.Pipeline) {
	t.Helper()
	for _, table := range tables {
		p.MustQuery(t, fmt.Sprintf("CREATE TABLE kept_%s AS SELECT * FROM %s", table, table))
	}
}

func restore(t *testing.T, p *harness.Pipeline, table string) {
	t.Helper()
	p.MustQuery(t, fmt.Sprintf("DELETE FROM %s WHERE TRUE", table))
	p.MustQuery(t, fmt.Sprintf("INSERT INTO %s SELECT * FROM kept_%s", table, table))
}

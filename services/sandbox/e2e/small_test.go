package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	smallProducts  = "product_id,product_name,category,price,stock_level\nP-1,Lamp,Home & Garden,10.00,5\nP-2,Ball,Sports,2.50,0\n"
	smallCustomers = "customer_id,name,email,registration_date,customer_tier\nC-1,Ada,ada@example.com,2025-01-02,gold\n"
	smallOrders    = `{"order_id":"o-1","customer_id":"C-1","order_timestamp":"2026-11-01T11:21:44.126748","items":[{"product_id":"P-1","quantity":2,"unit_price":10.00},{"product_id":"P-2","quantity":1,"unit_price":2.5}],"total_amount":22.50,"payment_status":"completed","shipping_address":{"street":"1 Main St","city":"New York","state":"NY","zipcode":"10001","country":"USA"}}
{"order_id":"o-2","customer_id":"C-9","order_timestamp":"2026-11-01T11:59:59+00:00","items":[{"product_id":"P-9","quantity":3,"unit_price":0.1}],"total_amount":0.30,"payment_status":"pending","shipping_address":{"street":"2 Main St","city":"Paris","state":"","zipcode":"75001","country":"France"}}
{"order_id":"o-1","customer_id":"C-1","order_timestamp":"2026-11-01T11:21:44.126748Z","items":[{"product_id":"P-1","quantity":2,"unit_price":10},{"product_id":"P-2","quantity":1,"unit_price":2.50}],"total_amount":22.5,"payment_status":"completed","shipping_address":{"street":"1 Main St","city":"New York","state":"NY","zipcode":"10001","country":"USA"}}
{"order_id":"o-1","customer_id":"C-1","order_timestamp":"2026-11-01T11:21:44.126748Z","items":[{"product_id":"P-1","quantity":9,"unit_price":10}],"total_amount":90,"payment_status":"completed","coupon":"SAVE10","shipping_address":{"street":"1 Main St","city":"New York","state":"NY","zipcode":"10001","country":"USA"}}
{"order_id":"o-3","customer_id":
`
)

// TestSmallFiles follows a handful of records whose outcome a person can check by hand.
func TestSmallFiles(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	p.land(t, "orders/small.json", []byte(smallOrders))
	p.awaitFiles(t, 1)

	check := func(what, query, want string) {
		t.Helper()
		if diff := cmp.Diff(want, text(p.mustQuery(t, query))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	const factsQuery = `SELECT order_id, line_number, customer_tier, product_name, category, category_line_number, quantity, line_total, total_amount, region
		FROM fact_orders ORDER BY order_id, line_number`
	check("facts before the catalogs", factsQuery,
		"o-1|1|unknown|NULL|unknown|1|2|20|22.5|Northeast\n"+
			"o-1|2|unknown|NULL|unknown|2|1|2.5|22.5|Northeast\n"+
			"o-2|1|unknown|NULL|unknown|1|3|0.3|0.3|France\n")
	check("ledger", "SELECT kind, records, loaded, `lines`, duplicates, rejected, held, verdict FROM file_ledger",
		"orders|5|2|3|2|1|0|loaded\n")
	check("hours", `SELECT metric_hour, total_orders, total_revenue, avg_order_value, unique_customers, completed_orders, completed_revenue, pending_orders
		FROM agg_hourly_metrics`, "2026-11-01T11:00:00Z|2|22.8|11.4|2|1|22.5|1\n")
	check("findings", "SELECT check_type, severity, COUNT(*) FROM data_quality_checks GROUP BY 1, 2 ORDER BY 1",
		"duplicate_order_conflict|error|1\nduplicate_order_replay|info|1\nmalformed_json|error|1\nmissing_customer|warning|2\nmissing_product|warning|3\nunknown_field|warning|1\n")
	// What was refused is kept whole, and the finding names the record that stands.
	check("refused content", `SELECT check_type, record_index, REGEXP_REPLACE(issue_description, r'file [0-9a-z]+', 'file F'),
		JSON_VALUE(refused_content, '$.order_timestamp'), JSON_VALUE(refused_content, '$.items[0].quantity'),
		JSON_VALUE(refused_content, '$.items[0].unit_price'), JSON_VALUE(refused_content, '$.total_amount'),
		JSON_VALUE(refused_content, '$.shipping_address.city'), JSON_VALUE(refused_content, '$.unknown_fields.coupon')
		FROM data_quality_checks WHERE check_type LIKE 'duplicate%' ORDER BY record_index`,
		"duplicate_order_replay|2|same order as record 0 of landing/orders/small.json (file F)|NULL|NULL|NULL|NULL|NULL|NULL\n"+
			"duplicate_order_conflict|3|same order_id with other content as record 0 of landing/orders/small.json (file F), which stands; the content refused is in refused_content"+
			"|2026-11-01T11:21:44.126748Z|9|10|90|New York|SAVE10\n")

	p.land(t, "products/latest.csv", []byte(smallProducts))
	p.land(t, "customers/latest.csv", []byte(smallCustomers))
	p.awaitFiles(t, 3)
	check("facts after the catalogs", factsQuery,
		"o-1|1|gold|Lamp|Home & Garden|1|2|20|22.5|Northeast\n"+
			"o-1|2|gold|Ball|Sports|1|1|2.5|22.5|Northeast\n"+
			"o-2|1|unknown|NULL|unknown|1|3|0.3|0.3|France\n")
	check("categories", "SELECT metric_date, category, orders, units, revenue, completed_revenue FROM agg_category_revenue ORDER BY category",
		"2026-11-01|Home & Garden|1|2|20|20\n2026-11-01|Sports|1|1|2.5|2.5\n2026-11-01|unknown|1|3|0.3|0\n")
	check("references still open", "SELECT ref_kind, ref_id FROM unresolved_refs ORDER BY 1", "customer|C-9\nproduct|P-9\n")
}

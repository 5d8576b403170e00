package landing

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestSmallFiles follows a handful of records whose outcome a person can check by hand.
func TestSmallFiles(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	p.Land(t, "orders/small.json", []byte(harness.SmallOrders))
	p.AwaitFiles(t, 1)

	check := func(what, query, want string) {
		t.Helper()
		if diff := cmp.Diff(want, harness.Text(p.MustQuery(t, query))); diff != "" {
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

	p.Land(t, "products/latest.csv", []byte(harness.SmallProducts))
	p.Land(t, "customers/latest.csv", []byte(harness.SmallCustomers))
	p.AwaitFiles(t, 3)
	check("facts after the catalogs", factsQuery,
		"o-1|1|gold|Lamp|Home & Garden|1|2|20|22.5|Northeast\n"+
			"o-1|2|gold|Ball|Sports|1|1|2.5|22.5|Northeast\n"+
			"o-2|1|unknown|NULL|unknown|1|3|0.3|0.3|France\n")
	check("categories", "SELECT metric_date, category, orders, units, revenue, completed_revenue FROM agg_category_revenue ORDER BY category",
		"2026-11-01|Home & Garden|1|2|20|20\n2026-11-01|Sports|1|1|2.5|2.5\n2026-11-01|unknown|1|3|0.3|0\n")
	check("references still open", "SELECT ref_kind, ref_id FROM unresolved_refs ORDER BY 1", "customer|C-9\nproduct|P-9\n")
}

package orders

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// Orders as shops write them: a guest's that is not shipped, with a line without a product, tax,
// shipping, discounts and a part paid back; one with tax in its prices, paid back as a whole; one
// called off, in a spelling of the source's; one that failed; and one of another currency.
const shopOrders = `{"order_id":"g-1","customer_id":null,"order_timestamp":"2026-11-01T11:00:00Z","updated_at":"2026-11-01T11:30:00Z","currency":"USD","items":[{"product_id":"P-1","quantity":2,"unit_price":10.00,"discount_amount":1.50},{"product_id":null,"quantity":1,"unit_price":3}],"tax_amount":1.70,"tax_included":false,"shipping_amount":4.95,"discount_amount":2,"refunded_amount":6.15,"total_amount":26.15,"payment_status":"partially_refunded","shipping_address":null}
{"order_id":"g-2","customer_id":"","order_timestamp":"2026-11-01T11:10:00Z","items":[{"product_id":"P-2","quantity":1,"unit_price":11.90}],"tax_amount":1.90,"tax_included":true,"refunded_amount":11.90,"total_amount":11.90,"payment_status":"refunded","shipping_address":{"city":"Reno","state":"NV","country":"US"}}
{"order_id":"g-3","customer_id":"C-1","order_timestamp":"2026-11-01T11:20:00Z","items":[{"product_id":"P-1","quantity":3,"unit_price":10}],"refunded_amount":30,"total_amount":30,"payment_status":"Canceled","shipping_address":{}}
{"order_id":"g-4","customer_id":"C-1","order_timestamp":"2026-11-01T11:40:00Z","items":[{"product_id":"P-2","quantity":1,"unit_price":7}],"total_amount":7,"payment_status":"failed","shipping_address":{"country":"France"}}
{"order_id":"g-5","customer_id":"C-1","order_timestamp":"2026-11-01T11:50:00Z","items":[{"product_id":"P-2","quantity":1,"unit_price":5}],"currency":"EUR","total_amount":5,"payment_status":"completed","shipping_address":null}
{"order_id":"g-6","customer_id":"C-1","order_timestamp":"2026-11-01T11:50:00Z","items":[{"product_id":"P-2","quantity":1,"unit_price":2.50}],"total_amount":2.50,"payment_status":"On Hold","shipping_address":null}
`

// TestShopOrders follows such orders to every table; a person can check the sums by hand.
func TestShopOrders(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	p.Land(t, "products/latest.csv", []byte(harness.SmallProducts))
	p.Land(t, "customers/latest.csv", []byte(harness.SmallCustomers))
	p.AwaitFiles(t, 2)
	p.Land(t, "orders/shop.json", []byte(shopOrders))
	p.AwaitFiles(t, 3)

	check := func(what, query, want string) {
		t.Helper()
		if diff := cmp.Diff(want, harness.Text(p.MustQuery(t, query))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	check("lines", `SELECT order_id, line_number, customer_id, customer_tier, product_id, product_name, category, line_discount_amount, line_total, total_amount,
		payment_status, payment_status_text, street, country, region FROM fact_orders ORDER BY order_id, line_number`,
		"g-1|1|NULL|guest|P-1|Lamp|Home & Garden|1.5|18.5|26.15|partially_refunded|partially_refunded|NULL|NULL|none\n"+
			"g-1|2|NULL|guest|NULL|NULL|none|NULL|3|26.15|partially_refunded|partially_refunded|NULL|NULL|none\n"+
			"g-2|1|NULL|guest|P-2|Ball|Sports|NULL|11.9|11.9|refunded|refunded|NULL|US|West\n"+
			"g-3|1|C-1|gold|P-1|Lamp|Home & Garden|NULL|30|30|cancelled|canceled|NULL|NULL|none\n"+
			"g-4|1|C-1|gold|P-2|Ball|Sports|NULL|7|7|failed|failed|NULL|France|France\n"+
			"g-6|1|C-1|gold|P-2|Ball|Sports|NULL|2.5|2.5|on hold|on hold|NULL|NULL|none\n")
	check("what the orders state", `SELECT order_id, updated_at, currency, tax_amount, tax_included, shipping_amount, discount_amount, refunded_amount
		FROM fact_orders WHERE line_number = 1 ORDER BY order_id`,
		"g-1|2026-11-01T11:30:00Z|USD|1.7|false|4.95|2|6.15\n"+
			"g-2|NULL|USD|1.9|true|NULL|NULL|11.9\n"+
			"g-3|NULL|USD|NULL|NULL|NULL|NULL|30\n"+
			"g-4|NULL|USD|NULL|NULL|NULL|NULL|NULL\n"+
			"g-6|NULL|USD|NULL|NULL|NULL|NULL|NULL\n")
	check("hour", `SELECT total_orders, unique_customers, completed_orders, pending_orders, failed_orders, refunded_orders, partially_refunded_orders,
		cancelled_orders, other_orders, total_revenue, refunded_revenue, net_revenue, failed_revenue, cancelled_revenue, headline_revenue, paid_revenue FROM agg_hourly_metrics`,
		"5|1|0|0|1|1|1|1|1|77.55|48.05|29.5|7|30|22.5|20\n")
	check("categories", "SELECT category, orders, revenue, headline_revenue, paid_revenue FROM agg_category_revenue ORDER BY category",
		"Home & Garden|2|48.5|18.5|18.5\nSports|3|21.4|14.4|0\nnone|1|3|3|3\n")
	check("findings", "SELECT check_type, COUNT(*) FROM data_quality_checks GROUP BY 1 ORDER BY 1", "currency_mismatch|1\nunknown_status|1\n")
	check("references", "SELECT COUNT(*) FROM unresolved_refs", "0\n")
	check("staging holds no empty text", `SELECT COUNT(*) FROM staging_orders WHERE customer_id = '' OR shipping_address.street = '' OR shipping_address.state = ''
		OR EXISTS (SELECT 1 FROM UNNEST(items) AS i WHERE i.product_id = '')`, "0\n")
}

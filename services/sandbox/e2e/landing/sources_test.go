package landing

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// The description of a shop's export that has prices in cents and a status of its own. At
// first it takes the wrong field for what one costs.
const (
	wrongSource = `orders:
  json:
    numbers: {minor_units: 2}
    fields: {order_id: /no, customer_id: /buyer, order_timestamp: /at, total_amount: /total, payment_status: {from: /state, map: {done: completed}}}
    items: {over: /lines, fields: {product_id: /sku, quantity: {from: /n, numbers: {decimal_mark: "."}}, unit_price: /cost}}
`
	rightSource = `orders:
  json:
    numbers: {minor_units: 2}
    fields: {order_id: /no, customer_id: /buyer, order_timestamp: /at, total_amount: /total, payment_status: {from: /state, map: {done: completed}}}
    items: {over: /lines, fields: {product_id: /sku, quantity: {from: /n, numbers: {decimal_mark: "."}}, unit_price: /price}}
`
	sourceOrders = `{"no":1,"buyer":17,"at":"2026-11-01T10:00:00Z","state":"done","total":2599,"lines":[{"sku":"P-1","n":"2","price":1000,"cost":400},{"sku":"P-2","n":1,"price":599,"cost":300}]}
{"no":2,"at":"2026-11-01T10:00:00Z","state":"open","total":599,"lines":[{"sku":"P-2","n":1,"price":599,"cost":300}]}
`
)

// TestSources lands exports in the folders of their sources: what they become, what a file
// in a folder that is misspelt or of no source becomes, and what a corrected description
// makes of a file that was read before.
func TestSources(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	folder := filepath.Join(config.DataDir, "sources")
	describe := func(content string) {
		t.Helper()
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "corner-shop.yaml"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	describe(wrongSource)
	s, stop := harness.StartStack(t, config)
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	p.Land(t, "orders/corner-shop/2026/11/a.json", []byte(sourceOrders))
	p.Land(t, "orders/2026/11/native.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	p.Land(t, "orders/Corner_Shop/a.json", []byte(sourceOrders))
	p.Land(t, "products/corner-shop/a.csv", []byte(harness.SmallProducts))
	p.Land(t, "orders/magento/a.json", []byte(sourceOrders))
	p.AwaitFiles(t, 5)
	p.Check(t, "files", "SELECT landing_name, verdict, reason, records, loaded FROM file_ledger ORDER BY landing_name",
		"landing/orders/2026/11/native.json|loaded|NULL|1|1\n"+
			"landing/orders/Corner_Shop/a.json|quarantined|unknown_source|0|0\n"+
			"landing/orders/corner-shop/2026/11/a.json|loaded|NULL|2|2\n"+
			"landing/orders/magento/a.json|quarantined|mostly_refused|2|0\n"+
			"landing/products/corner-shop/a.csv|quarantined|unknown_source|0|0\n")
	const lines = "SELECT order_id, customer_id, product_id, quantity, unit_price, total_amount, payment_status_text FROM fact_orders WHERE order_id != 'o-1' ORDER BY order_id, line_number"
	p.Check(t, "as the wrong description has it", lines, "1|17|P-1|2|4|25.99|completed\n1|17|P-2|1|3|25.99|completed\n2|NULL|P-2|1|3|5.99|open\n")

	stop()
	describe(rightSource)
	s, _ = harness.StartStack(t, config)
	p = harness.Connect(t, s.Endpoints(), s.DashboardURL())
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/corner-shop/2026/11/a.json"))
	p.Check(t, "as the right one has it", lines, "1|17|P-1|2|10|25.99|completed\n1|17|P-2|1|5.99|25.99|completed\n2|NULL|P-2|1|5.99|5.99|open\n")
	p.Check(t, "findings", "SELECT COUNT(*) FROM data_quality_checks WHERE check_type = 'amount_mismatch'", "0\n")
	p.VerifyInvariants(t)
}

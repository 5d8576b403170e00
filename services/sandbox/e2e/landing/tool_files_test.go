package landing

import (
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// toolStock is the header of a products file.
const toolStock = "product_id,product_name,category,price,stock_level\n"

// TestFilesOfTools lands files as shops and tools really write them, a name of its own for each
// order and product so that all can share one warehouse, and checks what became of each file, by
// which rules records were refused, and what was noted of it.
func TestFilesOfTools(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	one := func(id string) string { return strings.TrimSpace(harness.Order(id, 1, "P-1", "C-1", "10.00")) }
	change := func(id, old, instead string) string { return strings.Replace(one(id), old, instead, 1) }
	guest := change("guest-1", `"C-1"`, "null") + "\n" + change("guest-2", `"C-1"`, `"0"`)
	address := one("away")[strings.Index(one("away"), `"shipping_address":`):]
	files := []struct{ name, content, want string }{
		{"orders/02.json", change("types", `"total_amount":10.00`, `"total_amount":"10.00"`) + "\n" + one("types-2"), "loaded|NULL|2|1|1"},
		{"orders/03.json", guest, "loaded|NULL|2|2|0"},
		{"orders/04.json", change("back", `"quantity":1`, `"quantity":-1`) + "\n" + one("back-2"), "loaded|NULL|2|1|1"},
		{"orders/06.json", "[" + one("a-1") + "," + one("a-2") + "]\n[" + one("a-3") + "," + one("a-4") + "]\n", "loaded|NULL|4|4|0"},
		{"orders/07.json", one("n-1") + one("n-2") + one("n-3"), "loaded|NULL|3|3|0"},
		{"orders/08.json", change("time", "2026-11-01T11:00:00Z", "2026-11-01 11:21:44 UTC"), "loaded|NULL|1|1|0"},
		{"orders/11.json", strings.Replace(one("away"), address, `"shipping_address":null}`, 1), "loaded|NULL|1|1|0"},
		{"orders/13.json", change("half", `"quantity":1`, `"quantity":1.5`) + "\n" + one("half-2"), "loaded|NULL|2|1|1"},
		{"orders/14.json", change("tax", `"total_amount":10.00`, `"total_amount":15.83`) + "\n" +
			change("tax-2", `"total_amount":10.00`, `"tax_amount":0.83,"shipping_amount":5,"total_amount":15.83`), "loaded|NULL|2|2|0"},
		{"orders/24.json.gz", string(harness.Gzipped(t, []byte(one("zeros")))) + strings.Repeat("\x00", 512), "loaded|NULL|1|1|0"},
		{"orders/24b.json.gz", string(harness.Gzipped(t, harness.Gzipped(t, []byte(one("twice"))))), "quarantined|unreadable_file|0|0|0"},
		{"orders/25.json", "[]\n", "loaded|NULL|0|0|0"},
		{"orders/28.json", strings.ReplaceAll(one("pretty"), ",", ",\n"), "quarantined|unknown_shape|0|0|0"},
		{"orders/28b.json", `{"orders":[` + one("wrapped") + "]}", "quarantined|unknown_shape|0|0|0"},
		{"orders/31.json", change("nan", `"unit_price":10.00`, `"unit_price":NaN`) + "\n" + one("nan-2"), "loaded|NULL|2|1|1"},
		{"products/18.csv", strings.ReplaceAll(toolStock+"P-18,Mug,Home,12.50,5\n", "\n", "\r\r\n"), "loaded|NULL|1|1|0"},
		{"products/19.csv", "," + toolStock + "0,P-19,Mug,Home,12.50,5\n", "loaded|NULL|1|1|0"},
		{"products/20.csv", strings.ReplaceAll(toolStock, ",", ";") + "P-20;Mug;Home;12,50;5\n", "quarantined|header_mismatch|0|0|0"},
		{"products/21.csv", toolStock + "P-21, Mug,Home, 12.50 ,5\nP-22,Cup,Home,$12.50,5\nP-23,Cup,Home,1,5\n", "loaded|NULL|3|2|1"},
		{"products/25b.csv", toolStock, "loaded|NULL|0|0|0"},
		{"products/26.csv", toolStock + "P-26,M\xfcsli,Home,1,1\nP-27,Cup,Home,1,1\nP-28,Mug,Home,1,1\n", "loaded|NULL|3|2|1"},
		{"products/27.csv", toolStock + "P-31,Mu\x00g,Home,1,1\nP-32,Cup,Home,1,1\n", "loaded|NULL|2|1|1"},
	}
	want := ""
	for _, file := range files {
		p.Land(t, file.name, []byte(file.content))
		want += "landing/" + file.name + "|" + file.want + "\n"
	}
	p.AwaitFiles(t, len(files))
	p.Check(t, "ledger", "SELECT landing_name, verdict, reason, records, loaded, rejected FROM file_ledger ORDER BY landing_name", want)
	p.Check(t, "refused", "SELECT l.landing_name, r.rule FROM rejected_records AS r JOIN file_ledger AS l ON l.file_id = r.file_id ORDER BY 1",
		"landing/orders/02.json|wrong_type\nlanding/orders/04.json|invalid_quantity\nlanding/orders/13.json|invalid_quantity\n"+
			"landing/orders/31.json|invalid_amount\nlanding/products/21.csv|invalid_amount\nlanding/products/26.csv|invalid_utf8\nlanding/products/27.csv|invalid_text\n")
	p.Check(t, "noted", "SELECT l.landing_name, c.check_type, COUNT(*) FROM data_quality_checks AS c JOIN file_ledger AS l ON l.file_id = c.file_id "+
		"WHERE c.check_type IN ('amount_mismatch', 'empty_file', 'unnamed_column', 'trimmed_text') GROUP BY 1, 2 ORDER BY 1, 2",
		"landing/orders/14.json|amount_mismatch|1\nlanding/orders/25.json|empty_file|1\nlanding/products/19.csv|unnamed_column|1\n"+
			"landing/products/21.csv|trimmed_text|1\nlanding/products/25b.csv|empty_file|1\n")
	p.Check(t, "guests and no address", "SELECT order_id, customer_id, region FROM fact_orders WHERE order_id IN ('guest-1', 'guest-2', 'away') ORDER BY 1",
		"away|C-1|none\nguest-1|NULL|Northeast\nguest-2|0|Northeast\n")
	p.VerifyInvariants(t) // the model knows no shapes of files
}

// TestPendingThenCompleted: without updated_at the second version contradicts the first, with it
// it replaces it.
func TestPendingThenCompleted(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	version := func(id, status, updated string) []byte {
		text := strings.Replace(harness.Order(id, 1, "P-1", "C-1", "10.00"), `"completed"`, `"`+status+`"`, 1)
		if updated != "" {
			text = strings.Replace(text, `"items"`, `"updated_at":"`+updated+`","items"`, 1)
		}
		return []byte(text)
	}
	var landed harness.Landed
	for i, status := range []string{"pending", "completed"} {
		landed.Add(t, p, "orders/bare-"+status+".json", version("bare", status, ""))
		landed.Add(t, p, "orders/dated-"+status+".json", version("dated", status, "2026-11-01T1"+string(rune('2'+i))+":00:00Z"))
		p.AwaitFiles(t, len(landed.Sources))
	}
	p.Check(t, "ledger", "SELECT landing_name, loaded, updated, duplicates FROM file_ledger ORDER BY 1",
		"landing/orders/bare-completed.json|0|0|1\nlanding/orders/bare-pending.json|1|0|0\n"+
			"landing/orders/dated-completed.json|1|1|0\nlanding/orders/dated-pending.json|1|0|0\n")
	p.Check(t, "facts", "SELECT order_id, payment_status_text FROM fact_orders ORDER BY 1", "bare|pending\ndated|completed\n")
	p.Check(t, "findings", "SELECT check_type FROM data_quality_checks WHERE check_type IN ('duplicate_order_conflict', 'order_updated') ORDER BY 1",
		"duplicate_order_conflict\norder_updated\n")
	harness.VerifyAll(t, p, landed.Sources)
}

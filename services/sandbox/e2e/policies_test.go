package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
)

// TestFailFile quarantines the files that hold an order whose id came before with
// other content, and only those: what such a file would have loaded stands in no
// other file's way.
func TestFailFile(t *testing.T) {
	t.Parallel()
	config := newConfig(t.TempDir(), "all")
	config.DuplicatePolicy = loading.FailFile
	p := startWith(t, config)
	p.policy.FailDuplicates = true
	var files landed
	files.add(t, p, "orders/a.json", []byte(order("o-1", 1, "P-1", "C-1", "10.00")+order("o-2", 1, "P-1", "C-1", "5.00")))
	p.awaitFiles(t, 1)
	conflict := order("o-1", 1, "P-1", "C-1", "99.00")
	files.add(t, p, "orders/b.json", []byte(conflict+order("o-5", 1, "P-1", "C-1", "5.00")+order("o-2", 1, "P-1", "C-1", "5.00")+"{\n"))
	p.awaitFiles(t, 2) // b.json first: loaded before it, c.json would own o-5
	files.add(t, p, "orders/c.json", []byte(order("o-5", 1, "P-1", "C-1", "6.00")))
	files.add(t, p, "orders/d.json", []byte(order("o-6", 1, "P-1", "C-1", "6.00")+order("o-6", 1, "P-1", "C-1", "7.00")))
	files.add(t, p, "orders/e.json", []byte(order("o-2", 1, "P-1", "C-1", "5.00")))
	files.add(t, p, "products/p.csv", []byte(smallProducts))
	p.awaitFiles(t, 6)
	p.check(t, "ledger", lifecycleQuery,
		"landing/orders/a.json|1|loaded|NULL|2|2|0|0|0|NULL\n"+
			"landing/orders/b.json|1|quarantined|duplicate_orders|4|0|0|1|3|NULL\n"+
			"landing/orders/c.json|1|loaded|NULL|1|1|0|0|0|NULL\n"+
			"landing/orders/d.json|1|quarantined|duplicate_orders|2|0|0|0|2|NULL\n"+
			"landing/orders/e.json|1|loaded|NULL|1|0|1|0|0|NULL\n"+
			"landing/products/p.csv|1|loaded|NULL|2|2|0|0|0|NULL\n")
	b := p.fileID(t, "orders/b.json")
	p.check(t, "findings", "SELECT check_type, severity, COUNT(*) FROM data_quality_checks WHERE file_id = '"+b+"' GROUP BY 1, 2 ORDER BY 1",
		"duplicate_order_conflict|error|1\nduplicate_order_replay|info|1\nduplicate_orders|error|1\nmalformed_json|error|1\n")
	verifyAll(t, p, files.sources)

	p.bringBack(t, 2, "release", b, p.fileID(t, "orders/d.json"))
	p.check(t, "released", lifecycleQuery+" LIMIT 4",
		"landing/orders/a.json|1|loaded|NULL|2|2|0|0|0|NULL\n"+
			"landing/orders/b.json|2|loaded|NULL|4|0|3|1|0|accept_duplicates\n"+
			"landing/orders/c.json|1|loaded|NULL|1|1|0|0|0|NULL\n"+
			"landing/orders/d.json|2|loaded|NULL|2|1|1|0|0|accept_duplicates\n")
	verifyAll(t, p, files.sources)
}

// TestLookback lets an order in again whose first is older than the lookback, and then
// sees both at once: whichever counts, each record has one outcome.
func TestLookback(t *testing.T) {
	t.Parallel()
	config := newConfig(t.TempDir(), "all")
	config.DedupLookbackDays = 30
	p := startWith(t, config)
	on := func(id, day string) string {
		return strings.Replace(order(id, 1, "P-1", "C-1", "10.00"), "2026-11-01", day, 1)
	}
	p.land(t, "orders/a.json", []byte(on("o-1", "2026-01-05")))
	p.awaitFiles(t, 1)
	p.land(t, "orders/b.json", []byte(on("o-1", "2026-11-01")))
	p.awaitFiles(t, 2)
	p.land(t, "orders/c.json", []byte(on("o-1", "2026-11-01")+on("o-2", "2026-01-10")))
	p.awaitFiles(t, 3)
	p.check(t, "ledger", lifecycleQuery,
		"landing/orders/a.json|1|loaded|NULL|1|1|0|0|0|NULL\n"+
			"landing/orders/b.json|1|loaded|NULL|1|1|0|0|0|NULL\n"+
			"landing/orders/c.json|1|loaded|NULL|2|1|1|0|0|NULL\n")
}

// catalogOf is a products file of these ids.
func catalogOf(ids ...int) []byte {
	var b strings.Builder
	b.WriteString("product_id,product_name,category,price,stock_level\n")
	for _, id := range ids {
		fmt.Fprintf(&b, "P-%d,Lamp,Home,10.00,5\n", id)
	}
	return []byte(b.String())
}

// TestDeactivation lets rows disappear from daily files: few of them, too many, from
// a file with a refusal, and has them come back.
func TestDeactivation(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	var files landed
	day := func(name string, content []byte) {
		t.Helper()
		files.add(t, p, "products/"+name+".csv", content)
		p.awaitFiles(t, len(files.sources))
	}
	inactive := func(when, want string) {
		t.Helper()
		p.check(t, when, "SELECT product_id FROM dim_products WHERE NOT is_active ORDER BY 1", want)
		verifyAll(t, p, files.sources)
	}
	day("monday", catalogOf(1, 2, 3, 4, 5, 6))
	inactive("at first", "")
	day("refusal", append(catalogOf(1, 2, 3, 4, 5), "P-7,Lamp,Home,none,5\n"...))
	inactive("a row was refused", "")
	day("shrunk", catalogOf(1, 2, 3, 4))
	inactive("a third is too many", "")
	p.check(t, "finding", "SELECT severity, issue_description FROM data_quality_checks WHERE check_type = 'catalog_shrunk'",
		"warning|landing/products/shrunk.csv lacks 2 active products; they were left active\n")
	day("tuesday", catalogOf(1, 2, 3, 4, 5))
	inactive("one of six", "P-6\n")
	p.bringBack(t, 1, "reprocess", p.fileID(t, "products/monday.csv"))
	inactive("an older file again", "P-6\n")
	day("wednesday", catalogOf(6, 1, 2, 3, 4))
	inactive("one back, one gone", "P-5\n")
	p.bringBack(t, 1, "reprocess", p.fileID(t, "products/wednesday.csv"))
	inactive("the newest file again", "P-5\n")

	files.add(t, p, "customers/a.csv", []byte(smallCustomers+"C-2,Bob,b@example.com,2025-01-02,gold\n"))
	p.awaitFiles(t, len(files.sources))
	files.add(t, p, "customers/b.csv", []byte(smallCustomers))
	p.awaitFiles(t, len(files.sources))
	p.check(t, "half of the customers", "SELECT COUNT(*) FROM dim_customers WHERE NOT is_active", "0\n")
	verifyAll(t, p, files.sources)
}

package orders

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestFailFile quarantines the files that hold an order whose id came before with
// other content, and only those: what such a file would have loaded stands in no
// other file's way.
func TestFailFile(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["DUPLICATE_POLICY"] = string(loading.FailFile)
	p := harness.StartWith(t, config)
	p.Policy.FailDuplicates = true
	var files harness.Landed
	files.Add(t, p, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")+harness.Order("o-2", 1, "P-1", "C-1", "5.00")))
	p.AwaitFiles(t, 1)
	conflict := harness.Order("o-1", 1, "P-1", "C-1", "99.00")
	files.Add(t, p, "orders/b.json", []byte(conflict+harness.Order("o-5", 1, "P-1", "C-1", "5.00")+harness.Order("o-2", 1, "P-1", "C-1", "5.00")+"{\n"))
	p.AwaitFiles(t, 2) // b.json first: loaded before it, c.json would own o-5
	files.Add(t, p, "orders/c.json", []byte(harness.Order("o-5", 1, "P-1", "C-1", "6.00")))
	files.Add(t, p, "orders/d.json", []byte(harness.Order("o-6", 1, "P-1", "C-1", "6.00")+harness.Order("o-6", 1, "P-1", "C-1", "7.00")))
	files.Add(t, p, "orders/e.json", []byte(harness.Order("o-2", 1, "P-1", "C-1", "5.00")))
	files.Add(t, p, "products/p.csv", []byte(harness.SmallProducts))
	p.AwaitFiles(t, 6)
	p.Check(t, "ledger", harness.LifecycleQuery,
		"landing/orders/a.json|1|loaded|NULL|2|2|0|0|0|NULL\n"+
			"landing/orders/b.json|1|quarantined|duplicate_orders|4|0|0|1|3|NULL\n"+
			"landing/orders/c.json|1|loaded|NULL|1|1|0|0|0|NULL\n"+
			"landing/orders/d.json|1|quarantined|duplicate_orders|2|0|0|0|2|NULL\n"+
			"landing/orders/e.json|1|loaded|NULL|1|0|1|0|0|NULL\n"+
			"landing/products/p.csv|1|loaded|NULL|2|2|0|0|0|NULL\n")
	b := p.FileID(t, "orders/b.json")
	p.Check(t, "findings", "SELECT check_type, severity, COUNT(*) FROM data_quality_checks WHERE file_id = '"+b+"' GROUP BY 1, 2 ORDER BY 1",
		"duplicate_order_conflict|error|1\nduplicate_order_replay|info|1\nduplicate_orders|error|1\nmalformed_json|error|1\n")
	harness.VerifyAll(t, p, files.Sources)

	p.BringBack(t, 2, "release", b, p.FileID(t, "orders/d.json"))
	p.Check(t, "released", harness.LifecycleQuery+" LIMIT 4",
		"landing/orders/a.json|1|loaded|NULL|2|2|0|0|0|NULL\n"+
			"landing/orders/b.json|2|loaded|NULL|4|0|3|1|0|accept_duplicates\n"+
			"landing/orders/c.json|1|loaded|NULL|1|1|0|0|0|NULL\n"+
			"landing/orders/d.json|2|loaded|NULL|2|1|1|0|0|accept_duplicates\n")
	harness.VerifyAll(t, p, files.Sources)
}

// TestLookback lets an order in again whose first is older than the lookback, and then
// sees both at once: whichever counts, each record has one outcome.
func TestLookback(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["DEDUP_LOOKBACK_DAYS"] = "30"
	p := harness.StartWith(t, config)
	on := func(id, day string) string {
		return strings.Replace(harness.Order(id, 1, "P-1", "C-1", "10.00"), "2026-11-01", day, 1)
	}
	p.Land(t, "orders/a.json", []byte(on("o-1", "2026-01-05")))
	p.AwaitFiles(t, 1)
	p.Land(t, "orders/b.json", []byte(on("o-1", "2026-11-01")))
	p.AwaitFiles(t, 2)
	p.Land(t, "orders/c.json", []byte(on("o-1", "2026-11-01")+on("o-2", "2026-01-10")))
	p.AwaitFiles(t, 3)
	p.Check(t, "ledger", harness.LifecycleQuery,
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
	p := harness.Start(t, "all")
	var files harness.Landed
	day := func(name string, content []byte) {
		t.Helper()
		files.Add(t, p, "products/"+name+".csv", content)
		p.AwaitFiles(t, len(files.Sources))
	}
	inactive := func(when, want string) {
		t.Helper()
		p.Check(t, when, "SELECT product_id FROM dim_products WHERE NOT is_active ORDER BY 1", want)
		harness.VerifyAll(t, p, files.Sources)
	}
	day("monday", catalogOf(1, 2, 3, 4, 5, 6))
	inactive("at first", "")
	day("refusal", append(catalogOf(1, 2, 3, 4, 5), "P-7,Lamp,Home,none,5\n"...))
	inactive("a row was refused", "")
	day("shrunk", catalogOf(1, 2, 3, 4))
	inactive("a third is too many", "")
	p.Check(t, "finding", "SELECT severity, issue_description FROM data_quality_checks WHERE check_type = 'catalog_shrunk'",
		"warning|landing/products/shrunk.csv lacks 2 active products; they were left active\n")
	day("tuesday", catalogOf(1, 2, 3, 4, 5))
	inactive("one of six", "P-6\n")
	p.BringBack(t, 1, "reprocess", p.FileID(t, "products/monday.csv"))
	inactive("an older file again", "P-6\n")
	day("wednesday", catalogOf(6, 1, 2, 3, 4))
	inactive("one back, one gone", "P-5\n")
	p.BringBack(t, 1, "reprocess", p.FileID(t, "products/wednesday.csv"))
	inactive("the newest file again", "P-5\n")

	files.Add(t, p, "customers/a.csv", []byte(harness.SmallCustomers+"C-2,Bob,b@example.com,2025-01-02,gold\n"))
	p.AwaitFiles(t, len(files.Sources))
	files.Add(t, p, "customers/b.csv", []byte(harness.SmallCustomers))
	p.AwaitFiles(t, len(files.Sources))
	p.Check(t, "half of the customers", "SELECT COUNT(*) FROM dim_customers WHERE NOT is_active", "0\n")
	harness.VerifyAll(t, p, files.Sources)
}

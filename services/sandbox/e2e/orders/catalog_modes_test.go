package orders

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// mugs writes a products file that names these products.
func mugs(ids ...int) []byte {
	rows := "product_id,product_name,category,price,stock_level\n"
	for _, id := range ids {
		rows += fmt.Sprintf("P-%d,Mug,Home,1,1\n", id)
	}
	return []byte(rows)
}

// startIn starts a pipeline whose catalogs are of a mode, with every message twice.
func startIn(t *testing.T, mode reading.CatalogMode) *harness.Pipeline {
	t.Helper()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["CATALOG_MODE"] = string(mode)
	p := harness.StartWith(t, config)
	p.Policy.CatalogMode = string(mode)
	harness.Echo(t, p)
	return p
}

const (
	inactiveQuery = "SELECT product_id FROM dim_products WHERE NOT is_active ORDER BY 1"
	shrunkQuery   = "SELECT COUNT(*) FROM data_quality_checks WHERE check_type = 'catalog_shrunk'"
)

// TestCatalogInParts lands a catalog in two files a day: together they are the catalog, and what no
// part of a whole day names is gone when the next day begins.
func TestCatalogInParts(t *testing.T) {
	t.Parallel()
	p := startIn(t, reading.CatalogParts)
	var files harness.Landed
	day := 0
	// next lets a night pass for what is there.
	next := func() {
		t.Helper()
		p.MustQuery(t, "UPDATE file_ledger SET landed_at = TIMESTAMP_SUB(landed_at, INTERVAL 1 DAY) WHERE TRUE")
		p.MustQuery(t, "UPDATE dim_products SET landed_at = TIMESTAMP_SUB(landed_at, INTERVAL 1 DAY) WHERE TRUE")
		day++
	}
	land := func(part string, ids ...int) {
		t.Helper()
		files.Add(t, p, fmt.Sprintf("products/%d-%s.csv", day, part), mugs(ids...))
		p.AwaitFiles(t, len(files.Sources))
	}
	check := func(when, inactive string, shrunk int) {
		t.Helper()
		p.Check(t, when+": inactive", inactiveQuery, inactive)
		p.Check(t, when+": alarms", shrunkQuery, fmt.Sprintf("%d\n", shrunk))
		harness.VerifyAll(t, p, files.Sources, "files_put_away") // archived under the days of the shifted clock
	}
	land("a", 1, 2, 3, 4)
	land("b", 91, 92, 93, 94)
	check("both parts", "", 0)
	p.BringBack(t, 1, "reprocess", p.FileID(t, "products/0-a.csv"))
	check("a part read again", "", 0)
	next()
	land("a", 1, 2, 3, 4)
	check("the first part of the second day", "", 0)
	land("b", 91, 92, 93)
	check("a product is left out", "", 0)
	next()
	land("a", 1, 2, 3, 4)
	check("the third day begins", "P-94\n", 0)
	land("b", 91, 92, 93)
	check("the third day", "P-94\n", 0)
	next()
	land("b", 91, 92, 93)
	check("the second part is missing, the day not over", "P-94\n", 0)
	next()
	land("b", 91, 92, 93)
	check("the day lacked too much", "P-94\n", 1)
	land("a", 1, 2, 3, 4, 94)
	check("one comes back", "", 1)
	next()
	land("b", 91, 92, 93)
	check("no alarm again", "", 1)
	p.Check(t, "ledger", "SELECT DISTINCT catalog_mode FROM file_ledger", "parts\n")
}

// TestDeltaRetires lands changes of a catalog, among them rows that say that they are no longer
// active: nothing else ends a row of such a catalog.
func TestDeltaRetires(t *testing.T) {
	t.Parallel()
	p := startIn(t, reading.CatalogDelta)
	var files harness.Landed
	const products, customers = "product_id,product_name,price,active\n", "customer_id,name,email,active\n"
	for i, step := range []struct{ products, customers, inactive string }{
		{"P-1,Mug,1,\nP-2,Cup,2,yes\nP-3,Jug,3,1\nP-4,Pot,4,false\n", "C-1,Ann,,\nC-2,Bob,,true\n", "P-4\n"},
		{"P-2,Cup,2,No\n", "C-1,Ann,,0\n", "C-1\nP-2\nP-4\n"},
		{"P-2,Cup,2,no\nP-3,Jug,3,0\nP-3,Jug,3,1\n", "C-2,Bob,,perhaps\nC-3,Cy,,\nC-4,Di,,\nC-5,Ed,,\n", "C-1\nP-2\nP-4\n"}, // the last row of a file speaks
		{"P-2,Cup,2,\nP-4,Pot,5,no\n", "C-1,Ann,,yes\n", "P-4\n"},
	} {
		files.Add(t, p, fmt.Sprintf("products/%d.csv", i), []byte(products+step.products))
		files.Add(t, p, fmt.Sprintf("customers/%d.csv", i), []byte(customers+step.customers))
		p.AwaitFiles(t, len(files.Sources))
		p.Check(t, fmt.Sprint("inactive after step ", i), "SELECT product_id AS id FROM dim_products WHERE NOT is_active UNION ALL SELECT customer_id FROM dim_customers WHERE NOT is_active ORDER BY 1", step.inactive)
		harness.VerifyAll(t, p, files.Sources)
	}
	p.Check(t, "history", "SELECT product_id, is_active FROM dim_products_history ORDER BY product_id, valid_from", "P-2|true\nP-2|false\nP-4|false\n")
	p.Check(t, "what was refused", "SELECT rule FROM v_rejected_records", "wrong_type\n")
	p.BringBack(t, 1, "reprocess", p.FileID(t, "products/1.csv"))
	p.Check(t, "an older file read again", "SELECT product_id FROM dim_products WHERE NOT is_active", "P-4\n")
	harness.VerifyAll(t, p, files.Sources)
}

// TestCatalogModeOfASource lands a shop's whole catalog beside a supplier's changes, which its source
// says that they are: the changes neither end what they do not name, nor does an older catalog end
// what they have brought since.
func TestCatalogModeOfASource(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const supplier = "products:\n  csv:\n    catalog: delta\n    fields: {product_id: product_id, product_name: product_name, category: category, price: price, stock_level: stock_level}\n"
	if err := os.WriteFile(filepath.Join(dir, "supplier.yaml"), []byte(supplier), 0o600); err != nil {
		t.Fatal(err)
	}
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["SOURCES_DIR"] = dir
	p := harness.StartWith(t, config)
	harness.Echo(t, p)
	var files harness.Landed
	for i, step := range []struct {
		name     string
		ids      []int
		inactive string
	}{
		{"products/0.csv", []int{1, 2, 3, 4, 5, 6}, ""},
		{"products/supplier/1.csv", []int{2, 7}, ""},
		{"products/2.csv", []int{1, 2, 3, 4, 5, 7}, "P-6\n"},
		{"products/supplier/3.csv", []int{6}, ""},
		{"products/4.csv", []int{1, 2, 3, 4, 5, 6}, "P-7\n"},
		{"products/supplier/5.csv", []int{8}, "P-7\n"},
	} {
		files.Add(t, p, step.name, mugs(step.ids...))
		if i%2 == 1 {
			files.Sources[i].CatalogMode = "delta"
		}
		p.AwaitFiles(t, i+1)
		p.Check(t, step.name, inactiveQuery, step.inactive)
		harness.VerifyAll(t, p, files.Sources)
	}
	p.BringBack(t, 1, "reprocess", p.FileID(t, "products/4.csv"))
	p.Check(t, "the newest catalog read again", inactiveQuery, "P-7\n")
	p.Check(t, "alarms", shrunkQuery, "0\n")
	p.Check(t, "ledger", "SELECT catalog_mode, COUNT(*) FROM file_ledger GROUP BY 1 ORDER BY 1", "delta|3\nfull|3\n")
	harness.VerifyAll(t, p, files.Sources)
}

// TestCatalogAsDeltas lands files of what has changed.
func TestCatalogAsDeltas(t *testing.T) {
	t.Parallel()
	p := startIn(t, reading.CatalogDelta)
	var files harness.Landed
	for i, ids := range [][]int{{1, 2, 3, 4, 5, 6}, {2}, {7}, {1, 2, 3, 4, 5}} {
		files.Add(t, p, fmt.Sprintf("products/%d.csv", i), mugs(ids...))
		p.AwaitFiles(t, i+1)
		harness.VerifyAll(t, p, files.Sources)
	}
	p.BringBack(t, 1, "reprocess", p.FileID(t, "products/0.csv"))
	p.Check(t, "inactive", inactiveQuery, "")
	p.Check(t, "alarms", shrunkQuery, "0\n")
	p.Check(t, "products", "SELECT COUNT(*) FROM dim_products", "7\n")
	p.Check(t, "ledger", "SELECT DISTINCT catalog_mode FROM file_ledger", "delta\n")
	harness.VerifyAll(t, p, files.Sources)
}

package landing

import (
	"fmt"
	"strings"
	"testing"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestShapesOfFiles: nothing of a file vanishes without a word, whatever its records
// stand in.
func TestShapesOfFiles(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	one := func(id string) string { return strings.TrimSpace(harness.Order(id, 1, "P-1", "C-1", "10.00")) }
	var arrays, lines, garbage strings.Builder
	for i := range 500 {
		fmt.Fprintf(&arrays, "[%s,%s]\n", one(fmt.Sprintf("a-%d", i)), one(fmt.Sprintf("b-%d", i)))
	}
	for i := range 3 { // an export with one record per line of an order
		lines.WriteString(harness.Order(fmt.Sprintf("l-%d", i), 1, "P-1", "C-1", "10.00") + harness.Order(fmt.Sprintf("l-%d", i), 1, "P-2", "C-1", "20.00"))
	}
	garbage.WriteString(harness.Order("g-1", 1, "P-1", "C-1", "10.00"))
	garbage.WriteString(strings.Repeat("x\n", 10_050))
	files.Add(t, p, "orders/arrays.json", []byte(arrays.String()))
	files.Add(t, p, "orders/empty.json", []byte("[]\n"))
	files.Add(t, p, "orders/garbage.json", []byte(garbage.String()))
	files.Add(t, p, "orders/lines.json", []byte(lines.String()))
	files.Add(t, p, "Orders/wrong.json", []byte(one("w-1")))
	files.Add(t, p, "products/header.csv", []byte("product_id,product_name,category,price,stock_level\n"))
	p.AwaitFiles(t, 6)
	const ledger = harness.LifecycleQuery
	p.Check(t, "ledger", ledger,
		"landing/Orders/wrong.json|1|quarantined|unknown_kind|0|0|0|0|0|NULL\n"+
			"landing/orders/arrays.json|1|loaded|NULL|1000|1000|0|0|0|NULL\n"+
			"landing/orders/empty.json|1|loaded|NULL|0|0|0|0|0|NULL\n"+
			"landing/orders/garbage.json|1|quarantined|mostly_refused|10002|0|0|10001|1|NULL\n"+
			"landing/orders/lines.json|1|quarantined|contradicting_records|6|0|0|0|6|NULL\n"+
			"landing/products/header.csv|1|loaded|NULL|0|0|0|0|0|NULL\n")
	p.Check(t, "findings of files", "SELECT check_type, severity, COUNT(*) FROM data_quality_checks WHERE record_index IS NULL "+
		"AND check_type NOT IN ('malformed_json', 'missing_customer', 'missing_product') GROUP BY 1, 2 ORDER BY 1", // of records; beyond so many, one row stands for the rest
		"contradicting_records|error|1\nempty_file|info|2\nmostly_refused|error|1\nunknown_kind|error|1\n")
	p.Check(t, "the right folder", "SELECT COUNT(*) FROM data_quality_checks WHERE check_type = 'unknown_kind' AND issue_description LIKE '%landing/orders/%'", "1\n")
	harness.VerifyAll(t, p, files.Sources)

	p.BringBack(t, 1, "release", p.FileID(t, "orders/lines.json"))
	p.Check(t, "released", ledger+" LIMIT 5 OFFSET 4",
		"landing/orders/lines.json|2|loaded|NULL|6|3|3|0|0|accept_duplicates\nlanding/products/header.csv|1|loaded|NULL|0|0|0|0|0|NULL\n")
	harness.VerifyAll(t, p, files.Sources)
}

// TestPlaceholder: a writer that makes an object of 0 bytes and then overwrites just that
// generation finds it there.
func TestPlaceholder(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	generation := p.Land(t, "orders/a.json", nil)
	w := p.Bucket().Object("landing/orders/a.json").If(storage.Conditions{GenerationMatch: generation}).NewWriter(t.Context())
	if _, err := w.Write([]byte(harness.Order("o-2", 1, "P-1", "C-1", "10.00"))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	p.AwaitFiles(t, 1)
	p.Check(t, "ledger", harness.LifecycleQuery,
		"landing/orders/a.json|1|loaded|NULL|1|1|0|0|0|NULL\n")
}

package landing

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// jsonArray turns lines into one array.
func jsonArray(lines []byte) []byte {
	rows := bytes.Split(bytes.TrimSpace(lines), []byte("\n"))
	return append(append([]byte("[\n"), bytes.Join(rows, []byte(",\n"))...), "\n]\n"...)
}

// TestGeneratedFiles lands files of every kind and format, faulty ones among
// them, catalogs late and renewed, and files that are no files at all.
func TestGeneratedFiles(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	first := harness.OrderFile(t, 1, 500, harness.EveryFault)
	files.Add(t, p, "orders/first.json", first)
	files.Add(t, p, "products/products.csv", harness.ProductFile(t, 1))
	files.Add(t, p, "orders/gzip.json.gz", harness.Gzipped(t, harness.OrderFile(t, 2, 500, harness.EveryFault)))
	files.Add(t, p, "orders/array.json", jsonArray(harness.OrderFile(t, 3, 500, nil)))
	files.Add(t, p, "customers/customers.csv", harness.CustomerFile(t, 1))
	for i := range 5 {
		files.Add(t, p, fmt.Sprintf("orders/more_%d.json", i), harness.OrderFile(t, uint64(10+i), 300, harness.EveryFault))
	}
	p.AwaitFiles(t, len(files.Sources))
	harness.VerifyAll(t, p, files.Sources)

	// Again under its own name and under another, renewed catalogs, a bad line in a
	// thousand, and files that no reader can make sense of.
	files.Add(t, p, "orders/first.json", first)
	files.Add(t, p, "orders/first_again.json", first)
	files.Add(t, p, "products/products.csv", harness.ProductFile(t, 2))
	files.Add(t, p, "customers/customers.csv", harness.CustomerFile(t, 1))
	files.Add(t, p, "orders/one_bad_line.json", append(harness.OrderFile(t, 20, 999, nil), "{\"order_id\": \n"...))
	files.Add(t, p, "orders/unreadable.json.gz", []byte("\x1f\x8b and no more"))
	files.Add(t, p, "orders/empty.json", nil)
	files.Add(t, p, "invoices/unknown.pdf", []byte("%PDF-1.7"))
	files.Add(t, p, "products/wrong_header.csv", []byte("id,name\n1,Lamp\n"))
	p.AwaitFiles(t, len(files.Sources))
	harness.VerifyAll(t, p, files.Sources)
}

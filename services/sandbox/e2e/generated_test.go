package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/verify"
)

// everyFault breaks each rule that the generator knows.
var everyFault = func() generate.Shares {
	shares := generate.Shares{}
	for _, rule := range generate.OrderFaults() {
		shares[rule] = 0.01
	}
	shares[rules.TooLarge] = 0.001 // a MiB each
	return shares
}()

// landed remembers what was landed, for the model.
type landed struct {
	sources []verify.Source
}

func (l *landed) add(t *testing.T, p *pipeline, name string, content []byte) {
	t.Helper()
	generation := p.land(t, name, content)
	l.sources = append(l.sources, verify.Source{
		Name: "landing/" + name, Generation: generation,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	})
}

// orderFile writes n orders spread over the three days before a fixed moment.
func orderFile(t *testing.T, seed uint64, n int, faults generate.Shares) []byte {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Hour)
	orders, err := generate.NewOrders(generate.OrderOptions{Seed: seed, From: now.Add(-72 * time.Hour), To: now, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	var content []byte
	for range n {
		content = orders.Append(content)
	}
	return content
}

func productFile(t *testing.T, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := generate.WriteProducts(&b, generate.CatalogOptions{Seed: seed, Count: generate.DefaultProducts}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func customerFile(t *testing.T, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := generate.WriteCustomers(&b, generate.CatalogOptions{Seed: seed, Count: generate.DefaultCustomers, Today: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// jsonArray turns lines into one array.
func jsonArray(lines []byte) []byte {
	rows := bytes.Split(bytes.TrimSpace(lines), []byte("\n"))
	return append(append([]byte("[\n"), bytes.Join(rows, []byte(",\n"))...), "\n]\n"...)
}

// verifyAll asserts the invariants and every number against the model.
func verifyAll(t *testing.T, p *pipeline, sources []verify.Source) {
	t.Helper()
	clients, err := verify.Open(context.Background(), p.endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	differences, err := verify.Compare(t.Context(), clients, sources, p.policy)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range differences {
		t.Error(v)
	}
	p.verifyInvariants(t)
}

// verifyInvariants asserts what holds whatever was landed.
func (p *pipeline) verifyInvariants(t *testing.T) {
	t.Helper()
	clients, err := verify.Open(context.Background(), p.endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	violations, err := verify.Invariants(t.Context(), clients)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Error(v)
	}
}

// TestGeneratedFiles lands files of every kind and format, faulty ones among
// them, catalogs late and renewed, and files that are no files at all.
func TestGeneratedFiles(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	var files landed
	first := orderFile(t, 1, 500, everyFault)
	files.add(t, p, "orders/first.json", first)
	files.add(t, p, "products/products.csv", productFile(t, 1))
	files.add(t, p, "orders/gzip.json.gz", gzipped(t, orderFile(t, 2, 500, everyFault)))
	files.add(t, p, "orders/array.json", jsonArray(orderFile(t, 3, 500, nil)))
	files.add(t, p, "customers/customers.csv", customerFile(t, 1))
	for i := range 5 {
		files.add(t, p, fmt.Sprintf("orders/more_%d.json", i), orderFile(t, uint64(10+i), 300, everyFault))
	}
	p.awaitFiles(t, len(files.sources))
	verifyAll(t, p, files.sources)

	// Again under its own name and under another, renewed catalogs, a bad line in a
	// thousand, and files that no reader can make sense of.
	files.add(t, p, "orders/first.json", first)
	files.add(t, p, "orders/first_again.json", first)
	files.add(t, p, "products/products.csv", productFile(t, 2))
	files.add(t, p, "customers/customers.csv", customerFile(t, 1))
	files.add(t, p, "orders/one_bad_line.json", append(orderFile(t, 20, 999, nil), "{\"order_id\": \n"...))
	files.add(t, p, "orders/unreadable.json.gz", []byte("\x1f\x8b and no more"))
	files.add(t, p, "orders/empty.json", nil)
	files.add(t, p, "invoices/unknown.pdf", []byte("%PDF-1.7"))
	files.add(t, p, "products/wrong_header.csv", []byte("id,name\n1,Lamp\n"))
	p.awaitFiles(t, len(files.sources))
	verifyAll(t, p, files.sources)
}

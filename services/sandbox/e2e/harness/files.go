package harness

import (
	"bytes"
	"compress/gzip"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
)

// EveryFault breaks each rule that the generator knows.
var EveryFault = func() generate.Shares {
	shares := generate.Shares{}
	for _, rule := range generate.OrderFaults() {
		shares[rule] = 0.01
	}
	shares[rules.TooLarge] = 0.001 // a MiB each
	return shares
}()

// OrderFile is n generated orders of the three days before this hour.
func OrderFile(t *testing.T, seed uint64, n int, faults generate.Shares) []byte {
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

// ProductFile is a generated catalog of products.
func ProductFile(t *testing.T, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := generate.WriteProducts(&b, generate.CatalogOptions{Seed: seed, Count: generate.DefaultProducts}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// CustomerFile is a generated catalog of customers.
func CustomerFile(t *testing.T, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := generate.WriteCustomers(&b, generate.CatalogOptions{Seed: seed, Count: generate.DefaultCustomers, Today: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Gzipped compresses a file.
func Gzipped(t *testing.T, content []byte) []byte {
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

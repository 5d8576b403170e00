package harness

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
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

// Landed remembers what was landed, for the model.
type Landed struct {
	Sources []verify.Source
}

func (l *Landed) Add(t *testing.T, p *Pipeline, name string, content []byte) {
	t.Helper()
	generation := p.Land(t, name, content)
	l.Sources = append(l.Sources, verify.Source{
		Name: "landing/" + name, Generation: generation,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	})
}

// OrderFile writes n orders spread over the three days before a fixed moment.
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

func ProductFile(t *testing.T, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := generate.WriteProducts(&b, generate.CatalogOptions{Seed: seed, Count: generate.DefaultProducts}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func CustomerFile(t *testing.T, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := generate.WriteCustomers(&b, generate.CatalogOptions{Seed: seed, Count: generate.DefaultCustomers, Today: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

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

// VerifyAll asserts the invariants and every number against the model.
func VerifyAll(t *testing.T, p *Pipeline, sources []verify.Source) {
	t.Helper()
	clients, err := verify.Open(context.Background(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	differences, err := verify.Compare(t.Context(), clients, sources, p.Policy)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range differences {
		t.Error(v)
	}
	p.VerifyInvariants(t)
}

// VerifyInvariants asserts what holds whatever was landed.
func (p *Pipeline) VerifyInvariants(t *testing.T) {
	t.Helper()
	clients, err := verify.Open(context.Background(), p.Endpoints)
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

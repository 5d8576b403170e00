package harness

import (
	"slices"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// VerifyAll fails the test for every number that differs from the model's and for every broken invariant, but for
// those that it is told to leave out.
func VerifyAll(t *testing.T, p *Pipeline, sources []verify.Source, except ...string) {
	t.Helper()
	differences, broken := p.verify(t, sources)
	for _, v := range append(differences, broken...) {
		if !slices.Contains(except, v.Invariant) {
			t.Error(v)
		}
	}
}

// VerifyInvariants fails the test for every broken invariant; it need not know what was landed.
func (p *Pipeline) VerifyInvariants(t *testing.T) {
	t.Helper()
	clients := p.openVerify(t)
	defer clients.Close()
	broken, err := verify.Invariants(t.Context(), clients)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range broken {
		t.Error(v)
	}
}

// Violations gives the names of the checks that find something.
func (p *Pipeline) Violations(t *testing.T, sources []verify.Source) map[string]bool {
	t.Helper()
	differences, broken := p.verify(t, sources)
	found := make(map[string]bool)
	for _, v := range append(differences, broken...) {
		found[v.Invariant] = true
	}
	return found
}

// verify compares the warehouse with what the model computes from the sources, and checks the invariants.
func (p *Pipeline) verify(t *testing.T, sources []verify.Source) (differences, broken []verify.Violation) {
	t.Helper()
	clients := p.openVerify(t)
	defer clients.Close()
	differences, err := verify.Compare(t.Context(), clients, sources, p.Policy)
	if err != nil {
		t.Fatal(err)
	}
	broken, err = verify.Invariants(t.Context(), clients)
	if err != nil {
		t.Fatal(err)
	}
	return differences, broken
}

func (p *Pipeline) openVerify(t *testing.T) *verify.Clients {
	t.Helper()
	clients, err := verify.Open(t.Context(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	return clients
}

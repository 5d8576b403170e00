package harness

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// Violations gives the names of the checks that find something.
func (p *Pipeline) Violations(t *testing.T, sources []verify.Source) map[string]bool {
	t.Helper()
	clients, err := verify.Open(t.Context(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	invariants, err := verify.Invariants(t.Context(), clients)
	if err != nil {
		t.Fatal(err)
	}
	differences, err := verify.Compare(t.Context(), clients, sources, p.Policy)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	for _, v := range append(invariants, differences...) {
		found[v.Invariant] = true
	}
	return found
}

package harness

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// VerifyShifted asserts what verifyAll does, but for the names in archive/, which have the day.
func (p *Pipeline) VerifyShifted(t *testing.T, sources []verify.Source) {
	t.Helper()
	clients, err := verify.Open(t.Context(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	differences, err := verify.Compare(t.Context(), clients, sources, p.Policy)
	if err != nil {
		t.Fatal(err)
	}
	violations, err := verify.Invariants(t.Context(), clients)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		t.Error(d)
	}
	for _, v := range violations {
		if v.Invariant != "files_put_away" {
			t.Error(v)
		}
	}
}

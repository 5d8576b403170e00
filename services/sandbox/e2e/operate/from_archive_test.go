package operate

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// TestFromArchive: what archive/ and quarantine/ keep is what the warehouse holds, and a
// changed cent is found.
func TestFromArchive(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	p.Land(t, "products/p.csv", []byte(harness.SmallProducts))
	p.Land(t, "customers/c.csv", []byte(harness.SmallCustomers))
	p.Land(t, "orders/o.json", []byte(harness.SmallOrders))
	p.Land(t, "orders/bad.json", []byte("{\n{\n"+harness.Order("o-7", 1, "P-1", "C-1", "10.00")))
	p.AwaitFiles(t, 4)
	clients, err := verify.Open(t.Context(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	fromArchive := func() []verify.Violation {
		done, err := verify.FromArchive(t.Context(), clients, verify.Archive{Policy: p.Policy})
		if err != nil {
			t.Fatal(err)
		}
		if done.Files != 4 {
			t.Errorf("%d files read", done.Files)
		}
		return done.Violations
	}
	for _, v := range fromArchive() {
		t.Error(v)
	}
	p.MustQuery(t, "UPDATE fact_orders SET total_amount = total_amount + NUMERIC '0.01' WHERE order_id = 'o-2'")
	if len(fromArchive()) == 0 {
		t.Error("a changed cent is not found")
	}
}

package operate

import (
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestBackfill loses the dataset and brings it back bit by bit: each run loads only what the ledger lacks
// and is meant, and the last one finds nothing left to do.
func TestBackfill(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	files.Add(t, p, "products/products.csv", harness.ProductFile(t, 1))
	files.Add(t, p, "customers/customers.csv", harness.CustomerFile(t, 1))
	p.AwaitFiles(t, 2)
	files.Add(t, p, "orders/a.json", harness.OrderFile(t, 1, 100, harness.EveryFault))
	files.Add(t, p, "orders/b.json", harness.OrderFile(t, 2, 100, harness.EveryFault))
	files.Add(t, p, "orders/doubtful.json", []byte("{\n{\n"))
	p.AwaitFiles(t, 5)
	harness.VerifyAll(t, p, files.Sources)
	const figures = "SELECT COUNT(*), SUM(line_total), COUNT(DISTINCT order_id), COUNT(DISTINCT file_id) FROM fact_orders"
	before := harness.Text(p.MustQuery(t, figures))

	if err := p.Bigquery.Dataset(p.Endpoints.Dataset).DeleteWithContents(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out, err := p.Pipelinectl(t, "provision", "--staging-days=0"); err != nil {
		t.Fatalf("provision: %v\n%s", err, out)
	}
	const ledger = "SELECT COUNT(*) FROM file_ledger"
	for _, step := range []struct {
		args   []string
		says   string
		ledger string
	}{
		{[]string{"--dry-run"}, "5 files would be loaded (dry run: nothing was changed)", "0"},
		{[]string{"--to", "2001-01-01"}, "the ledger lacks no file", "0"},
		{[]string{"--kind", "products"}, "1 of 1 missing file in the ledger now", "1"},
		{[]string{"--name", "CUSTOMERS.csv"}, "1 of 1 missing file in the ledger now", "2"},
		{[]string{"--dry-run", "--kind", "orders"}, "3 files would be loaded", "2"},
		{[]string{"--at-once", "2"}, "3 of 3 missing files in the ledger now", "5"},
		{nil, "the ledger lacks no file", "5"},
	} {
		out, err := p.Pipelinectl(t, append([]string{"backfill"}, step.args...)...)
		if err != nil || !strings.Contains(out, step.says) {
			t.Fatalf("backfill %q: %v, want %q in\n%s", step.args, err, step.says, out)
		}
		p.Check(t, "files in the ledger", ledger, step.ledger+"\n")
	}
	if out, err := p.Pipelinectl(t, "--output", "json", "backfill"); err != nil || !strings.Contains(out, `"missing":0`) {
		t.Errorf("as JSON: %v\n%s", err, out)
	}
	p.AwaitFiles(t, 5)
	harness.VerifyAll(t, p, files.Sources)
	p.Check(t, "facts", figures, before)

	for args, want := range map[string]string{
		"--at-once=0":       "--at-once must be positive",
		"--from=yesterday":  "--from",
		"--kind=quarantine": "--kind",
	} {
		if out, err := p.Pipelinectl(t, "backfill", args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("backfill %s: %v, want %q\n%s", args, err, want, out)
		}
	}
}

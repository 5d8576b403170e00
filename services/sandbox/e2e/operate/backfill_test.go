package operate

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
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

	loseDataset(t, p)
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

// loseDataset deletes the dataset and makes it anew, without a row.
func loseDataset(t *testing.T, p *harness.Pipeline) {
	t.Helper()
	if err := p.Bigquery.Dataset(p.Endpoints.Dataset).DeleteWithContents(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out, err := p.Pipelinectl(t, "provision", "--staging-days=0"); err != nil {
		t.Fatalf("provision: %v\n%s", err, out)
	}
}

// TestBackfillByOrderDate brings back the files of some days of orders alone, whatever else they hold, however they are
// packed and whichever source reads them. It is stopped in the middle, and the next run brings the rest.
func TestBackfillByOrderDate(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	shopify, err := os.ReadFile("../../../pipelinectl/suggest/testdata/shopify.json") // two orders of 1 November
	if err != nil {
		t.Fatal(err)
	}
	order := func(id string, day int) string { return harness.Order(id, day, "P-1", "C-1", "10.00") }
	p.Land(t, "products/products.csv", harness.ProductFile(t, 1))
	p.AwaitFiles(t, 1)
	p.Land(t, "orders/second.json", []byte(order("a-1", 2)+order("a-2", 2)))
	p.Land(t, "orders/third.json", []byte(order("b-1", 3)))
	p.Land(t, "orders/packed.json.gz", harness.Gzipped(t, []byte(order("c-1", 5)+order("c-2", 2))))
	p.Land(t, "orders/doubtful.json", []byte("{\n{\n"+order("d-1", 2)))
	p.Land(t, "orders/night.json", bytes.Replace([]byte(order("e-1", 3)), []byte("T11:"), []byte("T02:"), 1)) // still the 2nd in New York
	p.Land(t, "orders/shopify/export.json", shopify)
	p.Land(t, "orders/nothing.json", []byte("{\n{\n"))
	p.AwaitFiles(t, 8)
	p.VerifyInvariants(t)
	const figures = "SELECT COUNT(*), SUM(line_total), COUNT(DISTINCT order_id), COUNT(DISTINCT file_id) FROM fact_orders"
	before := harness.Text(p.MustQuery(t, figures))
	loseDataset(t, p)

	for args, want := range map[string]struct{ files, says string }{
		"--orders-from 2026-11-02 --orders-to 2026-11-02":                              {"doubtful packed second", "3 files would be loaded"},
		"--orders-from 2026-11-02 --orders-to 2026-11-02 --time-zone America/New_York": {"doubtful night packed second", "4 files would be loaded"},
		"--orders-from 2026-11-03 --at-once 1":                                         {"night packed third", "1 file left out: nothing there can be read as an order"},
		"--orders-to 2026-11-01":                                                       {"export", "1 file would be loaded"},
		"--orders-from 2026-11-05 --name second":                                       {"", "the ledger lacks no file with orders of these days"},
		"--orders-from 2026-11-02 --to 2001-01-01":                                     {"", "the ledger lacks no file with orders of these days"},
	} {
		out, err := p.Pipelinectl(t, append([]string{"backfill", "--dry-run"}, strings.Fields(args)...)...)
		if err != nil || !strings.Contains(out, want.says) {
			t.Errorf("%s: %v, want %q in\n%s", args, err, want.says, out)
		}
		for _, name := range []string{"second", "third", "packed", "doubtful", "night", "export", "nothing", "products"} {
			if strings.Contains(out, "/"+name+".") != strings.Contains(" "+want.files+" ", " "+name+" ") {
				t.Errorf("%s: want the files %s in\n%s", args, want.files, out)
			}
		}
	}
	for args, want := range map[string]string{
		"--orders-from=yesterday": "--orders-from", "--orders-from=2026-11-02 --orders-to=2026-11-01": "--orders-to is before --orders-from",
		"--orders-to=2026-11-02 --kind=products": "are for files of orders, not of products", "--orders-to=2026-11-02 --time-zone=Mars": "--time-zone",
	} {
		if out, err := p.Pipelinectl(t, append([]string{"backfill"}, strings.Fields(args)...)...); statusOf(err) != usage.StatusWrong || !strings.Contains(err.Error(), want) {
			t.Errorf("backfill %s: %v, want %q\n%s", args, err, want, out)
		}
	}

	// Stopped once the first of its three files is loaded; the second may be on its way by then.
	day := []string{"backfill", "--at-once", "1", "--orders-from", "2026-11-02", "--orders-to", "2026-11-02"}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		_, err := p.PipelinectlUntil(ctx, day...)
		ended <- err
	}()
	harness.Await(t, "the first file", func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM file_ledger")
		return err == nil && rows[0][0].(int64) > 0, err
	})
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "run it again to go on") {
		t.Fatalf("the run that was stopped: %v", err)
	}
	out, err := p.Pipelinectl(t, day...)
	if err != nil || !strings.Contains(out, " with orders of these days in the ledger now") {
		t.Fatalf("the run that goes on: %v\n%s", err, out)
	}
	p.AwaitFiles(t, 3)
	p.Check(t, "files", "SELECT landing_name FROM file_ledger ORDER BY 1", "landing/orders/doubtful.json\nlanding/orders/packed.json.gz\nlanding/orders/second.json\n")
	if out, err := p.Pipelinectl(t, day...); err != nil || !strings.Contains(out, "the ledger lacks no file with orders of these days") {
		t.Errorf("a third run: %v\n%s", err, out)
	}
	if out, err := p.Pipelinectl(t, "backfill"); err != nil || !strings.Contains(out, "5 of 5 missing files in the ledger now") {
		t.Fatalf("the rest: %v\n%s", err, out)
	}
	p.AwaitFiles(t, 8)
	p.VerifyInvariants(t)
	p.Check(t, "facts", figures, before)
}

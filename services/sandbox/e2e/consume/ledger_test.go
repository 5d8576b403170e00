package consume

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestLedgerExample has the examples consume what a day may bring: repeated and contradicting
// orders, late and early versions, files that are quarantined, released, and read again with
// other content. They are killed in between. Their orders are those of the facts.
func TestLedgerExample(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Faults = ledgerFaults()
	p := harness.StartWith(t, config)
	examples := newLedgers(t, p)
	running := examples.run(t)

	faults := generate.Shares{rules.DuplicateOrderReplay: 0.05, rules.DuplicateOrderConflict: 0.05, rules.InvalidQuantity: 0.05}
	p.Land(t, "orders/day.json", harness.OrderFile(t, 61, 300, faults))
	p.Land(t, "orders/day_again.json", harness.OrderFile(t, 61, 300, faults))
	p.Land(t, "orders/a.json", []byte(harness.Version("o-1", 1, 1, "10.00", "pending")+harness.Version("o-2", 1, 3, "5.00", "completed")+
		harness.Version("o-3", 1, 1, "1.00", "pending")+harness.Version("o-3", 2, 2, "2.00", "pending")))
	p.Land(t, "orders/doubtful.json", []byte(harness.Order("o-4", 1, "P-1", "C-1", "10.00")+"{\n{\n"))
	p.AwaitFiles(t, 4)
	running.awaitBalance(t, p)
	running.end(os.Kill)

	// o-1 is paid, o-2's earlier version is late, o-3 moves to another day.
	p.Land(t, "orders/b.json", []byte(harness.Version("o-1", 1, 2, "12.00", "completed")+harness.Version("o-2", 1, 2, "4.00", "pending")+
		harness.Version("o-3", 3, 5, "3.00", "refunded")+harness.Order("o-4", 1, "P-1", "C-1", "11.00")))
	p.AwaitFiles(t, 5)
	p.BringBack(t, 1, "release", p.FileID(t, "orders/doubtful.json")) // its o-4 came too late now
	for _, e := range examples {
		equal, lines := e.compare(t, "2026-11-01/2026-11-05")
		var differing []string
		for _, l := range lines {
			if l.OrderID != "" {
				differing = append(differing, l.OrderID)
			}
		}
		if equal || !slices.Equal(differing, []string{"o-1", "o-3", "o-4"}) {
			t.Errorf("%s, which lacks the last file, finds %q different", e.name, differing)
		}
	}
	running = examples.run(t)
	running.awaitBalance(t, p)

	// Of o-1 and o-3 the version of the first file counts again, which never was in the facts for o-3.
	id := p.FileID(t, "orders/b.json")
	p.ReplaceBytes(t, id, harness.Version("o-2", 1, 4, "6.00", "completed"))
	p.BringBack(t, 1, "reprocess", id)
	running.awaitBalance(t, p)
	p.BringBack(t, 1, "reprocess", id) // what is restored stays so
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/a.json"))
	running.awaitBalance(t, p)
	running.endAndReconcile(t, p)
	p.Check(t, "restored", `SELECT l.revision, r.first_index, r.last_index, r.transaction_number < l.transaction_number
		FROM file_ledger AS l CROSS JOIN UNNEST(l.restored) AS r ORDER BY 2`, "3|0|0|true\n3|3|3|true\n")
}

// TestLedgerExampleLatest lets what landed later count, which no updated_at tells.
func TestLedgerExampleLatest(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["DUPLICATE_POLICY"] = string(loading.Latest)
	config.Faults = ledgerFaults()
	p := harness.StartWith(t, config)
	examples := newLedgers(t, p)
	running := examples.run(t)
	p.Land(t, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")+harness.Order("o-2", 1, "P-1", "C-1", "5.00")))
	p.AwaitFiles(t, 1)
	p.Land(t, "orders/b.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "12.00")+harness.Order("o-3", 1, "P-1", "C-1", "1.00")+harness.Order("o-3", 1, "P-1", "C-1", "2.00")))
	p.AwaitFiles(t, 2)
	running.awaitBalance(t, p)
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/a.json"))
	running.awaitBalance(t, p)
	running.endAndReconcile(t, p)
}

// TestLedgerReadme lands the files of the worked example in proto/README.md.
func TestLedgerReadme(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../../proto/README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := func(language string) (found []string) {
		for _, rest := range strings.Split(string(page), "\n```"+language+"\n")[1:] {
			block, _, _ := strings.Cut(rest, "\n```\n")
			found = append(found, block+"\n")
		}
		return found
	}
	days, lists := blocks("json"), blocks("text")
	if len(days) != 2 || len(lists) != 1 {
		t.Fatalf("%d files and %d lists in the example", len(days), len(lists))
	}
	p := harness.Start(t, "all")
	examples := newLedgers(t, p)
	running := examples.run(t)
	for i, day := range days {
		p.Land(t, fmt.Sprintf("orders/day_%d.json", i), []byte(day))
		p.AwaitFiles(t, i+1)
	}
	running.awaitBalance(t, p)
	running.endAndReconcile(t, p)
	for _, e := range examples {
		if diff := cmp.Diff(lists[0], e.list(t)); diff != "" {
			t.Errorf("the list in %s (-page +example):\n%s", e.name, diff)
		}
	}
	p.Check(t, "left out", `SELECT l.first_index, l.last_index, l.outcome FROM file_ledger AS f CROSS JOIN UNNEST(f.left_out) AS l
		WHERE f.landing_name = 'landing/orders/day_1.json' ORDER BY 1`, "1|1|duplicate\n2|2|superseded\n")
}

package consume

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// ledgerExample is the example consumer in services/examples/ledger, built, with a store of
// its own.
type ledgerExample struct {
	binary, store string
	orders, files string // subscriptions
	environment   []string
}

const (
	ledgerOrders = topology.TopicOrdersValidated + ".ledger"
	ledgerFiles  = topology.TopicFilesCompleted + ".ledger"
	// ledgerFaults deliver what the example consumes late and twice.
	ledgerFaults = "pubsub.messages." + ledgerOrders + " twice rate 0.5; pubsub.messages." + ledgerOrders + " again; " +
		"pubsub.messages." + ledgerFiles + " twice rate 0.5; pubsub.messages." + ledgerFiles + " again"
)

// newLedger builds the example and subscribes it.
func newLedger(t *testing.T, p *harness.Pipeline) *ledgerExample {
	t.Helper()
	dir := t.TempDir()
	e := &ledgerExample{
		binary: filepath.Join(dir, "ledger"), store: filepath.Join(dir, "ledger.db"), orders: ledgerOrders, files: ledgerFiles,
		environment: append(os.Environ(), "PUBSUB_EMULATOR_HOST="+p.Endpoints.PubSubHost, "GOOGLE_CLOUD_PROJECT="+p.Endpoints.ProjectID),
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", e.binary, "./examples/ledger")
	build.Dir = "../../.." // the module of the services
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the example: %v\n%s", err, out)
	}
	subscribe(t, p, topology.TopicOrdersValidated, ledgerOrders, "")
	subscribe(t, p, topology.TopicFilesCompleted, ledgerFiles, `attributes.kind = "orders"`)
	return e
}

// run starts the example. What it returns gives the last balance that it has written, and
// ends it by a signal.
func (e *ledgerExample) run(t *testing.T) (last func() ledgerBalance, end func(os.Signal)) {
	t.Helper()
	command := exec.CommandContext(t.Context(), e.binary, "-store", e.store, "-orders", e.orders, "-files", e.files)
	command.Env = e.environment
	var complaints strings.Builder
	command.Stderr = &complaints
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var newest ledgerBalance
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for scanner := bufio.NewScanner(output); scanner.Scan(); {
			var b ledgerBalance
			if err := json.Unmarshal(scanner.Bytes(), &b); err != nil {
				t.Errorf("the example wrote %q: %v", scanner.Text(), err)
			}
			mu.Lock()
			newest = b
			mu.Unlock()
		}
	}()
	last = func() ledgerBalance {
		mu.Lock()
		defer mu.Unlock()
		return newest
	}
	return last, func(signal os.Signal) {
		t.Helper()
		if err := command.Process.Signal(signal); err != nil {
			t.Error(err)
		}
		<-ended
		if err := command.Wait(); err != nil && signal != os.Kill || complaints.Len() > 0 {
			t.Errorf("the example ended with %v\n%s", err, complaints.String())
		}
	}
}

// list gives the orders that count, as the example has them; it must have ended.
func (e *ledgerExample) list(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), e.binary, "-store", e.store, "-list").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// reconcile compares each order of the example with the facts.
func (e *ledgerExample) reconcile(t *testing.T, p *harness.Pipeline) {
	t.Helper()
	want := strings.ReplaceAll(harness.Text(p.MustQuery(t, factOrders+" ORDER BY order_id")), "|", " ")
	if diff := cmp.Diff(want, e.list(t)); diff != "" {
		t.Errorf("orders in the facts and at the example (-facts +example):\n%s", diff)
	}
}

// TestLedgerExample has the example consume what a day may bring: repeated and contradicting
// orders, late and early versions, files that are quarantined, released, and read again with
// other content. It is killed in between. Its orders are those of the facts.
func TestLedgerExample(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Faults = ledgerFaults
	p := harness.StartWith(t, config)
	e := newLedger(t, p)
	last, end := e.run(t)

	faults := generate.Shares{rules.DuplicateOrderReplay: 0.05, rules.DuplicateOrderConflict: 0.05, rules.InvalidQuantity: 0.05}
	p.Land(t, "orders/day.json", harness.OrderFile(t, 61, 300, faults))
	p.Land(t, "orders/day_again.json", harness.OrderFile(t, 61, 300, faults))
	p.Land(t, "orders/a.json", []byte(harness.Version("o-1", 1, 1, "10.00", "pending")+harness.Version("o-2", 1, 3, "5.00", "completed")+
		harness.Version("o-3", 1, 1, "1.00", "pending")+harness.Version("o-3", 2, 2, "2.00", "pending")))
	p.Land(t, "orders/doubtful.json", []byte(harness.Order("o-4", 1, "P-1", "C-1", "10.00")+"{\n{\n"))
	p.AwaitFiles(t, 4)
	awaitBalance(t, p, last)
	end(os.Kill)

	// o-1 is paid, o-2's earlier version is late, o-3 moves to another day.
	p.Land(t, "orders/b.json", []byte(harness.Version("o-1", 1, 2, "12.00", "completed")+harness.Version("o-2", 1, 2, "4.00", "pending")+
		harness.Version("o-3", 3, 5, "3.00", "refunded")+harness.Order("o-4", 1, "P-1", "C-1", "11.00")))
	p.AwaitFiles(t, 5)
	p.BringBack(t, 1, "release", p.FileID(t, "orders/doubtful.json")) // its o-4 came too late now
	last, end = e.run(t)
	awaitBalance(t, p, last)

	// Of o-1 and o-3 the version of the first file counts again, which never was in the facts for o-3.
	id := p.FileID(t, "orders/b.json")
	p.ReplaceBytes(t, id, harness.Version("o-2", 1, 4, "6.00", "completed"))
	p.BringBack(t, 1, "reprocess", id)
	awaitBalance(t, p, last)
	p.BringBack(t, 1, "reprocess", id) // what is restored stays so
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/a.json"))
	awaitBalance(t, p, last)
	end(syscall.SIGTERM)
	e.reconcile(t, p)
	p.Check(t, "restored", `SELECT l.revision, r.first_index, r.last_index, r.transaction_number < l.transaction_number
		FROM file_ledger AS l CROSS JOIN UNNEST(l.restored) AS r ORDER BY 2`, "3|0|0|true\n3|3|3|true\n")
}

// TestLedgerExampleLatest lets what landed later count, which no updated_at tells.
func TestLedgerExampleLatest(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["DUPLICATE_POLICY"] = string(loading.Latest)
	config.Faults = ledgerFaults
	p := harness.StartWith(t, config)
	e := newLedger(t, p)
	last, end := e.run(t)
	p.Land(t, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")+harness.Order("o-2", 1, "P-1", "C-1", "5.00")))
	p.AwaitFiles(t, 1)
	p.Land(t, "orders/b.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "12.00")+harness.Order("o-3", 1, "P-1", "C-1", "1.00")+harness.Order("o-3", 1, "P-1", "C-1", "2.00")))
	p.AwaitFiles(t, 2)
	awaitBalance(t, p, last)
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/a.json"))
	awaitBalance(t, p, last)
	end(syscall.SIGTERM)
	e.reconcile(t, p)
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
	e := newLedger(t, p)
	last, end := e.run(t)
	for i, day := range days {
		p.Land(t, fmt.Sprintf("orders/day_%d.json", i), []byte(day))
		p.AwaitFiles(t, i+1)
	}
	awaitBalance(t, p, last)
	end(syscall.SIGTERM)
	e.reconcile(t, p)
	if diff := cmp.Diff(lists[0], e.list(t)); diff != "" {
		t.Errorf("the list (-page +example):\n%s", diff)
	}
	p.Check(t, "left out", `SELECT l.first_index, l.last_index, l.outcome FROM file_ledger AS f CROSS JOIN UNNEST(f.left_out) AS l
		WHERE f.landing_name = 'landing/orders/day_1.json' ORDER BY 1`, "1|1|duplicate\n2|2|superseded\n")
}

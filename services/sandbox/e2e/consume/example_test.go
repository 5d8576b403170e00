package consume

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// ledgerExample is an example consumer of services/examples, in Go or in Node.js, with a store
// and subscriptions of its own.
type ledgerExample struct {
	name          string
	command       []string // with the store
	orders, files string   // subscriptions
	environment   []string
}

// ledgerExamples are all examples that keep a ledger.
type ledgerExamples []*ledgerExample

const nodeLedger = "../../../examples/node"

// ledgerFaults deliver what the examples consume late and twice.
func ledgerFaults() string {
	var rules []string
	for _, name := range []string{"go", "node"} {
		for _, topic := range []string{topology.TopicOrdersValidated, topology.TopicFilesCompleted} {
			subscription := "pubsub.messages." + topic + "." + name
			rules = append(rules, subscription+" twice rate 0.5", subscription+" again")
		}
	}
	return strings.Join(rules, "; ")
}

// newLedgers builds and installs the examples and subscribes each.
func newLedgers(t *testing.T, p *harness.Pipeline) ledgerExamples {
	t.Helper()
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "ledger"), "./examples/ledger")
	build.Dir = "../../.." // the module of the services
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the example: %v\n%s", err, out)
	}
	commands := [][]string{
		{filepath.Join(dir, "ledger")},
		{harness.InstallNode(t, nodeLedger), filepath.Join(nodeLedger, "ledger.js")},
	}
	var all ledgerExamples
	for i, name := range []string{"go", "node"} {
		e := &ledgerExample{
			name: name, command: append(commands[i], "--store", filepath.Join(dir, name+".db")),
			orders: topology.TopicOrdersValidated + "." + name, files: topology.TopicFilesCompleted + "." + name,
			environment: append(os.Environ(), "PUBSUB_EMULATOR_HOST="+p.Endpoints.PubSubHost, "BIGQUERY_EMULATOR_HOST=http://"+p.Endpoints.BigQueryHost,
				"GOOGLE_CLOUD_PROJECT="+p.Endpoints.ProjectID, "METADATA_SERVER_DETECTION=none"), // or Node's clients look for Google's machines first, in vain
		}
		subscribe(t, p, topology.TopicOrdersValidated, e.orders, "")
		subscribe(t, p, topology.TopicFilesCompleted, e.files, `attributes.kind = "orders"`)
		all = append(all, e)
	}
	return all
}

// prepare is the command with more arguments.
func (e *ledgerExample) prepare(t *testing.T, args ...string) *exec.Cmd {
	all := append(e.command[1:len(e.command):len(e.command)], args...)
	command := exec.CommandContext(t.Context(), e.command[0], all...)
	command.Env = e.environment
	return command
}

// runningLedger is an example that consumes.
type runningLedger struct {
	*ledgerExample
	// last gives the last balance that it has written.
	last func() ledgerBalance
	// end ends it by a signal.
	end func(os.Signal)
	// worked is how long it used a processor, once it has ended.
	worked func() time.Duration
}

// run starts the example.
func (e *ledgerExample) run(t *testing.T) runningLedger {
	t.Helper()
	command := e.prepare(t, "--orders", e.orders, "--files", e.files)
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
				t.Errorf("the example in %s wrote %q: %v", e.name, scanner.Text(), err)
			}
			mu.Lock()
			newest = b
			mu.Unlock()
		}
	}()
	last := func() ledgerBalance {
		mu.Lock()
		defer mu.Unlock()
		return newest
	}
	worked := func() time.Duration { return command.ProcessState.UserTime() + command.ProcessState.SystemTime() }
	end := func(signal os.Signal) {
		t.Helper()
		if err := command.Process.Signal(signal); err != nil {
			t.Error(err)
		}
		<-ended
		if err := command.Wait(); err != nil && signal != os.Kill || complaints.Len() > 0 {
			t.Errorf("the example in %s ended with %v\n%s", e.name, err, complaints.String())
		}
	}
	return runningLedger{e, last, end, worked}
}

// runningLedgers are all examples, consuming.
type runningLedgers []runningLedger

func (all ledgerExamples) run(t *testing.T) (running runningLedgers) {
	t.Helper()
	for _, e := range all {
		running = append(running, e.run(t))
	}
	return running
}

func (all runningLedgers) end(signal os.Signal) {
	for _, e := range all {
		e.end(signal)
	}
}

// list gives the orders that count, as the example has them.
func (e *ledgerExample) list(t *testing.T) string {
	t.Helper()
	out, err := e.prepare(t, "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// ledgerDay is what an example says of a day, and ledgerDifference of an order.
type ledgerDay struct {
	Day             string `json:"day"`
	Orders          int    `json:"orders"`
	Total           string `json:"total"`
	WarehouseOrders int    `json:"warehouse_orders"`
	WarehouseTotal  string `json:"warehouse_total"`
	Differing       int    `json:"differing"`
	Waiting         int    `json:"waiting"`

	OrderID string `json:"order_id"`
}

// compare has the example compare some days with the warehouse, and tells whether it found them equal.
func (e *ledgerExample) compare(t *testing.T, interval string) (equal bool, lines []ledgerDay) {
	t.Helper()
	command := e.prepare(t, "--reconcile", interval)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || complaints.String() != "the ledger and the warehouse differ\n") {
		t.Fatalf("%s: %v\n%s", e.name, err, complaints.String())
	}
	for line := range bytes.Lines(out) {
		var l ledgerDay
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatalf("%s wrote %q: %v", e.name, line, err)
		}
		lines = append(lines, l)
	}
	return err == nil, lines
}

// reconcile compares each order of the examples with the facts, and has each do the same.
func (all ledgerExamples) reconcile(t *testing.T, p *harness.Pipeline) {
	t.Helper()
	want := strings.ReplaceAll(harness.Text(p.MustQuery(t, factOrders+" ORDER BY order_id")), "|", " ")
	for _, e := range all {
		if diff := cmp.Diff(want, e.list(t)); diff != "" {
			t.Errorf("orders in the facts and at the example in %s (-facts +example):\n%s", e.name, diff)
		}
		days := p.MustQuery(t, "SELECT CAST(MIN(order_date) AS STRING), CAST(MAX(order_date) AS STRING), COUNT(DISTINCT order_id) FROM fact_orders")[0]
		equal, lines := e.compare(t, days[0].(string)+"/"+days[1].(string))
		var orders int64
		for _, l := range lines {
			orders += int64(l.Orders)
		}
		if !equal || orders != days[2] {
			t.Errorf("the example in %s compared %d of %v orders: %+v", e.name, orders, days[2], lines)
		}
	}
}

// endAndReconcile ends the examples and compares them.
func (all runningLedgers) endAndReconcile(t *testing.T, p *harness.Pipeline) {
	t.Helper()
	all.end(syscall.SIGTERM)
	for _, e := range all {
		ledgerExamples{e.ledgerExample}.reconcile(t, p)
	}
}

package monitoring

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/zackkki/ecomm_datapipeline/monitoring/incident"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// TestOperatorsDrill spoils a pipeline in five ways: a message that no service can decode, a file of which most is
// refused, one that was cut off while it was compressed, one of a shop that nobody has described, and an order that a
// consumer fails on. An operator who knows nothing of that finds and mends all of it with pipelinectl alone; then every
// promise holds, and alerts and the webhook have said when it began and when it was over.
func TestOperatorsDrill(t *testing.T) {
	t.Parallel()
	o := startShift(t)
	o.phase(t, incident.PhaseHealthy)

	o.Land(t, "orders/doubtful.json", []byte(strings.Repeat("{\n", 30)+harness.Order("doubtful", 2, "P-1", "C-1", "10.00")))
	whole := harness.Gzipped(t, []byte(harness.Order("whole", 3, "P-1", "C-1", "12.00")))
	o.Land(t, "orders/cut-off.json.gz", whole[:len(whole)/2])
	o.Land(t, "orders/corner-shop/export.json", []byte(cornerShopOrders))
	o.poison(t, topology.TopicFilesLanded, []byte("\xff"))
	mended := o.failingConsumer(t, "shop", "doubtful-consumer")
	o.Land(t, "orders/consumed.json", []byte(harness.Order("doubtful-consumer", 4, "P-1", "C-1", "13.00")))
	o.AwaitFiles(t, 4+4)
	o.webhook.await(t, "quarantined_files raised", "dead_letters raised", "quality_errors raised")
	o.phase(t, incident.PhaseBadData)

	// What is wrong, in one screen, with the command for each.
	out, err := o.Pipelinectl(t, "status")
	for _, want := range []string{"3 files quarantined today: pipelinectl files list --verdict quarantined", "1 dead letter: pipelinectl dlq list files-landed.parser"} {
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("status: %v, want %q in\n%s", err, want, out)
		}
	}
	files := o.rows(t, "files", "list", "--verdict", "quarantined")
	for _, f := range files {
		if out, err := o.Pipelinectl(t, "files", "show", f["file_id"]); err != nil || !strings.Contains(out, f["reason"]) {
			t.Errorf("files show %s: %v\n%s", f["landing_name"], err, out)
		}
		switch f["landing_name"] {
		case "landing/orders/doubtful.json": // what is good in it counts
			o.must(t, "files", "release", "--wait", "2m", f["file_id"])
		case "landing/orders/corner-shop/export.json": // it wants a description of the shop, and then the same
			o.describe(t, "corner-shop", cornerShop)
			o.must(t, "files", "release", "--wait", "2m", f["file_id"])
		case "landing/orders/cut-off.json.gz": // its bytes are lost: the source has them whole
			path := filepath.Join(t.TempDir(), "whole.json.gz")
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			o.must(t, "upload", "--kind", "orders", path)
		default:
			t.Errorf("nobody spoilt %v", f)
		}
	}
	letters := o.rows(t, "dlq", "list")
	if len(letters) != 1 {
		t.Fatalf("%d dead letters, want the message that nobody can decode: %v", len(letters), letters)
	}
	o.must(t, "dlq", "show", letters[0]["dead_letter_id"])
	o.must(t, "dlq", "discard", "--reason", "not from the pipeline", "--id", letters[0]["dead_letter_id"], letters[0]["subscription"])
	var live []map[string]string
	harness.Await(t, "the consumer's dead letter", func() (bool, error) {
		live = o.rows(t, "dlq", "list", "--live", "shop")
		return len(live) == 1, nil
	})
	harness.Await(t, "the dead letter to be shown, once what listed it has given it back", func() (bool, error) {
		_, err := o.Pipelinectl(t, "dlq", "show", "--live", live[0]["dead_letter_id"])
		return err == nil, nil
	})
	mended()
	harness.Await(t, "the consumer to take what it failed on", func() (bool, error) {
		if o.consumed("doubtful-consumer") {
			return true, nil
		}
		_, err := o.Pipelinectl(t, "dlq", "replay", "--live", "--id", live[0]["dead_letter_id"], "shop")
		return o.consumed("doubtful-consumer"), err
	})
	o.webhook.await(t, "dead_letters cleared")

	// What cannot be mended has its reason; all else is in the facts, and every promise holds.
	o.must(t, "files", "wait")
	o.Check(t, "files", "SELECT landing_name, verdict, reason, loaded FROM file_ledger WHERE kind = 'orders' ORDER BY 1",
		"landing/orders/consumed.json|loaded|NULL|1\nlanding/orders/corner-shop/export.json|loaded|NULL|2\nlanding/orders/cut-off.json.gz|quarantined|truncated_gzip|0\n"+
			"landing/orders/doubtful.json|loaded|NULL|1\nlanding/orders/good-1.json|loaded|NULL|50\nlanding/orders/good-2.json|loaded|NULL|50\nlanding/orders/whole.json.gz|loaded|NULL|1\n")
	if out := o.must(t, "dlq", "list"); !strings.Contains(out, "discarded") {
		t.Errorf("dlq list:\n%s", out)
	}
	if out, _ := o.Pipelinectl(t, "status"); strings.Contains(out, "dead letter: pipelinectl") || !strings.Contains(out, "1 file quarantined today") {
		t.Errorf("status at the end:\n%s", out)
	}
	o.must(t, "verify", "--grace", "0", "--from-archive", "--sources-dir", o.sources)
	o.VerifyInvariants(t)
	o.phase(t, incident.PhaseRecovered)
	o.alertsRoseAndFell(t, "DeadLetters page", "FilesQuarantined ticket", "QualityErrors ticket")
}

// shift is a pipeline, and what an operator has of it.
type shift struct {
	*harness.Pipeline
	stack    *stack.Stack
	sources  string // folder of descriptions
	webhook  *webhook
	recorder *incident.Recorder
	messages *pubsub.Client

	mu   sync.Mutex
	took map[string]bool // orders that the consumer is done with
}

// scrapes is how many a phase has, a minute apart when they are played to the rules.
const scrapes = 20

func startShift(t *testing.T) *shift {
	t.Helper()
	o := &shift{webhook: newWebhook(t), took: make(map[string]bool)}
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["NOTIFY_URL"], config.Variables["NOTIFY_PAUSE"], config.Variables["NOTIFY_INTERVAL"] = o.webhook.url, "1ms", "250ms"
	o.sources = filepath.Join(config.DataDir, "sources")
	o.stack, _ = harness.StartStack(t, config)
	o.Pipeline = harness.Connect(t, o.stack.Endpoints(), o.stack.DashboardURL())
	o.recorder = incident.NewRecorder(o.stack, time.Second)
	var err error
	if o.messages, err = o.Endpoints.NewPubSub(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.messages.Close() })
	o.Land(t, "products/products.csv", harness.ProductFile(t, 1))
	o.Land(t, "customers/customers.csv", harness.CustomerFile(t, 1))
	o.Land(t, "orders/good-1.json", harness.OrderFile(t, 1, 50, nil))
	o.Land(t, "orders/good-2.json", harness.OrderFile(t, 2, 50, nil))
	o.AwaitFiles(t, 4)
	return o
}

// phase records what the services export now as one that lasts.
func (o *shift) phase(t *testing.T, name string) {
	t.Helper()
	o.recorder.Phase(name)
	for range scrapes {
		if err := o.recorder.Scrape(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// must runs a command that has to end with status 0, and to say something.
func (o *shift) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := o.Pipelinectl(t, args...)
	if err != nil || strings.TrimSpace(out) == "" {
		t.Fatalf("pipelinectl %q: %v\n%s", args, err, out)
	}
	return out
}

// rows are those that a list has, whatever its status: columns by their names.
func (o *shift) rows(t *testing.T, args ...string) (rows []map[string]string) {
	t.Helper()
	out, _ := o.Pipelinectl(t, append([]string{"-o", "csv"}, args...)...)
	lines := csv.NewReader(strings.NewReader(out))
	lines.FieldsPerRecord = -1 // words for people follow
	all, err := lines.ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("pipelinectl %q: %v\n%s", args, err, out)
	}
	for _, line := range all[1:] {
		if len(line) != len(all[0]) {
			continue
		}
		row := make(map[string]string)
		for i, name := range all[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func (o *shift) poison(t *testing.T, topic string, data []byte) {
	t.Helper()
	publisher := o.messages.Publisher(topic)
	defer publisher.Stop()
	if _, err := publisher.Publish(t.Context(), &pubsub.Message{Data: data}).Get(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// failingConsumer subscribes and fails on one order, until mended is called.
func (o *shift) failingConsumer(t *testing.T, name, order string) (mended func()) {
	t.Helper()
	o.must(t, "subscribe", name, "--max-deliveries", "5")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	well := false
	go func() {
		ended <- o.messages.Subscriber(name).Receive(ctx, func(_ context.Context, m *pubsub.Message) {
			o.mu.Lock()
			defer o.mu.Unlock()
			if id := m.Attributes[topology.AttrOrderID]; id != order || well {
				o.took[id] = true
				m.Ack()
				return
			}
			m.Nack()
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		well = true
	}
}

func (o *shift) consumed(order string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.took[order]
}

// describe gives the parser a shop's description, and restarts it.
func (o *shift) describe(t *testing.T, shop, description string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(o.sources, shop+".yaml"), []byte(description), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := o.stack.StopService(topology.Parser); err != nil {
		t.Fatal(err)
	}
	if err := o.stack.StartService(topology.Parser); err != nil {
		t.Fatal(err)
	}
}

// alertsRoseAndFell plays what was recorded to the rules: those alerts fire once things are wrong, not
// before, and end; of the others those that look at files and messages do not fire.
func (o *shift) alertsRoseAndFell(t *testing.T, want ...string) {
	t.Helper()
	var rules []rulefmt.Rule
	var read [][]*labels.Matcher
	for _, name := range append(want, "LedgerImbalance page", "NotReceiving page", "LoopStalled page", "AppendsFailing page") {
		for _, r := range rulesOf(t, name) {
			rules = append(rules, r)
			for _, selector := range selectors(t, r.Expr) {
				read = append(read, selector.LabelMatchers)
			}
		}
	}
	p := play(t, o.recorder.Recording(), read)
	p.evaluate(t, []rulefmt.RuleGroup{{Rules: rules}})
	from, _ := p.phase(t, incident.PhaseBadData)
	for _, name := range want {
		at := p.fired[name]
		if len(at) == 0 || at[0].Before(from) || at[0].After(from.Add(15*time.Minute)) || at[len(at)-1].After(p.end.Add(2*time.Hour)) {
			t.Errorf("%s fired %s, want it from %s to two hours after %s", name, clocks(at), clock(from), clock(p.end))
		}
	}
	for name, at := range p.fired {
		if !slices.Contains(want, name) {
			t.Errorf("%s fired %s", name, clocks(at))
		}
	}
}

// webhook notes what the pipeline tells people.
type webhook struct {
	url  string
	mu   sync.Mutex
	said map[string]string // texts by "source status"
}

func newWebhook(t *testing.T) *webhook {
	t.Helper()
	w := &webhook{said: make(map[string]string)}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var m struct{ Text, Source, Status string }
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil || m.Text == "" {
			http.Error(rw, "no message", http.StatusBadRequest)
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.said[m.Source+" "+m.Status] = m.Text
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w *webhook) await(t *testing.T, want ...string) {
	t.Helper()
	for _, what := range want {
		harness.Await(t, "the webhook to hear of "+what, func() (bool, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.said[what] != "", nil
		})
	}
}

// A shop's export, and the description that it wants.
const (
	cornerShopOrders = `{"no":1,"buyer":17,"at":"2026-11-01T10:00:00Z","state":"done","total":2599,"lines":[{"sku":"P-1","n":2,"price":1000},{"sku":"P-2","n":1,"price":599}]}
{"no":2,"at":"2026-11-01T10:00:00Z","state":"done","total":599,"lines":[{"sku":"P-2","n":1,"price":599}]}
`
	cornerShop = `orders:
  json:
    numbers: {minor_units: 2}
    fields: {order_id: /no, customer_id: /buyer, order_timestamp: /at, total_amount: /total, payment_status: {from: /state, map: {done: completed}}}
    items: {over: /lines, fields: {product_id: /sku, quantity: {from: /n, numbers: {decimal_mark: "."}}, unit_price: /price}}
`
)

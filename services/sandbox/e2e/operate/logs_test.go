package operate

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// landedText is all text that reaches the pipeline, and which of its words are names of fields.
type landedText struct {
	values map[string]string // to where they stood
	fields map[string]bool
}

var (
	fieldName = regexp.MustCompile(`"([^"\n]*)"\s*:`)
	cellEnd   = regexp.MustCompile(`[",;\t\r\n{}\[\]|\x00-\x1f]+`)
	hasLetter = regexp.MustCompile(`\pL`)
)

// add takes the values of a text apart: cells, strings, words of broken records.
func (l *landedText) add(where string, text []byte) {
	for _, m := range fieldName.FindAllSubmatch(text, -1) {
		l.fields[string(m[1])] = true
	}
	for _, value := range cellEnd.Split(string(text), -1) {
		// What is shorter is found in any text, and so are numbers.
		if value = strings.Trim(value, " :\ufeff"); len(value) >= 6 && hasLetter.MatchString(value) {
			l.values[value] = where
		}
	}
}

// ours are words that stand in files and are the pipeline's own, too.
var ours = []string{
	"order_id", "customer_id", "product_id", "orders", "products", "customers", "completed", "pending", "failed", "refunded", "processing", "cancelled",
	"gold", "silver", "bronze", "platinum", "active", "category", "registration_date", "stripe", // the last is a folder's name, too
}

// locked serializes writes, and reads of what was written.
type locked struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestLogsHoldNoOrderAndNoCustomer runs a day of every kind of file, good and bad, through all
// services, which log whatever they can, and looks for everything that has landed.
func TestLogsHoldNoOrderAndNoCustomer(t *testing.T) {
	t.Parallel()
	var logged locked
	log := slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug - 100}))
	s, err := stack.Start(t.Context(), harness.NewConfig(t.TempDir(), "all"), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	landed := &landedText{values: make(map[string]string), fields: make(map[string]bool)}
	files := 0
	land := func(name string, text, stored []byte) {
		landed.add(name, text)
		p.Land(t, name, stored)
		files++
	}
	for name, text := range everyKind(t) {
		land(name, text, text)
	}
	packed := harness.OrderFile(t, 5, 20, nil)
	land("orders/packed.json.gz", packed, harness.Gzipped(t, packed))
	land("orders/cut.json.gz", packed, harness.Gzipped(t, packed)[:200])
	p.AwaitFiles(t, files)

	// An aggregator that is told of failures, and files that come back.
	harness.FaultsCall(t, http.MethodPut, s.FaultsURL(), "bigquery.job.* end jobInternalError middle rate 0.5", "bigquery.AppendRows fail internal rate 0.3", "storage.* fail unavailable rate 0.2")
	more := harness.OrderFile(t, 6, 40, nil)
	land("orders/more.json", more, more)
	p.AwaitFiles(t, files)
	harness.FaultsCall(t, http.MethodDelete, s.FaultsURL())
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/more.json"))
	strangeMessages(t, p, landed)
	for subscription, letters := range map[string]int64{"catalog-updates.writer": 2, "records-rejected.writer": 1, "files-landed.parser": 1, "files-parsed.aggregator": 1} {
		harness.Await(t, "dead letters of "+subscription, func() (bool, error) {
			rows, err := p.Query(t, "SELECT COUNT(DISTINCT message_id) FROM dead_letters WHERE subscription = '"+subscription+"'")
			return err == nil && rows[0][0] == letters, err
		})
	}
	for _, path := range []string{"/api/v1/orders/", "/orders/", "/api/v1/files?q="} {
		p.Fetch(t, path+"Ada%20Lovelace-Canary")
	}
	landed.mustNotStandIn(t, logged.String())
}

// mustNotStandIn looks for every value in the log.
func (l *landedText) mustNotStandIn(t *testing.T, log string) {
	t.Helper()
	for _, service := range []string{topology.Watcher, topology.Parser, topology.Writer, topology.Aggregator} {
		if !strings.Contains(log, fmt.Sprintf(`"service":%q`, service)) {
			t.Errorf("the %s has logged nothing", service)
		}
	}
	for _, word := range ours {
		l.fields[word] = true
	}
	looked := 0
	for value, where := range l.values {
		if l.fields[value] {
			continue
		}
		looked++
		if at := strings.Index(log, value); at >= 0 {
			begin := strings.LastIndexByte(log[:at], '\n') + 1
			line, _, _ := strings.Cut(log[begin:], "\n")
			t.Errorf("%q of %s is in the log: %s", value, where, line)
		}
	}
	if looked < 1000 {
		t.Errorf("only %d values have landed", looked)
	}
}

// everyKind are files of every kind by their names below landing/: of every source, with every
// fault that a record may have, and of no use at all.
func everyKind(t *testing.T) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	orders, products, customers := generate.Shares{}, generate.Shares{}, generate.Shares{}
	for _, rule := range generate.OrderFaults() {
		orders[rule] = 0.02
	}
	for _, rule := range generate.ProductFaults() {
		products[rule] = 0.02
	}
	for _, rule := range generate.CustomerFaults() {
		customers[rule] = 0.02
	}
	files["orders/faulty.json"] = harness.OrderFile(t, 1, 300, orders)
	files["orders/good.json"] = harness.OrderFile(t, 2, 100, nil)
	files["orders/again.json"] = files["orders/good.json"]
	var b bytes.Buffer
	if _, err := generate.WriteProducts(&b, generate.CatalogOptions{Seed: 1, Count: 100, Faults: products}); err != nil {
		t.Fatal(err)
	}
	files["products/p.csv"] = bytes.Clone(b.Bytes())
	b.Reset()
	if _, err := generate.WriteCustomers(&b, generate.CatalogOptions{Seed: 1, Count: 300, Today: time.Now(), Faults: customers}); err != nil {
		t.Fatal(err)
	}
	files["customers/c.csv"] = bytes.Clone(b.Bytes())
	const person = "C-77,Ada Lovelace-Canary,ada.canary@example.com,1815-12-10,gold\n"
	for name, text := range map[string]string{
		"customers/headless.csv": person + strings.ReplaceAll(person, "77", "78"),
		"customers/names.json":   `[{"customer":"Ada Lovelace-Canary","mail":"ada.canary@example.com"}]`,
		"orders/wrong.csv":       "order_id,customer_name\no-1,Ada Lovelace-Canary\n",
		"orders/words.json":      "Dear Ada Lovelace-Canary, your parcel to 12 Canary Row has left.\n",
		"orders/deep.json":       strings.Repeat(`{"Ada Lovelace-Canary":`, 50) + "1" + strings.Repeat("}", 50) + "\n",
		"orders/page.html":       "<html><body>Ada Lovelace-Canary, 12 Canary Row</body></html>",
		"orders/unknown/a.json":  harness.Order("o-canary-1", 1, "P-canary", "C-canary", "10.00"),
		"invoices/a.txt":         "Invoice for Ada Lovelace-Canary\n",
		"orders/versions.json":   harness.Version("o-canary-2", 1, 10, "10.00", "pending") + harness.Version("o-canary-2", 1, 11, "11.00", "completed") + harness.Version("o-canary-2", 1, 9, "9.00", "pending"),
		"orders/empty.json":      "",
	} {
		files[name] = []byte(text)
	}
	const samples = "../../../parser/source/testdata/samples"
	err := fs.WalkDir(os.DirFS(samples), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".want") {
			return err
		}
		text, err := os.ReadFile(filepath.Join(samples, path))
		files[path] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// strangeMessages publishes to every topic what no service can read.
func strangeMessages(t *testing.T, p *harness.Pipeline, landed *landedText) {
	t.Helper()
	client, err := p.Endpoints.NewPubSub(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	publish := func(topic string, m *pubsub.Message) error {
		publisher := client.Publisher(topic)
		defer publisher.Stop()
		_, err := publisher.Publish(t.Context(), m).Get(t.Context())
		return err
	}
	text := []byte("Ada Lovelace-Canary <ada.canary@example.com>, 12 Canary Row")
	landed.add("a message", text)
	for _, topic := range topology.Topics() {
		if err := publish(topic.Name, &pubsub.Message{Data: text}); status.Code(err) == codes.InvalidArgument {
			continue // the topic's schema lets nothing else in
		} else if err != nil {
			t.Fatal(err)
		}
	}
	now := timestamppb.Now()
	born, err := proto.Marshal(&catalogv1.Customer{CustomerId: "C-canary-9", Name: "Ada Lovelace-Canary", RegistrationDate: "December, in Canary Row",
		Source: &pipelinev1.RecordSource{FileId: "f", ParseId: "p", LandedAt: now}})
	if err != nil {
		t.Fatal(err)
	}
	landed.add("a message", []byte("December, in Canary Row"))
	landed.values["December, in Canary Row"] = "a message"
	if err := publish(topology.TopicCatalogUpdates, &pubsub.Message{Data: born, Attributes: map[string]string{topology.AttrSchema: "ecommerce.catalog.v1.Customer"}}); err != nil {
		t.Fatal(err)
	}
}

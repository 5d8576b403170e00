package parsing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
)

var testPolicy = reading.Policy{Currency: "USD", RejectFileShare: 0.5, MaxRecords: 1_000_000, MaxOrderLines: 10_000, MaxOrderAgeDays: 3653, MaxDecompressedBytes: 1 << 30, MaxCompressionRatio: 300}

// fixture is a parser whose clients talk to servers of the test's own.
type fixture struct {
	*Service
	pubsub  *pstest.Server
	objects map[string][]byte // by name
	ledger  map[string]bool   // file ids
	asked   string            // file id that the ledger was asked for

	revisions map[string]string // of the objects; "": the first
}

var parserTopics = []string{topology.TopicOrdersValidated, topology.TopicCatalogUpdates, topology.TopicRecordsRejected, topology.TopicFilesParsed}

func newFixture(t *testing.T, topics ...string) *fixture {
	t.Helper()
	f := &fixture{pubsub: pstest.NewServer(), objects: map[string][]byte{}, ledger: map[string]bool{}, revisions: map[string]string{}}
	rest := httptest.NewServer(f)
	host, err := service.Start("parser", "127.0.0.1:0", slog.New(slog.DiscardHandler), telemetry.Tracing{})
	if err != nil {
		t.Fatal(err)
	}
	restAddr := strings.TrimPrefix(rest.URL, "http://")
	config := Config{Policy: testPolicy, MaxFiles: 1, ReadTimeout: time.Minute, Config: cloud.Config{
		ProjectID: "project", Location: "us-central1", Dataset: "dataset", Bucket: "bucket",
		PubSubHost: f.pubsub.Addr, StorageHost: restAddr, BigQueryHost: restAddr,
	}}
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	if f.Service, err = New(context.Background(), config, host.Runtime()); err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics {
		name := &pubsubpb.Topic{Name: "projects/project/topics/" + topic}
		if _, err := f.Service.pubsub.TopicAdminClient.CreateTopic(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		f.Service.close()
		for _, err := range []error{host.Close(), f.pubsub.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
		rest.Close()
	})
	return f
}

// ServeHTTP answers downloads of objects and the question for the ledger.
func (f *fixture) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/bigquery/") {
		f.answerLedger(w, r)
		return
	}
	for name, content := range f.objects {
		switch {
		case !strings.HasSuffix(r.URL.Path, name):
		case strings.HasPrefix(r.URL.Path, "/storage/v1/"): // attributes
			fmt.Fprintf(w, `{"name":%q,"generation":"1","metadata":{"revision":%q}}`, name, f.revisions[name])
			return
		default:
			w.Header().Set("X-Goog-Generation", "1")
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			_, _ = w.Write(content)
			return
		}
	}
	http.Error(w, "no such object", http.StatusNotFound)
}

// answerLedger is a BigQuery that has one job, which asks for a file.
func (f *fixture) answerLedger(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "/queries/") { // the job's rows
		rows := `[]`
		if f.ledger[f.asked] {
			rows = `[{"f":[{"v":"1"}]}]`
		}
		fmt.Fprintf(w, `{"jobComplete":true,"schema":{"fields":[{"name":"f0_","type":"INTEGER"}]},"rows":%s}`, rows)
		return
	}
	if r.Method == http.MethodPost {
		var job struct {
			Configuration struct {
				Query struct {
					QueryParameters []struct{ ParameterValue struct{ Value string } }
				}
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&job); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f.asked = job.Configuration.Query.QueryParameters[0].ParameterValue.Value
	}
	fmt.Fprint(w, `{"jobReference":{"projectId":"project","jobId":"j"},"configuration":{"query":{}},"status":{"state":"DONE"}}`)
}

// announce handles a message for the file; its answer is the message's fate.
func (f *fixture) announce(t *testing.T, file *pipelinev1.LandedFile) error {
	t.Helper()
	data, err := proto.Marshal(&pipelinev1.FileLanded{File: file, Announcement: 1})
	if err != nil {
		t.Fatal(err)
	}
	return f.Handle(t.Context(), &pubsub.Message{Data: data, Attributes: map[string]string{"traceparent": "no trace"}})
}

// published gives the messages of a topic.
func (f *fixture) published(topic string) []*pstest.Message {
	var list []*pstest.Message
	for _, m := range f.pubsub.Messages() {
		if strings.HasSuffix(m.Topic, "/"+topic) {
			list = append(list, m)
		}
	}
	return list
}

// read gives what a reading of the content gives without the service.
func read(t *testing.T, content []byte) (*pipelinev1.FileManifest, readingtest.Memory) {
	t.Helper()
	file := readingtest.File(pipelinev1.FileKind_FILE_KIND_ORDERS, "orders/f.json")
	var out readingtest.Memory
	manifest, err := reading.New(file, testPolicy, nil, time.Unix(0, 0)).Read(t.Context(), func(context.Context) (io.ReadCloser, int64, error) {
		return io.NopCloser(bytes.NewReader(content)), -1, nil
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	return manifest, out
}

func TestHandlePublishesRecordsAndThenTheManifest(t *testing.T) {
	t.Parallel()
	f := newFixture(t, parserTopics...)
	content, err := os.ReadFile("../reading/testdata/files/half_refused.json")
	if err != nil {
		t.Fatal(err)
	}
	file := readingtest.File(pipelinev1.FileKind_FILE_KIND_ORDERS, "orders/f.json")
	f.objects[file.StagingName] = content
	if err := f.announce(t, file); err != nil {
		t.Fatal(err)
	}
	want, direct := read(t, content)
	orders, rejected, manifests := f.published(topology.TopicOrdersValidated), f.published(topology.TopicRecordsRejected), f.published(topology.TopicFilesParsed)
	if len(orders) != 2 || len(rejected) != 2 || len(manifests) != 1 {
		t.Fatalf("%d orders, %d rejected records, %d manifests", len(orders), len(rejected), len(manifests))
	}
	for i, m := range orders {
		var order ordersv1.Order
		if err := proto.Unmarshal(m.Data, &order); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(direct.Messages[i], proto.Message(&order), protocmp.Transform()); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		attrs := map[string]string{
			"file_id": "file-1", "parse_id": want.ParseId, "schema": "ecommerce.orders.v1.Order",
			"traceparent": telemetry.Traceparent(telemetry.WithFile(t.Context(), "file-1", 1)),
			"order_id":    order.OrderId, "content_hash": order.Source.ContentHash, "record_index": fmt.Sprint(i),
			"payment_status": "pending", "order_date": "2026-11-01", "country": "US", "region": "West",
		}
		if diff := cmp.Diff(attrs, m.Attributes); diff != "" {
			t.Errorf("attributes (-want +got):\n%s", diff)
		}
	}
	var manifest pipelinev1.FileManifest
	if err := proto.Unmarshal(manifests[0].Data, &manifest); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, &manifest, protocmp.Transform(), protocmp.IgnoreFields(want, "parsed_at")); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
	if all := f.pubsub.Messages(); all[len(all)-1].ID != manifests[0].ID {
		t.Error("the manifest is not the last message")
	}
}

func TestHandleQuarantinesUnknownKindsUnread(t *testing.T) {
	t.Parallel()
	f := newFixture(t, parserTopics...)
	if err := f.announce(t, readingtest.File(pipelinev1.FileKind_FILE_KIND_UNSPECIFIED, "invoices/f.pdf")); err != nil {
		t.Fatal(err)
	}
	if n := len(f.published(topology.TopicFilesParsed)); n != 1 {
		t.Errorf("%d manifests", n)
	}
}

func TestHandleOfAFileThatIsGone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, parserTopics...)
	file := readingtest.File(pipelinev1.FileKind_FILE_KIND_ORDERS, "orders/f.json")
	if err := f.announce(t, file); !messaging.IsPermanent(err) {
		t.Errorf("gone and not in the ledger: %v, want a permanent error", err)
	}
	f.ledger[file.FileId] = true
	if err := f.announce(t, file); err != nil {
		t.Errorf("gone and in the ledger: %v", err)
	}
	if n := len(f.pubsub.Messages()); n != 0 {
		t.Errorf("%d messages were published", n)
	}
}

// TestHandleOfAnEarlierRevision: what waits under the file's name is not what was announced.
func TestHandleOfAnEarlierRevision(t *testing.T) {
	t.Parallel()
	f := newFixture(t, parserTopics...)
	file := readingtest.File(pipelinev1.FileKind_FILE_KIND_ORDERS, "orders/f.json")
	f.objects[file.StagingName], f.revisions[file.StagingName] = []byte("{}\n"), "2"
	if err := f.announce(t, file); err != nil {
		t.Errorf("revision 1, while 2 waits: %v", err)
	}
	if n := len(f.pubsub.Messages()); n != 0 {
		t.Errorf("%d messages were published for revision 1", n)
	}
	file.Revision = 2
	if err := f.announce(t, file); err != nil {
		t.Error(err)
	}
	if n := len(f.published(topology.TopicFilesParsed)); n != 1 {
		t.Errorf("%d manifests of revision 2, want 1", n)
	}
}

func TestHandlePublishesNoManifestUnlessAllRecordsAreDurable(t *testing.T) {
	t.Parallel()
	f := newFixture(t, topology.TopicFilesParsed, topology.TopicRecordsRejected) // orders-validated is missing
	file := readingtest.File(pipelinev1.FileKind_FILE_KIND_ORDERS, "orders/f.json")
	content, err := os.ReadFile("../reading/testdata/files/lines.json")
	if err != nil {
		t.Fatal(err)
	}
	f.objects[file.StagingName] = content
	if err := f.announce(t, file); err == nil || messaging.IsPermanent(err) {
		t.Errorf("handled with %v, want a transient error", err)
	}
	if n := len(f.pubsub.Messages()); n != 0 {
		t.Errorf("%d messages were published", n)
	}
}

func TestHandleRefusesWhatCannotBeMeant(t *testing.T) {
	t.Parallel()
	f := newFixture(t, parserTopics...)
	for name, spoil := range map[string]func(*pipelinev1.LandedFile){
		"no file id":      func(l *pipelinev1.LandedFile) { l.FileId = "" },
		"other bucket":    func(l *pipelinev1.LandedFile) { l.Bucket = "secrets" },
		"not in staging":  func(l *pipelinev1.LandedFile) { l.StagingName = "archive/f" },
		"no landing time": func(l *pipelinev1.LandedFile) { l.LandedAt = nil },
	} {
		file := readingtest.File(pipelinev1.FileKind_FILE_KIND_ORDERS, "orders/f.json")
		spoil(file)
		if err := f.announce(t, file); !messaging.IsPermanent(err) {
			t.Errorf("%s: %v, want a permanent error", name, err)
		}
	}
	if err := f.Handle(t.Context(), &pubsub.Message{Data: []byte("\xff\xff")}); !messaging.IsPermanent(err) {
		t.Errorf("no proto: %v, want a permanent error", err)
	}
}

func TestPublicationBoundsItsResults(t *testing.T) {
	t.Parallel()
	f := newFixture(t, parserTopics...)
	out := &publication{publishers: f.publishers, fileID: "f", parseID: "p", places: newGazetteer()}
	content, err := os.ReadFile("../reading/testdata/files/half_refused.json")
	if err != nil {
		t.Fatal(err)
	}
	_, records := read(t, content)
	const n = unconfirmed + 2500
	for range n {
		if err := out.Reject(t.Context(), records.Rejected[0]); err != nil {
			t.Fatal(err)
		}
	}
	if len(out.results) != unconfirmed {
		t.Errorf("%d results are kept", len(out.results))
	}
	if err := out.confirm(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(f.published(topology.TopicRecordsRejected)); got != n {
		t.Errorf("%d of %d messages published", got, n)
	}
}

package operate

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/schema"
)

// definitions lists a schema's revisions, newest first.
func (v *vandal) definitions(t *testing.T, id string) []string {
	t.Helper()
	var list []string
	req := &pubsubpb.ListSchemaRevisionsRequest{Name: v.schemaName(id), View: pubsubpb.SchemaView_FULL}
	for s, err := range v.schemas.ListSchemaRevisions(t.Context(), req).All() {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s.Definition)
	}
	return list
}

// remake makes a schema anew, with one revision.
func (v *vandal) remake(t *testing.T, id, definition string) {
	t.Helper()
	if err := v.schemas.DeleteSchema(t.Context(), &pubsubpb.DeleteSchemaRequest{Name: v.schemaName(id)}); err != nil {
		t.Fatal(err)
	}
	if _, err := v.schemas.CreateSchema(t.Context(), &pubsubpb.CreateSchemaRequest{
		Parent: "projects/" + v.cfg.ProjectID, SchemaId: id, Schema: &pubsubpb.Schema{Type: pubsubpb.Schema_PROTOCOL_BUFFER, Definition: definition},
	}); err != nil {
		t.Fatal(err)
	}
}

// commit makes a revision of a schema, as a release with other protos would.
func (v *vandal) commit(t *testing.T, id, definition string) {
	t.Helper()
	if _, err := v.schemas.CommitSchema(t.Context(), &pubsubpb.CommitSchemaRequest{
		Name: v.schemaName(id), Schema: &pubsubpb.Schema{Type: pubsubpb.Schema_PROTOCOL_BUFFER, Definition: definition},
	}); err != nil {
		t.Fatal(err)
	}
}

// What Go encodes by the protos, a consumer decodes by the definition in Pub/Sub.
func TestSchemasDescribeTheMessages(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	mustProvision(t, cfg, provision.Options{})
	v := newVandal(t, cfg, 1)
	source := &pipelinev1.RecordSource{FileId: "f", ParseId: "p", RecordIndex: 3, LandedAt: timestamppb.Now(), Warnings: []string{"a", "b"}, ByteLength: 9}
	for topic, message := range map[string]proto.Message{
		topology.TopicOrdersValidated: &ordersv1.Order{
			OrderId: "o", OrderTimestamp: timestamppb.Now(), TotalAmount: &money.Money{CurrencyCode: "USD", Units: 5, Nanos: 1},
			Items:         []*ordersv1.OrderItem{{ProductId: "p", Quantity: 2, UnitPrice: &money.Money{Units: 2}}},
			PaymentStatus: ordersv1.PaymentStatus_PAYMENT_STATUS_FAILED, ShippingAddress: &ordersv1.ShippingAddress{City: "Zürich"}, Source: source,
		},
		topology.TopicFilesCompleted: &pipelinev1.FileCompleted{
			File: &pipelinev1.LandedFile{FileId: "f", Overrides: &pipelinev1.Overrides{AcceptRefused: true}, LandedAt: timestamppb.Now()}, Verdict: pipelinev1.Verdict_VERDICT_LOADED,
		},
	} {
		compiled, err := schema.Compile(t.Context(), v.definitions(t, topic)[0])
		if err != nil {
			t.Fatal(err)
		}
		data, err := proto.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.CheckBinary(data); err != nil {
			t.Errorf("%s: %v", topic, err)
		}
	}
	publisher := v.messaging.Publisher(topology.TopicOrdersValidated)
	defer publisher.Stop()
	_, err := publisher.Publish(t.Context(), &pubsub.Message{Data: []byte("no order")}).Get(t.Context())
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("published no order: error %v, want InvalidArgument", err)
	}
}

// A proto that has grown is committed as a revision; a release that is older finds
// its own and changes nothing; at the limit the oldest revision makes room.
func TestSchemaRevisions(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	mustProvision(t, cfg, provision.Options{})
	v := newVandal(t, cfg, 1)
	const id = topology.TopicOrdersValidated
	today := v.definitions(t, id)[0]
	earlier := strings.Replace(today, "  string payment_status_text = 7;\n", "", 1)
	if earlier == today {
		t.Fatal("the definition has changed its form")
	}
	v.commit(t, id, earlier)
	if changed := outcomes(mustProvision(t, cfg, provision.Options{})); len(changed) > 0 {
		t.Errorf("with a stranger's newer revision: %v", changed)
	}

	// A project whose schema was made by an earlier release.
	v.remake(t, id, earlier)
	grown := provision.Step{Resource: "schema " + id, Outcome: provision.Updated, Changes: []provision.Change{
		{Setting: "definition", To: "  string payment_status_text = 7;"},
	}}
	plan := mustProvision(t, cfg, provision.Options{})
	if got := plan.Pending(); len(got) != 2 || !cmp.Equal(got[0], grown) || got[1].Resource != "topic "+id {
		t.Errorf("steps %+v, want the revision and the topic that had lost its schema", got)
	}
	if got := v.definitions(t, id); !slices.Equal(got, []string{today, earlier}) {
		t.Errorf("revisions %q", got)
	}

	v.remake(t, id, earlier)
	for range 19 {
		v.commit(t, id, earlier)
	}
	mustProvision(t, cfg, provision.Options{})
	if got := v.definitions(t, id); len(got) != 20 || got[0] != today {
		t.Errorf("%d revisions, the newest %q", len(got), got[0])
	}
}

func TestSchemaConflict(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	v := newVandal(t, cfg, 1)
	if _, err := v.schemas.CreateSchema(t.Context(), &pubsubpb.CreateSchemaRequest{
		Parent: "projects/" + cfg.ProjectID, SchemaId: topology.TopicOrdersValidated,
		Schema: &pubsubpb.Schema{Type: pubsubpb.Schema_PROTOCOL_BUFFER, Definition: `syntax = "proto3"; message Order { int64 order_id = 1; }`},
	}); err != nil {
		t.Fatal(err)
	}
	_, err := provision.Provision(t.Context(), cfg, provision.Options{})
	conflict, ok := errors.AsType[*provision.ConflictError](err)
	const want = "schema orders-validated: Pub/Sub refuses the revision: Incompatible schema revision: field Order.order_id cannot be changed."
	if !ok || conflict.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

// Parsers of a release whose protos have grown, rolled out before the schema was: Pub/Sub
// refuses their orders, so the file waits, without a dead letter, until provisioning has
// committed the revision; then it is loaded as if nothing had been.
func TestParsersBeforeTheirSchema(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := harness.StartWith(t, harness.NewConfig(dir, "all"))
	v := newVandal(t, p.Endpoints, 1)
	const id = topology.TopicOrdersValidated
	const grown = "  string payment_status_text = 7;\n" // on every order
	earlier := strings.Replace(v.definitions(t, id)[0], grown, "", 1)
	if err := v.schemas.DeleteSchema(t.Context(), &pubsubpb.DeleteSchemaRequest{Name: v.schemaName(id)}); err != nil {
		t.Fatal(err)
	}
	if _, err := v.schemas.CreateSchema(t.Context(), &pubsubpb.CreateSchemaRequest{
		Parent: "projects/" + p.Endpoints.ProjectID, SchemaId: id, Schema: &pubsubpb.Schema{Type: pubsubpb.Schema_PROTOCOL_BUFFER, Definition: earlier},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := v.messaging.TopicAdminClient.UpdateTopic(t.Context(), &pubsubpb.UpdateTopicRequest{
		Topic: &pubsubpb.Topic{
			Name: v.topicName(id), SchemaSettings: &pubsubpb.SchemaSettings{Schema: v.schemaName(id), Encoding: pubsubpb.Encoding_BINARY},
		},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"schema_settings"}},
	}); err != nil {
		t.Fatal(err)
	}

	var files harness.Landed
	files.Add(t, p, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	harness.Await(t, "the parser to be refused", func() (bool, error) {
		log, err := os.ReadFile(filepath.Join(dir, "sandbox.log"))
		return strings.Contains(string(log), "message will be handled again") && strings.Contains(string(log), "failed schema validation"), err
	})
	p.Check(t, "files loaded meanwhile", "SELECT COUNT(*) FROM file_ledger", "0\n")

	if out, err := p.Pipelinectl(t, "provision"); err != nil || !strings.Contains(out, "~ schema "+id+"\n    + definition:   string payment_status_text = 7;\n") {
		t.Errorf("provision: %v\n%s", err, out)
	}
	p.AwaitFiles(t, 1)
	harness.VerifyAll(t, p, files.Sources)
	p.Check(t, "dead letters", "SELECT COUNT(*) FROM dead_letters", "0\n")
}

// Pub/Sub adds attributes to messages of a topic with a schema, and would refuse
// them in a dead letter.
func TestDeadLetterOfTopicWithSchema(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, topology.Writer)
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	data, err := proto.Marshal(&ordersv1.Order{OrderId: "without anything else"})
	if err != nil {
		t.Fatal(err)
	}
	publisher := client.Publisher(topology.TopicOrdersValidated)
	defer publisher.Stop()
	if _, err := publisher.Publish(t.Context(), &pubsub.Message{Data: data, Attributes: map[string]string{"order_id": "o"}}).Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	harness.Await(t, "the dead letter in its table", func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM dead_letters WHERE subscription = 'orders-validated.writer'")
		return err == nil && rows[0][0] == int64(1), err
	})
}

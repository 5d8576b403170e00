package pubsubfront_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	pubsubapi "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront"
)

const (
	firstDefinition  = `syntax = "proto3"; message Order { string id = 1; }`
	secondDefinition = `syntax = "proto3"; message Order { string id = 1; int64 cents = 2; }`
)

var (
	firstMessage  = []byte("\x0a\x01a")         // of both
	secondMessage = []byte("\x0a\x01a\x10\x05") // of the second alone
)

func schemaName(id string) string { return "projects/" + project + "/schemas/" + id }

// schemas gives the official schema client of a server.
func schemas(t testing.TB, s *pubsubfront.Server) *pubsubapi.SchemaClient {
	t.Helper()
	client, err := pubsubapi.NewSchemaClient(t.Context(),
		option.WithEndpoint(s.Addr()), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func definition(text string) *pubsubpb.Schema {
	return &pubsubpb.Schema{Type: pubsubpb.Schema_PROTOCOL_BUFFER, Definition: text}
}

func createSchema(t testing.TB, c *pubsubapi.SchemaClient, id, text string) *pubsubpb.Schema {
	t.Helper()
	s, err := c.CreateSchema(t.Context(), &pubsubpb.CreateSchemaRequest{Parent: "projects/" + project, SchemaId: id, Schema: definition(text)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func commitSchema(t testing.TB, c *pubsubapi.SchemaClient, id, text string) *pubsubpb.Schema {
	t.Helper()
	s, err := c.CommitSchema(t.Context(), &pubsubpb.CommitSchemaRequest{Name: schemaName(id), Schema: definition(text)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func setSchema(t testing.TB, c *pubsub.Client, topic string, settings *pubsubpb.SchemaSettings) {
	t.Helper()
	if _, err := c.TopicAdminClient.UpdateTopic(t.Context(), &pubsubpb.UpdateTopicRequest{
		Topic: &pubsubpb.Topic{Name: topicName(topic), SchemaSettings: settings}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"schema_settings"}},
	}); err != nil {
		t.Fatal(err)
	}
}

// send publishes one message and gives the error.
func send(t testing.TB, c *pubsub.Client, topic string, data []byte) error {
	t.Helper()
	p := c.Publisher(topic)
	defer p.Stop()
	_, err := p.Publish(t.Context(), &pubsub.Message{Data: data, Attributes: map[string]string{"k": "v"}}).Get(t.Context())
	return err
}

func revisionIDs(t testing.TB, c *pubsubapi.SchemaClient, id string, v pubsubpb.SchemaView) (ids, definitions []string) {
	t.Helper()
	it := c.ListSchemaRevisions(t.Context(), &pubsubpb.ListSchemaRevisionsRequest{Name: schemaName(id), View: v})
	for {
		s, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return ids, definitions
		}
		if err != nil {
			t.Fatal(err)
		}
		ids, definitions = append(ids, s.RevisionId), append(definitions, s.Definition)
	}
}

func TestSchemaResources(t *testing.T) {
	t.Parallel()
	server, _ := start(t, t.TempDir())
	c := schemas(t, server)
	first := createSchema(t, c, "orders", firstDefinition)
	second := commitSchema(t, c, "orders", secondDefinition)
	createSchema(t, c, "files", firstDefinition)
	if len(first.RevisionId) != 8 || first.RevisionId == second.RevisionId || first.RevisionCreateTime == nil {
		t.Errorf("revisions %v and %v", first, second)
	}
	for name, want := range map[string]string{
		"orders": secondDefinition, "orders@" + first.RevisionId: firstDefinition, "orders@" + second.RevisionId: secondDefinition,
	} {
		got, err := c.GetSchema(t.Context(), &pubsubpb.GetSchemaRequest{Name: schemaName(name)})
		if err != nil || got.Definition != want || got.Name != schemaName("orders") {
			t.Errorf("%s: %v, error %v", name, got, err)
		}
	}
	basic, err := c.GetSchema(t.Context(), &pubsubpb.GetSchemaRequest{Name: schemaName("orders"), View: pubsubpb.SchemaView_BASIC})
	if err != nil || basic.Definition != "" || basic.RevisionId != second.RevisionId {
		t.Errorf("basic view %v, error %v", basic, err)
	}
	ids, definitions := revisionIDs(t, c, "orders", pubsubpb.SchemaView_FULL)
	if diff := cmp.Diff([]string{second.RevisionId, first.RevisionId}, ids); diff != "" {
		t.Errorf("revisions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{secondDefinition, firstDefinition}, definitions); diff != "" {
		t.Errorf("definitions (-want +got):\n%s", diff)
	}
	var listed []string
	for s, err := range c.ListSchemas(t.Context(), &pubsubpb.ListSchemasRequest{Parent: "projects/" + project, PageSize: 1}).All() {
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, s.Name)
	}
	if diff := cmp.Diff([]string{schemaName("files"), schemaName("orders")}, listed); diff != "" {
		t.Errorf("schemas (-want +got):\n%s", diff)
	}
	if _, err := c.DeleteSchemaRevision(t.Context(), &pubsubpb.DeleteSchemaRevisionRequest{Name: schemaName("orders@" + first.RevisionId)}); err != nil {
		t.Error(err)
	}
	if ids, _ := revisionIDs(t, c, "orders", pubsubpb.SchemaView_BASIC); len(ids) != 1 || ids[0] != second.RevisionId {
		t.Errorf("revisions left: %q", ids)
	}
	if err := c.DeleteSchema(t.Context(), &pubsubpb.DeleteSchemaRequest{Name: schemaName("orders")}); err != nil {
		t.Error(err)
	}
	if _, err := c.GetSchema(t.Context(), &pubsubpb.GetSchemaRequest{Name: schemaName("orders")}); status.Code(err) != codes.NotFound {
		t.Errorf("deleted: error %v", err)
	}
}

func TestSchemaErrors(t *testing.T) {
	t.Parallel()
	server, client := start(t, t.TempDir())
	c := schemas(t, server)
	first := createSchema(t, c, "orders", firstDefinition)
	create := func(id string, s *pubsubpb.Schema) error {
		_, err := c.CreateSchema(t.Context(), &pubsubpb.CreateSchemaRequest{Parent: "projects/" + project, SchemaId: id, Schema: s})
		return err
	}
	topic := func(settings *pubsubpb.SchemaSettings) error {
		_, err := client.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topicName("fresh"), SchemaSettings: settings})
		return err
	}
	for name, tt := range map[string]struct {
		err  error
		code codes.Code
		text string
	}{
		"exists":      {create("orders", definition(firstDefinition)), codes.AlreadyExists, "Resource already exists in the project (resource=orders)."},
		"bad id":      {create("1", definition(firstDefinition)), codes.InvalidArgument, "Invalid resource name given"},
		"not a proto": {create("other", definition("message")), codes.InvalidArgument, "Invalid schema: 1:"},
		"avro":        {create("other", &pubsubpb.Schema{Type: pubsubpb.Schema_AVRO, Definition: "{}"}), codes.Unimplemented, "The sandbox's Pub/Sub does not offer schemas of type AVRO."},
		"incompatible": {func() error {
			_, err := c.CommitSchema(t.Context(), &pubsubpb.CommitSchemaRequest{Name: schemaName("orders"), Schema: definition(`syntax = "proto3"; message Order { int32 id = 1; }`)})
			return err
		}(), codes.InvalidArgument, "Incompatible schema revision: field Order.id cannot be changed."},
		"commit to nothing": {func() error {
			_, err := c.CommitSchema(t.Context(), &pubsubpb.CommitSchemaRequest{Name: schemaName("none"), Schema: definition(firstDefinition)})
			return err
		}(), codes.NotFound, "Resource not found (resource=none)."},
		"the only revision": {func() error {
			_, err := c.DeleteSchemaRevision(t.Context(), &pubsubpb.DeleteSchemaRevisionRequest{Name: schemaName("orders@" + first.RevisionId)})
			return err
		}(), codes.InvalidArgument, "The only revision of a schema cannot be deleted."},
		"topic without encoding":                  {topic(&pubsubpb.SchemaSettings{Schema: schemaName("orders")}), codes.InvalidArgument, "Invalid schema settings: the encoding must be JSON or BINARY."},
		"topic with a revision that is not there": {topic(&pubsubpb.SchemaSettings{Schema: schemaName("orders"), Encoding: pubsubpb.Encoding_BINARY, FirstRevisionId: "00000000"}), codes.NotFound, "Resource not found (resource=orders@00000000)."},
		"invalid message": {func() error {
			_, err := c.ValidateMessage(t.Context(), &pubsubpb.ValidateMessageRequest{
				Parent: "projects/" + project, SchemaSpec: &pubsubpb.ValidateMessageRequest_Name{Name: schemaName("orders")}, Message: secondMessage, Encoding: pubsubpb.Encoding_BINARY,
			})
			return err
		}(), codes.InvalidArgument, "Invalid data in message: Message failed schema validation: Order: unknown field 2."},
		"invalid schema": {func() error {
			_, err := c.ValidateSchema(t.Context(), &pubsubpb.ValidateSchemaRequest{Parent: "projects/" + project, Schema: definition("x")})
			return err
		}(), codes.InvalidArgument, "Invalid schema: 1:"},
	} {
		if status.Code(tt.err) != tt.code || !strings.HasPrefix(status.Convert(tt.err).Message(), tt.text) {
			t.Errorf("%s: %v, want %v: %s", name, tt.err, tt.code, tt.text)
		}
	}
	for range 19 {
		commitSchema(t, c, "orders", firstDefinition)
	}
	_, err := c.CommitSchema(t.Context(), &pubsubpb.CommitSchemaRequest{Name: schemaName("orders"), Schema: definition(firstDefinition)})
	if status.Convert(err).Message() != "The schema has 20 revisions, which is the maximum. Delete one first." {
		t.Errorf("the 21st revision: %v", err)
	}
	for _, ok := range []error{
		func() error {
			_, err := c.ValidateSchema(t.Context(), &pubsubpb.ValidateSchemaRequest{Parent: "projects/" + project, Schema: definition(secondDefinition)})
			return err
		}(),
		func() error {
			_, err := c.ValidateMessage(t.Context(), &pubsubpb.ValidateMessageRequest{
				Parent: "projects/" + project, SchemaSpec: &pubsubpb.ValidateMessageRequest_Schema{Schema: definition(secondDefinition)},
				Message: []byte(`{"id": "a", "cents": "5"}`), Encoding: pubsubpb.Encoding_JSON,
			})
			return err
		}(),
	} {
		if ok != nil {
			t.Error(ok)
		}
	}
}

// A topic takes what keeps to a revision in its range, tells which, and refuses a
// request with one message that does not.
func TestPublishToSchema(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, client := start(t, dir)
	c := schemas(t, server)
	first := createSchema(t, c, "orders", firstDefinition)
	createTopic(t, client, "orders")
	createSub(t, client, "orders", "orders.writer")
	if err := send(t, client, "orders", []byte("anything")); err != nil {
		t.Errorf("without a schema: %v", err)
	}
	settings := &pubsubpb.SchemaSettings{Schema: schemaName("orders"), Encoding: pubsubpb.Encoding_BINARY}
	setSchema(t, client, "orders", settings)

	err := send(t, client, "orders", []byte("anything"))
	if status.Code(err) != codes.InvalidArgument || status.Convert(err).Message() != "Invalid data in message: Message failed schema validation." {
		t.Errorf("against the schema: %v", err)
	}
	var reason string
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			reason = info.Metadata["revisionInfo"]
		}
	}
	if want := "Could not validate message with any schema revision for schema: " + schemaName("orders") + ", last checked revision: revision_id=" + first.RevisionId; !strings.HasPrefix(reason, want) {
		t.Errorf("reason %q, want %q", reason, want)
	}
	if err := publishBatch(t, client, firstMessage, secondMessage); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a batch with one of another schema: %v", err)
	}
	second := commitSchema(t, c, "orders", secondDefinition)
	if err := publishBatch(t, client, firstMessage, secondMessage); err != nil {
		t.Errorf("after the commit: %v", err)
	}

	// Pinned to the first revision, the second's messages are refused, and so after a restart.
	settings.LastRevisionId = first.RevisionId
	setSchema(t, client, "orders", settings)
	if err := publishBatch(t, client, secondMessage); status.Code(err) != codes.InvalidArgument {
		t.Errorf("past the last revision: %v", err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	server, client = start(t, dir)
	c = schemas(t, server)
	if err := publishBatch(t, client, secondMessage); status.Code(err) != codes.InvalidArgument {
		t.Errorf("past the last revision, after a restart: %v", err)
	}
	if err := publishBatch(t, client, firstMessage); err != nil {
		t.Errorf("of the last revision, after a restart: %v", err)
	}
	if ids, _ := revisionIDs(t, c, "orders", pubsubpb.SchemaView_BASIC); !cmp.Equal(ids, []string{second.RevisionId, first.RevisionId}) {
		t.Errorf("revisions after a restart: %q", ids)
	}

	got := map[string]int{}
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	sub := client.Subscriber("orders.writer")
	sub.ReceiveSettings.NumGoroutines, sub.ReceiveSettings.MaxOutstandingMessages = 1, 1
	total := 0
	err = sub.Receive(ctx, func(_ context.Context, m *pubsub.Message) {
		m.Ack()
		got[string(m.Data)+" "+m.Attributes["googclient_schemaencoding"]+" "+m.Attributes["googclient_schemaname"]+" "+m.Attributes["googclient_schemarevisionid"]]++
		if total++; total == 4 {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	of := func(m []byte, rev *pubsubpb.Schema) string {
		return string(m) + " BINARY " + schemaName("orders") + " " + rev.RevisionId
	}
	// The newest revision that a message keeps to is the one it is said to be of.
	want := map[string]int{"anything   ": 1, of(firstMessage, second): 1, of(secondMessage, second): 1, of(firstMessage, first): 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}

	if err := c.DeleteSchema(t.Context(), &pubsubpb.DeleteSchemaRequest{Name: schemaName("orders")}); err != nil {
		t.Fatal(err)
	}
	topic, err := client.TopicAdminClient.GetTopic(t.Context(), &pubsubpb.GetTopicRequest{Topic: topicName("orders")})
	if err != nil || topic.SchemaSettings.GetSchema() != "_deleted-schema_" {
		t.Errorf("topic %v, error %v", topic, err)
	}
	if err := publishBatch(t, client, firstMessage); status.Code(err) != codes.InvalidArgument {
		t.Errorf("to a deleted schema: %v", err)
	}
	setSchema(t, client, "orders", nil)
	if err := publishBatch(t, client, []byte("anything")); err != nil {
		t.Errorf("after the schema was taken off: %v", err)
	}
}

// publishBatch publishes messages in one request.
func publishBatch(t testing.TB, client *pubsub.Client, messages ...[]byte) error {
	t.Helper()
	req := &pubsubpb.PublishRequest{Topic: topicName("orders")}
	for _, m := range messages {
		req.Messages = append(req.Messages, &pubsubpb.PubsubMessage{Data: m})
	}
	_, err := client.TopicAdminClient.Publish(t.Context(), req)
	return err
}

func TestPublishJSONToSchema(t *testing.T) {
	t.Parallel()
	server, client := start(t, t.TempDir())
	createSchema(t, schemas(t, server), "orders", secondDefinition)
	if _, err := client.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{
		Name: topicName("orders"), SchemaSettings: &pubsubpb.SchemaSettings{Schema: schemaName("orders"), Encoding: pubsubpb.Encoding_JSON},
	}); err != nil {
		t.Fatal(err)
	}
	if err := send(t, client, "orders", []byte(`{"id": "a", "cents": 5}`)); err != nil {
		t.Error(err)
	}
	if err := send(t, client, "orders", secondMessage); status.Code(err) != codes.InvalidArgument {
		t.Errorf("binary: %v", err)
	}
}

// BenchmarkPublishToSchema is BenchmarkPublishToAck on a topic with a schema.
func BenchmarkPublishToSchema(b *testing.B) {
	server, client := start(b, b.TempDir())
	createSchema(b, schemas(b, server), "orders", firstDefinition)
	publishToAckOf(b, client, append([]byte("\x0a\xf4\x03"), bytes.Repeat([]byte("0123456789"), 50)...), func() {
		setSchema(b, client, "orders", &pubsubpb.SchemaSettings{Schema: schemaName("orders"), Encoding: pubsubpb.Encoding_BINARY})
	})
}

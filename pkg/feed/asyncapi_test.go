package feed

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/template"

	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

var update = flag.Bool("update", false, "write proto/asyncapi.yaml again")

const asyncAPI = "../../proto/asyncapi.yaml"

// TestAsyncAPI: the description of the topics is that of the topology and the protos.
func TestAsyncAPI(t *testing.T) {
	t.Parallel()
	want := describeTopics(t)
	if *update {
		if err := os.WriteFile(asyncAPI, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(asyncAPI)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is not current: run go test ./pkg/feed -update", asyncAPI)
	}
}

// carried is what each topic carries, and what it is for.
var carried = map[string]struct {
	messages []proto.Message
	means    string
}{
	topology.TopicLandingNotifications: {nil, "Cloud Storage tells of each object under landing/."},
	topology.TopicFilesLanded:          {[]proto.Message{&pipelinev1.FileLanded{}}, "A file has been claimed and is to be read; it comes again when it is released or reprocessed."},
	topology.TopicOrdersValidated:      {[]proto.Message{&ordersv1.Order{}}, "Every order that is valid by itself, one message each."},
	topology.TopicCatalogUpdates:       {[]proto.Message{&catalogv1.Product{}, &catalogv1.Customer{}}, "Every valid row of a file of products or customers."},
	topology.TopicRecordsRejected:      {[]proto.Message{&pipelinev1.RejectedRecord{}}, "Every record that was refused, with its bytes."},
	topology.TopicFilesParsed:          {[]proto.Message{&pipelinev1.FileManifest{}}, "A file has been read; how many records it has, and what should become of it."},
	topology.TopicFilesCompleted:       {[]proto.Message{&pipelinev1.FileCompleted{}}, "What became of a file, and which of its records did not become facts."},
}

type attribute struct{ Name, Means string }

var everyMessage = []attribute{
	{topology.AttrSchema, "Full name of the payload's message."},
	{topology.AttrFileID, "The file: derived from bucket, name and generation of the landed object."},
	{topology.AttrTraceparent, "W3C trace context of the file."},
}

var (
	parseID     = attribute{topology.AttrParseID, "One reading of the file: derived from the file, its revision and the rules that it is read by."}
	recordIndex = attribute{topology.AttrRecordIndex, "The record's number in its file, from 0."}
)

// described are the attributes of a message beside those of every message: the required ones first, as
// many as the number says.
var described = map[string]struct {
	required   int
	attributes []attribute
}{
	"FileLanded":     {},
	"Product":        {2, []attribute{parseID, recordIndex}},
	"Customer":       {2, []attribute{parseID, recordIndex}},
	"RejectedRecord": {2, []attribute{parseID, recordIndex}},
	"FileManifest":   {1, []attribute{parseID}},
	"FileCompleted": {3, []attribute{
		parseID,
		{topology.AttrKind, "What the file holds: orders, products or customers."},
		{topology.AttrVerdict, "loaded or quarantined."},
		{topology.AttrReason, "The rule that quarantined the file; absent if it was loaded."},
	}},
	"Order": {7, []attribute{
		parseID, recordIndex,
		{topology.AttrOrderID, "The order."},
		{topology.AttrContentHash, "Hash of what the source says of the order."},
		{topology.AttrPaymentStatus, "As fact_orders.payment_status: completed, pending, failed, refunded, partially_refunded, cancelled, or the source's own word."},
		{topology.AttrOrderDate, "The shop's day of the order, such as 2026-11-01."},
		{topology.AttrRegion, "As fact_orders.region with the places that the pipeline ships; none if the order is shipped nowhere. At most 1,024 bytes."},
		{topology.AttrCountry, "ISO 3166 code of the country that the order is shipped to; absent if there is none or it is not known."},
		{topology.AttrVersion, "The order's updated_at in UTC, such as 2026-11-03T09:00:00.000000Z; absent if the source gives none."},
	}},
}

type topic struct {
	Name, Means, Tag string
	Messages         []string
}

type operation struct{ ID, Action, Summary, Description, Tag, Channel string }

type message struct {
	Name, FullName, Proto string
	Required              []string
	Attributes            []attribute
}

func describeTopics(t *testing.T) []byte {
	t.Helper()
	var topics []topic
	var operations []operation
	var types []message
	for _, of := range topology.Topics() {
		what, known := carried[of.Name]
		if !known {
			t.Fatalf("%s is not described", of.Name)
		}
		out := topic{Name: of.Name, Means: what.means, Tag: "internal"}
		if slices.Contains(topology.Feeds(), of.Name) {
			out.Tag = "feed"
			out.Means += " The topic keeps its messages (FEED_RETENTION_DAYS), so that who joins late can seek."
		}
		for _, m := range what.messages {
			described := describeMessage(t, m)
			out.Messages = append(out.Messages, described.Name)
			types = append(types, described)
		}
		if len(what.messages) == 0 {
			out.Messages = []string{"Notification"}
		}
		topics = append(topics, out)
		act := func(action, who, does string) {
			operations = append(operations, operation{fmt.Sprintf("%s.%s.%s", who, action, of.Name), action,
				fmt.Sprintf("The %s %s", who, does), fmt.Sprintf("The %s %s %s.", who, does, of.Name), out.Tag, of.Name})
		}
		for _, publisher := range of.Publishers {
			act("send", publisher, "publishes to")
		}
		for _, subscriber := range of.Subscribers {
			act("receive", subscriber, "reads")
		}
	}
	slices.SortFunc(types, func(a, b message) int { return strings.Compare(a.Name, b.Name) })
	text, err := template.ParseFiles("testdata/asyncapi.yaml.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := text.Execute(&out, map[string]any{
		"Topics": topics, "Operations": operations, "Types": types, "Subscriptions": topology.Subscriptions(),
		"DeadLetterAttributes": deadLetterAttributes(t),
	}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func describeMessage(t *testing.T, m proto.Message) message {
	t.Helper()
	descriptor := m.ProtoReflect().Descriptor()
	source, err := os.ReadFile("../../proto/" + descriptor.ParentFile().Path())
	if err != nil {
		t.Fatal(err)
	}
	name := string(descriptor.Name())
	own, known := described[name]
	if !known {
		t.Fatalf("the attributes of %s are not described", name)
	}
	out := message{Name: name, FullName: string(descriptor.FullName()), Attributes: slices.Concat(everyMessage, own.attributes)}
	for _, a := range everyMessage {
		if a.Name != topology.AttrTraceparent {
			out.Required = append(out.Required, a.Name)
		}
	}
	for _, a := range own.attributes[:own.required] {
		out.Required = append(out.Required, a.Name)
	}
	var indented strings.Builder
	for line := range strings.Lines(strings.TrimSpace(string(source))) {
		if strings.TrimSpace(line) != "" {
			indented.WriteString("          ")
		}
		indented.WriteString(line)
	}
	out.Proto = indented.String()
	return out
}

func deadLetterAttributes(t *testing.T) []attribute {
	t.Helper()
	means := map[string]string{
		topology.AttrError:          "Why the message was given up.",
		topology.AttrSubscription:   "The subscription that gave it up.",
		topology.AttrMessageID:      "The id that the message had there.",
		topology.AttrAttempts:       "How often it was delivered.",
		topology.AttrReplayOf:       "The dead letter that the message was when it was published again.",
		topology.AttrFirstMessageID: "The id that the message had at first.",
		topology.AttrReplays:        "How often it was published again.",
	}
	var out []attribute
	for _, name := range topology.DeadLetterAttributes() {
		if means[name] == "" {
			t.Fatalf("the attribute %s is not described", name)
		}
		out = append(out, attribute{name, means[name]})
	}
	return out
}

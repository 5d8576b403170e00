package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
)

// letterbox makes dead letters of the writer and counts them.
type letterbox struct {
	*pipeline
	client *pubsub.Client
}

// lettersOf is the subscription whose letters are replayed.
var lettersOf = topology.Subscription(topology.TopicOrdersValidated, topology.Writer)

func newLetterbox(t *testing.T) *letterbox {
	t.Helper()
	p := start(t, "all")
	client, err := p.endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return &letterbox{p, client}
}

// stray is an order of a stranger, who has found the topic and keeps to its schema, but
// knows nothing of files.
func stray(t *testing.T) []byte {
	t.Helper()
	data, err := proto.Marshal(&ordersv1.Order{OrderId: "stray-order"})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (b *letterbox) publish(t *testing.T, data []byte, attributes map[string]string) {
	t.Helper()
	publisher := b.client.Publisher(topology.TopicOrdersValidated)
	defer publisher.Stop()
	if _, err := publisher.Publish(t.Context(), &pubsub.Message{Data: data, Attributes: attributes}).Get(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (b *letterbox) await(t *testing.T, n int64) {
	t.Helper()
	await(t, fmt.Sprintf("%d dead letters", n), func() (bool, error) {
		rows, err := b.query(t, "SELECT COUNT(*) FROM v_dead_letters WHERE subscription = '"+lettersOf+"'")
		return err == nil && rows[0][0] == n, err
	})
}

func (b *letterbox) replay(t *testing.T, want string, args ...string) string {
	t.Helper()
	out, err := b.pipelinectl(t, append([]string{"replay"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, want) {
		t.Errorf("replay %q printed %q, want %q in it", args, out, want)
	}
	return out
}

// TestReplay gives up a poisoned message, replays it while it is as bad as before, and
// has a record of a file that the ledger holds left alone.
func TestReplay(t *testing.T) {
	t.Parallel()
	b := newLetterbox(t)
	b.publish(t, stray(t), map[string]string{"note": "mine"})
	b.await(t, 1)
	if out := b.replay(t, `13 bytes: "message names no file_id and parse_id"`, "--dry-run", lettersOf); strings.Contains(out, "published") {
		t.Errorf("a dry run published: %q", out)
	}
	b.replay(t, "1 letters published again", lettersOf)
	b.await(t, 2)
	// The second letter is the same message and says which letter it was.
	b.check(t, "letters", `SELECT n.data = o.data, JSON_VALUE(n.attributes, '$.note')
		FROM v_dead_letters AS o JOIN v_dead_letters AS n ON JSON_VALUE(n.attributes, '$.replay_of') = o.dead_letter_id`, "true|mine\n")

	b.land(t, "orders/a.json", []byte(order("o-1", 1, "P-1", "C-1", "10.00")))
	b.awaitFiles(t, 1)
	file := b.fileID(t, "orders/a.json")
	b.letter(t, "of-a", file, "")
	b.replay(t, "of-a left alone, file "+file+" is in the ledger\n2 letters published again\nread again with: pipelinectl reprocess "+file+"\n", lettersOf)
	b.await(t, 5)

	if _, err := b.pipelinectl(t, "replay", "orders-validated.nobody"); err == nil || !strings.Contains(err.Error(), "no subscription of the pipeline is named") {
		t.Errorf("an unknown subscription: %v", err)
	}
}

// letter writes down the letter of a record, of the reading that the ledger holds of its
// file unless it is of another.
func (b *letterbox) letter(t *testing.T, id, file, reading string) {
	t.Helper()
	if reading == "" {
		reading = b.mustQuery(t, "SELECT parse_id FROM file_ledger WHERE file_id = '"+file+"'")[0][0].(string)
	}
	now := time.Now().UTC()
	b.insert(t, "dead_letters", []column{
		{"dead_letter_id", id}, {"subscription", lettersOf}, {"message_id", id}, {"error", "mended"}, {"delivery_attempts", 1},
		{"file_id", file}, {"parse_id", reading}, {"record_index", 7}, {"dead_lettered_at", now}, {"dead_lettered_date", civil.DateOf(now)},
	})
}

// TestReplayOfRecords: what is to be done about a record depends on what became of the
// reading that it is of.
func TestReplayOfRecords(t *testing.T) {
	t.Parallel()
	b := newLetterbox(t)
	b.land(t, "orders/a.json", []byte(order("o-1", 1, "P-1", "C-1", "10.00")))
	b.land(t, "orders/doubtful.json", []byte("{\n{\n"))
	b.awaitFiles(t, 2)
	loaded, quarantined := b.fileID(t, "orders/a.json"), b.fileID(t, "orders/doubtful.json")
	b.letter(t, "letter-1", loaded, "")
	b.letter(t, "letter-2", quarantined, "")
	b.letter(t, "letter-3", loaded, "a reading on its way")
	want := "letter-1 left alone, file " + loaded + " is in the ledger\nletter-2 left alone, file " + quarantined + " is in the ledger\nletter-3 0 bytes: \"mended\"\n"
	commands := []string{"read again with: pipelinectl reprocess " + loaded + "\n", "read again with: pipelinectl release " + quarantined + "\n"}
	if loaded > quarantined {
		slices.Reverse(commands)
	}
	if out := b.replay(t, "", "--dry-run", lettersOf); out != want+strings.Join(commands, "") {
		t.Errorf("replay printed %q, want %q and %q", out, want, commands)
	}
	// Done as it says, nothing is left to do about them.
	b.bringBack(t, 1, "reprocess", loaded)
	b.bringBack(t, 1, "release", quarantined)
	if out := b.replay(t, "", "--dry-run", lettersOf); out != "letter-3 0 bytes: \"mended\"\n" {
		t.Errorf("afterwards replay printed %q", out)
	}
}

// TestReplayOfWhatTheSchemaRefuses: a letter from before its topic had a schema cannot be
// published again, and keeps no other letter from it.
func TestReplayOfWhatTheSchemaRefuses(t *testing.T) {
	t.Parallel()
	b := newLetterbox(t)
	if _, err := b.client.TopicAdminClient.UpdateTopic(t.Context(), &pubsubpb.UpdateTopicRequest{
		Topic:      &pubsubpb.Topic{Name: "projects/" + b.endpoints.ProjectID + "/topics/" + topology.TopicOrdersValidated},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"schema_settings"}},
	}); err != nil {
		t.Fatal(err)
	}
	b.publish(t, []byte("\xff not an order"), nil)
	b.publish(t, stray(t), nil)
	b.await(t, 2)
	mustProvision(t, b.endpoints, provision.Options{})
	out, err := b.pipelinectl(t, "replay", lettersOf)
	if err == nil || err.Error() != "1 letters cannot be published again; they stay in dead_letters" {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(out, "1 letters published again\n") || strings.Count(out, " refused by the topic: ") != 1 {
		t.Errorf("replay printed %q", out)
	}
	b.await(t, 3)
}

package operate

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
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/replay"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// letterbox makes dead letters of the writer and counts them.
type letterbox struct {
	*harness.Pipeline
	client *pubsub.Client
}

// lettersOf is the subscription whose dead letters are replayed.
var lettersOf = topology.Subscription(topology.TopicOrdersValidated, topology.Writer)

func newLetterbox(t *testing.T) *letterbox {
	t.Helper()
	p := harness.Start(t, "all")
	client, err := p.Endpoints.NewPubSub(t.Context())
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
	harness.Await(t, fmt.Sprintf("%d dead letters", n), func() (bool, error) {
		rows, err := b.Query(t, "SELECT COUNT(*) FROM v_dead_letters WHERE subscription = '"+lettersOf+"'")
		return err == nil && rows[0][0] == n, err
	})
}

func (b *letterbox) replay(t *testing.T, want string, args ...string) string {
	t.Helper()
	out, err := b.Pipelinectl(t, append([]string{"replay"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, want) {
		t.Errorf("replay %q printed %q, want %q in it", args, out, want)
	}
	return out
}

// TestReplay gives up a poisoned message and replays it while it is as bad as before:
// there is one dead letter more each time and one to replay, until replaying is refused.
func TestReplay(t *testing.T) {
	t.Parallel()
	b := newLetterbox(t)
	b.publish(t, stray(t), map[string]string{"note": "mine"})
	b.await(t, 1)
	if out := b.replay(t, `13 bytes: "message names no file_id and parse_id"`, "--dry-run", lettersOf); !strings.Contains(out, "1 dead letter would be published again (dry run: nothing was changed)\n") {
		t.Errorf("a dry run printed %q", out)
	}
	for n := int64(1); n <= replay.MaxReplays; n++ {
		b.replay(t, "1 dead letter published again\n", lettersOf)
		b.await(t, n+1)
		if n == 1 {
			// The same copy of it, from a run that was killed before it noted anything, is
			// the same dead letter.
			row := b.MustQuery(t, "SELECT replay.dead_letter_id, replay.first_message_id FROM dead_letters AS replay WHERE replay.replays = 1")[0]
			b.publish(t, stray(t), map[string]string{"note": "mine", "replay_of": "the first", "first_message_id": row[1].(string), "replays": "1"})
			harness.Await(t, "the copy", func() (bool, error) {
				rows, err := b.Query(t, "SELECT COUNT(*), COUNT(DISTINCT dead_letter_id) FROM dead_letters")
				return err == nil && rows[0][0] == int64(3) && rows[0][1] == int64(2), err
			})
		}
	}
	want := fmt.Sprintf("0 dead letters published again\n1 passed over: given up after %d replays (fix the cause; then --id --again)\n%d passed over: replayed and given up again, as newer dead letters\n",
		replay.MaxReplays, replay.MaxReplays)
	b.replay(t, want, lettersOf)
	// Each dead letter is the same message and says which dead letter it was.
	b.Check(t, "letters", `SELECT COUNT(*), LOGICAL_AND(n.data = o.data AND JSON_VALUE(n.attributes, '$.note') = 'mine'), LOGICAL_AND(n.replays = COALESCE(o.replays, 0) + 1)
		FROM v_dead_letters AS o JOIN v_dead_letters AS n ON JSON_VALUE(n.attributes, '$.replay_of') = o.dead_letter_id`, "5|true|true\n")

	if _, err := b.Pipelinectl(t, "replay", "orders-validated.nobody"); err == nil || !strings.Contains(err.Error(), "no subscription of the pipeline is named") {
		t.Errorf("an unknown subscription: %v", err)
	}
}

// TestReplayOnce: what was replayed and has not come back is replayed no more, unless
// the run was killed before it noted that, or it is asked for.
func TestReplayOnce(t *testing.T) {
	t.Parallel()
	b := newLetterbox(t)
	good, err := proto.Marshal(&ordersv1.Order{OrderId: "o-1", Source: &pipelinev1.RecordSource{FileId: "f", ParseId: "p", LandedAt: timestamppb.Now()}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	for _, id := range []string{"good", "unwanted"} {
		b.Insert(t, "dead_letters", []harness.Column{
			{"dead_letter_id", id}, {"subscription", lettersOf}, {"message_id", id}, {"data", good}, {"error", "mended"}, {"delivery_attempts", 1},
			{"dead_lettered_at", now}, {"dead_lettered_date", civil.DateOf(now)},
		})
	}
	if _, err := b.Pipelinectl(t, "discard", "--id", "unwanted", lettersOf); err == nil {
		t.Error("discarded for no reason")
	}
	for _, tt := range []struct {
		do   []string
		want string
	}{
		{[]string{"discard", "--dry-run", "--reason", "a test", "--id", "unwanted", lettersOf}, fmt.Sprintf("unwanted %d bytes: \"mended\"\n1 dead letter would be discarded (dry run: nothing was changed)\n", len(good))},
		{[]string{"discard", "--reason", "a test", "--id", "unwanted", lettersOf}, "1 dead letter discarded\n"},
		{[]string{"discard", "--reason", "a test", "--id", "unwanted", lettersOf}, "0 dead letters discarded\n"},
		{[]string{"replay", lettersOf}, "1 dead letter published again\n1 passed over: discarded\n"},
		{[]string{"replay", lettersOf}, "0 dead letters published again\n1 passed over: replayed, and not come back\n1 passed over: discarded\n"},
		{[]string{"replay", "--again", "--id", "good", "--id", "unwanted", lettersOf}, "2 dead letters published again\n"},
	} {
		out, err := b.Pipelinectl(t, tt.do...)
		if err != nil || out != tt.want {
			t.Errorf("%q: %v, printed %q, want %q", tt.do, err, out, tt.want)
		}
	}
	if _, err := b.Pipelinectl(t, "replay", "--again", lettersOf); err == nil {
		t.Error("everything was published again")
	}
	b.Check(t, "fates", "SELECT dead_letter_id, fate, reason FROM dead_letter_fates ORDER BY decided_at, dead_letter_id",
		"unwanted|discarded|a test\ngood|replayed|NULL\ngood|replayed|NULL\nunwanted|replayed|NULL\n")
	// A run that was killed between publishing and noting.
	b.MustQuery(t, "DELETE FROM dead_letter_fates WHERE dead_letter_id = 'good'")
	b.replay(t, "1 dead letter published again\n1 passed over: replayed", lettersOf)
	b.Check(t, "letters", "SELECT COUNT(*) FROM dead_letters", "2\n")
}

// letter writes down the dead letter of a record, of the reading that the ledger holds of its
// file unless it is of another.
func (b *letterbox) letter(t *testing.T, id, file, reading string) {
	t.Helper()
	if reading == "" {
		reading = b.MustQuery(t, "SELECT parse_id FROM file_ledger WHERE file_id = '"+file+"'")[0][0].(string)
	}
	now := time.Now().UTC()
	b.Insert(t, "dead_letters", []harness.Column{
		{"dead_letter_id", id}, {"subscription", lettersOf}, {"message_id", id}, {"error", "mended"}, {"delivery_attempts", 1},
		{"file_id", file}, {"parse_id", reading}, {"record_index", 7}, {"dead_lettered_at", now}, {"dead_lettered_date", civil.DateOf(now)},
	})
}

// TestReplayOfRecords: what is to be done about a record depends on what became of the
// reading that it is of.
func TestReplayOfRecords(t *testing.T) {
	t.Parallel()
	b := newLetterbox(t)
	b.Land(t, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	b.Land(t, "orders/doubtful.json", []byte("{\n{\n"))
	b.AwaitFiles(t, 2)
	loaded, quarantined := b.FileID(t, "orders/a.json"), b.FileID(t, "orders/doubtful.json")
	b.letter(t, "letter-1", loaded, "")
	b.letter(t, "letter-2", quarantined, "")
	b.letter(t, "letter-3", loaded, "a reading on its way")
	want := "letter-1 left alone, file " + loaded + " is in the ledger\nletter-2 left alone, file " + quarantined + " is in the ledger\nletter-3 0 bytes: \"mended\"\n1 dead letter would be published again (dry run: nothing was changed)\n"
	commands := []string{"read again with: pipelinectl reprocess " + loaded + "\n", "read again with: pipelinectl release " + quarantined + "\n"}
	if loaded > quarantined {
		slices.Reverse(commands)
	}
	if out := b.replay(t, "", "--dry-run", lettersOf); out != want+"2 passed over: records of files that are in the ledger\n"+strings.Join(commands, "") {
		t.Errorf("replay printed %q, want %q and %q", out, want, commands)
	}
	// Done as it says, nothing is left to do about them.
	b.BringBack(t, 1, "reprocess", loaded)
	b.BringBack(t, 1, "release", quarantined)
	if out := b.replay(t, "", "--dry-run", lettersOf); out != "letter-3 0 bytes: \"mended\"\n1 dead letter would be published again (dry run: nothing was changed)\n2 passed over: records of files that were read again\n" {
		t.Errorf("afterwards replay printed %q", out)
	}
}

// TestReplayOfWhatTheSchemaRefuses: a dead letter from before its topic had a schema cannot be
// published again, and keeps no other dead letter from it.
func TestReplayOfWhatTheSchemaRefuses(t *testing.T) {
	t.Parallel()
	b := newLetterbox(t)
	if _, err := b.client.TopicAdminClient.UpdateTopic(t.Context(), &pubsubpb.UpdateTopicRequest{
		Topic:      &pubsubpb.Topic{Name: "projects/" + b.Endpoints.ProjectID + "/topics/" + topology.TopicOrdersValidated},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"schema_settings"}},
	}); err != nil {
		t.Fatal(err)
	}
	b.publish(t, []byte("\xff not an order"), nil)
	b.publish(t, stray(t), nil)
	b.await(t, 2)
	mustProvision(t, b.Endpoints, provision.Options{})
	out, err := b.Pipelinectl(t, "replay", lettersOf)
	if err == nil || err.Error() != "1 dead letter cannot be published again; left in the table dead_letters" {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(out, "1 dead letter published again\n") || strings.Count(out, " refused by the topic: ") != 1 {
		t.Errorf("replay printed %q", out)
	}
	b.await(t, 3)
}

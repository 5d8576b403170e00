package e2e

import (
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// TestReplay gives up a poisoned message, replays it while it is as bad as before, and
// has a record of a file that the ledger holds left alone.
func TestReplay(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	client, err := p.endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	subscription := topology.Subscription(topology.TopicOrdersValidated, topology.Writer)
	letters := "SELECT COUNT(*) FROM v_dead_letters WHERE subscription = '" + subscription + "'"
	publish := func(attributes map[string]string) {
		t.Helper()
		publisher := client.Publisher(topology.TopicOrdersValidated)
		defer publisher.Stop()
		result := publisher.Publish(t.Context(), &pubsub.Message{Data: []byte("\xff not an order"), Attributes: attributes})
		if _, err := result.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	awaitLetters := func(n int64) {
		t.Helper()
		await(t, "dead letters", func() (bool, error) {
			rows, err := p.query(t, letters)
			return err == nil && rows[0][0] == n, err
		})
	}
	replay := func(want string, args ...string) string {
		t.Helper()
		out, err := p.pipelinectl(t, append([]string{"replay"}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out, want) {
			t.Errorf("replay %q printed %q, want %q in it", args, out, want)
		}
		return out
	}

	publish(map[string]string{"note": "mine"})
	awaitLetters(1)
	if out := replay("14 bytes", "--dry-run", subscription); strings.Contains(out, "published") {
		t.Errorf("a dry run published: %q", out)
	}
	replay("1 letters published again", subscription)
	awaitLetters(2)
	// The second letter is the same message and says which letter it was.
	p.check(t, "letters", `SELECT n.data = o.data, JSON_VALUE(n.attributes, '$.note')
		FROM v_dead_letters AS o JOIN v_dead_letters AS n ON JSON_VALUE(n.attributes, '$.replay_of') = o.dead_letter_id`, "true|mine\n")

	p.land(t, "orders/a.json", []byte(order("o-1", 1, "P-1", "C-1", "10.00")))
	p.awaitFiles(t, 1)
	file := p.fileID(t, "orders/a.json")
	publish(map[string]string{topology.AttrFileID: file, topology.AttrRecordIndex: "7"})
	awaitLetters(3)
	replay("2 letters published again\nread again with: pipelinectl reprocess "+file, subscription)
	awaitLetters(5)

	if _, err := p.pipelinectl(t, "replay", "orders-validated.nobody"); err == nil || !strings.Contains(err.Error(), "no subscription of the pipeline is named") {
		t.Errorf("an unknown subscription: %v", err)
	}
}

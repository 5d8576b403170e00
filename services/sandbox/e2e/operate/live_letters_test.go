package operate

import (
	"fmt"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestLiveLetters settles dead letters that wait in Pub/Sub, of a consumer and of the pipeline's own while no
// writer runs: each is listed, shown, and replayed or discarded by what selects it, and the others stay.
func TestLiveLetters(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "none")
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	run := func(want string, status int, args ...string) string {
		t.Helper()
		out, err := p.Pipelinectl(t, args...)
		if got := statusOf(err); got != status || !strings.Contains(out, want) {
			t.Fatalf("%q: status %d (%v), want %d and %q in\n%s", args, got, err, status, want, out)
		}
		return out
	}
	run("created", 0, "subscribe", "shop")
	give := func(topic, text string, attributes map[string]string) {
		t.Helper()
		publisher := client.Publisher(topic)
		defer publisher.Stop()
		if _, err := publisher.Publish(t.Context(), &pubsub.Message{Data: []byte(text), Attributes: attributes}).Get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	own := topology.Subscription(topology.TopicFilesLanded, topology.Parser)
	order := string(stray(t))
	for i, why := range []string{"no such customer", "no such customer", "out of stock"} {
		give("shop.dead-letter", order, map[string]string{"note": fmt.Sprint("letter ", i), topology.AttrError: why, topology.AttrFileID: fmt.Sprint("file-", i), topology.AttrSchema: "ecommerce.orders.v1.Order"})
	}
	give("shop.dead-letter", "\xff not an order", map[string]string{topology.AttrError: "unreadable"})
	give(topology.DeadLetterTopic(own), "\xff", map[string]string{topology.AttrError: "cannot be decoded", topology.AttrMessageID: "7"})

	run("no such customer", usage.StatusFound, "dlq", "list", "--live", "shop")
	run("cannot be decoded", usage.StatusFound, "dlq", "list", "--live", own)
	rows := run("", usage.StatusFound, "-o", "csv", "dlq", "list", "--live")
	if strings.Count(rows, ",waiting,") != 5 || strings.Count(rows, "\n") != 1+5 {
		t.Errorf("of all subscriptions:\n%s", rows)
	}
	run("no dead letters", 0, "dlq", "list", "--live", "--file", "file-9", "shop")
	run("no dead letters", 0, "dlq", "list", "--live", "--to", "2001-01-01", "shop")

	listed := run("", usage.StatusFound, "-o", "csv", "dlq", "list", "--live", "--error", "out of stock", "shop")
	id, _, _ := strings.Cut(strings.SplitN(listed, "\n", 2)[1], ",")
	run("stray-order", 0, "dlq", "show", "--live", id)
	run("", usage.StatusFound, "dlq", "show", "--live", "nobody")

	// What the consumer mended comes again, to it and to whoever else reads the topic, once.
	run("2 dead letters would be published again", 0, "dlq", "replay", "--live", "--dry-run", "--error", "CUSTOMER", "shop")
	run("2 dead letters published again", 0, "dlq", "replay", "--live", "--rate", "50", "--error", "CUSTOMER", "shop")
	run("0 dead letters published again", 0, "replay", "--live", "--error", "CUSTOMER", "shop")
	for _, reader := range []string{"shop", lettersOf} {
		var got []*pubsubpb.ReceivedMessage
		harness.Await(t, "two messages of "+reader, func() (bool, error) {
			pulled, err := client.SubscriptionAdminClient.Pull(t.Context(), &pubsubpb.PullRequest{
				Subscription: "projects/" + p.Endpoints.ProjectID + "/subscriptions/" + reader, MaxMessages: 10,
			})
			got = append(got, pulled.GetReceivedMessages()...)
			return len(got) >= 2, err
		})
		m := got[0].Message
		if len(got) > 2 || string(m.Data) != order || m.Attributes[topology.AttrReplays] != "1" || m.Attributes[topology.AttrError] != "" || !strings.HasPrefix(m.Attributes["note"], "letter ") {
			t.Errorf("%s has %d messages, the first is %v", reader, len(got), m)
		}
	}
	// The schema of the topic refuses what is no order; the rest is published all the same.
	out, err := p.Pipelinectl(t, "dlq", "replay", "--live", "shop")
	if err == nil || err.Error() != "1 dead letter cannot be published again; left in Pub/Sub" || !strings.Contains(out, "1 dead letter published again") {
		t.Errorf("what the schema refuses: %v\n%s", err, out)
	}
	run("1 dead letter would be discarded", 0, "dlq", "discard", "--live", "--dry-run", "--reason", "not ours", "shop")
	run("1 dead letter discarded", 0, "dlq", "discard", "--live", "--reason", "not ours", "shop")
	run("no dead letters", 0, "dlq", "list", "--live", "shop")

	// The writer has yet to take the pipeline's own into the table: its fate is known before, and it stays.
	run("1 dead letter discarded", 0, "discard", "--live", "--reason", "a stranger's", own)
	harness.Await(t, "the letter again, after the pause that its subscription makes", func() (bool, error) {
		out, err := p.Pipelinectl(t, "dlq", "list", "--live", own)
		return strings.Contains(out, "cannot be decoded"), err
	})
	p.Check(t, "fates", "SELECT subscription, fate, reason, COUNT(*) FROM dead_letter_fates GROUP BY 1, 2, 3 ORDER BY 1, 2",
		own+"|discarded|a stranger's|1\nshop|discarded|not ours|1\nshop|replayed|NULL|3\n")

	run("", usage.StatusWrong, "dlq", "list", "--live", "nobody")
	run("", usage.StatusWrong, "dlq", "replay", "--live", "shop.dead-letter") // it gives nothing up itself
}

// statusOf is what the program would end with.
func statusOf(err error) int {
	if err == nil {
		return 0
	}
	return usage.Status(err)
}

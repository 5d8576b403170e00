package pubsubfront_test

import (
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

// TestBacklogs follows the backlog of a subscription that nobody reads, through a
// restart, to one whose messages are leased and then acknowledged.
func TestBacklogs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, c := start(t, dir)
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "orders.writer")
	expect := func(when string, messages int64, oldest time.Time) {
		t.Helper()
		all, err := server.Backlogs(t.Context())
		if err != nil || len(all) != 1 {
			t.Fatalf("%s: %v, error %v", when, all, err)
		}
		got := all[0]
		if got.Subscription != subName("orders.writer") || got.Messages != messages || got.Oldest.Sub(oldest).Abs() > time.Second {
			t.Errorf("%s: %+v, not %d since %s", when, got, messages, oldest)
		}
	}
	expect("before the first message", 0, time.Time{})

	publish(t, c, "orders", "a", 30)
	all, err := server.Backlogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	since := all[0].Oldest
	if age := time.Since(since); age < 0 || age > time.Minute {
		t.Fatalf("the oldest message is %s old", age)
	}
	expect("without a subscriber", 30, since)

	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	server, c = start(t, dir)
	unread, err := server.Backlogs(t.Context())
	if err != nil || unread[0].Messages == 0 || unread[0].Messages > 30 {
		t.Fatalf("after a restart: %v, error %v", unread, err)
	}
	expect("after a restart", unread[0].Messages, since)

	var ids []string
	for len(ids) < 30 {
		resp, err := c.SubscriptionAdminClient.Pull(t.Context(), &pubsubpb.PullRequest{Subscription: subName("orders.writer"), MaxMessages: 30})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range resp.GetReceivedMessages() {
			ids = append(ids, m.GetAckId())
		}
	}
	expect("on a lease", 30, since)
	if err := c.SubscriptionAdminClient.Acknowledge(t.Context(), &pubsubpb.AcknowledgeRequest{Subscription: subName("orders.writer"), AckIds: ids}); err != nil {
		t.Fatal(err)
	}
	expect("acknowledged", 0, time.Time{})
}

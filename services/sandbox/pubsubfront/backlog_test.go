package pubsubfront_test

import (
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
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

// TestBacklogOfAFilter: what a filter keeps back is no backlog, read or not, published now or sought to again.
func TestBacklogOfAFilter(t *testing.T) {
	t.Parallel()
	server, c := start(t, t.TempDir())
	if _, err := c.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topicName("orders"), MessageRetentionDuration: durationpb.New(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SubscriptionAdminClient.CreateSubscription(t.Context(), &pubsubpb.Subscription{
		Name: subName("orders.de"), Topic: topicName("orders"), Filter: `attributes.country = "DE"`,
	}); err != nil {
		t.Fatal(err)
	}
	backlog := func(when string, want int64) {
		t.Helper()
		all, err := server.Backlogs(t.Context())
		if err != nil || all[0].Messages != want || want == 0 && !all[0].Oldest.IsZero() {
			t.Errorf("%s: %+v, error %v, not %d", when, all, err, want)
		}
	}
	send := func(country string, n int) {
		t.Helper()
		messages := make([]*pubsubpb.PubsubMessage, n)
		for i := range messages {
			messages[i] = &pubsubpb.PubsubMessage{Data: []byte("x"), Attributes: map[string]string{"country": country}}
		}
		if _, err := c.TopicAdminClient.Publish(t.Context(), &pubsubpb.PublishRequest{Topic: topicName("orders"), Messages: messages}); err != nil {
			t.Fatal(err)
		}
	}
	drain := func(n int) {
		t.Helper()
		for n > 0 {
			resp, err := c.SubscriptionAdminClient.Pull(t.Context(), &pubsubpb.PullRequest{Subscription: subName("orders.de"), MaxMessages: 10})
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, m := range resp.GetReceivedMessages() {
				ids = append(ids, m.GetAckId())
			}
			n -= len(ids)
			if err := c.SubscriptionAdminClient.Acknowledge(t.Context(), &pubsubpb.AcknowledgeRequest{Subscription: subName("orders.de"), AckIds: ids}); len(ids) > 0 && err != nil {
				t.Fatal(err)
			}
		}
	}
	send("FR", 20)
	backlog("of others' messages", 0)
	send("DE", 3)
	send("FR", 4)
	backlog("unread", 3)
	drain(3)
	backlog("acknowledged", 0)
	if _, err := c.SubscriptionAdminClient.Seek(t.Context(), &pubsubpb.SeekRequest{
		Subscription: subName("orders.de"), Target: &pubsubpb.SeekRequest_Time{Time: timestamppb.New(time.Now().Add(-time.Minute))},
	}); err != nil {
		t.Fatal(err)
	}
	backlog("sought to the beginning", 3)
	drain(3)
	backlog("acknowledged again", 0)
}

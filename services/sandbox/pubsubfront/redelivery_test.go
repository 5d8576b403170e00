package pubsubfront_test

import (
	"fmt"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

// TestRedeliveryFromDisk holds more than is kept in memory, gives it all up and
// expects all of it again.
func TestRedeliveryFromDisk(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	// However slow the machine, no lease ends by itself meanwhile.
	createSub(t, c, "orders", "orders.writer", func(s *pubsubpb.Subscription) { s.AckDeadlineSeconds = 600 })
	const n, size = 60, 1 << 20
	for i := range n {
		data := make([]byte, size)
		copy(data, fmt.Sprintf("m%02d", i))
		if _, err := c.TopicAdminClient.Publish(t.Context(), &pubsubpb.PublishRequest{Topic: topicName("orders"),
			Messages: []*pubsubpb.PubsubMessage{{Data: data}}}); err != nil {
			t.Fatal(err)
		}
	}
	hold := func() (ids []string, names map[string]bool) {
		names = make(map[string]bool)
		for len(ids) < n {
			for _, m := range pull(t, c, "orders.writer", n) {
				if len(m.Message.Data) != size {
					t.Fatalf("message of %d bytes", len(m.Message.Data))
				}
				ids, names[string(m.Message.Data[:3])] = append(ids, m.AckId), true
			}
		}
		return ids, names
	}
	ids, _ := hold()
	if err := c.SubscriptionAdminClient.ModifyAckDeadline(t.Context(), &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName("orders.writer"), AckIds: ids}); err != nil {
		t.Fatal(err)
	}
	if ids, names := hold(); len(ids) != n || len(names) != n {
		t.Errorf("%d messages came again, %d different ones, want %d", len(ids), len(names), n)
	}
}

// TestDeadLetterTopicGone: a message that cannot be dead-lettered is not lost.
func TestDeadLetterTopicGone(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createTopic(t, c, "dead")
	createSub(t, c, "orders", "orders.writer", func(s *pubsubpb.Subscription) {
		s.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName("dead"), MaxDeliveryAttempts: 5}
	})
	publish(t, c, "orders", "m", 1)
	if err := c.TopicAdminClient.DeleteTopic(t.Context(), &pubsubpb.DeleteTopicRequest{Topic: topicName("dead")}); err != nil {
		t.Fatal(err)
	}
	receive(t, c, "orders.writer", func(m *pubsub.Message) bool {
		if *m.DeliveryAttempt <= 5 {
			m.Nack()
			return false
		}
		m.Ack()
		return true
	})
}

// TestSuccessor: the ack ids of a deleted subscription mean nothing to one that
// takes its name.
func TestSuccessor(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "orders.writer")
	publish(t, c, "orders", "old", 1)
	old := pull(t, c, "orders.writer", 1)
	subs := c.SubscriptionAdminClient
	if err := subs.DeleteSubscription(t.Context(), &pubsubpb.DeleteSubscriptionRequest{Subscription: subName("orders.writer")}); err != nil {
		t.Fatal(err)
	}
	createSub(t, c, "orders", "orders.writer")
	publish(t, c, "orders", "new", 1)
	held := pull(t, c, "orders.writer", 1)
	if err := subs.Acknowledge(t.Context(), &pubsubpb.AcknowledgeRequest{Subscription: subName("orders.writer"), AckIds: []string{old[0].AckId}}); err != nil {
		t.Fatal(err)
	}
	if err := subs.ModifyAckDeadline(t.Context(), &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName("orders.writer"), AckIds: []string{held[0].AckId}}); err != nil {
		t.Fatal(err)
	}
	if got := pull(t, c, "orders.writer", 1); len(got) != 1 || string(got[0].Message.Data) != "new0" {
		t.Errorf("after an old acknowledgement came %v", got)
	}
}

package pubsubfront_test

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/durationpb"
)

func TestNackComesBackAtOnce(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "orders.writer")
	publish(t, c, "orders", "m", 300)
	var mu sync.Mutex
	seen := make(map[string]int)
	receive(t, c, "orders.writer", func(m *pubsub.Message) bool {
		mu.Lock()
		defer mu.Unlock()
		seen[string(m.Data)]++
		if seen[string(m.Data)] < 3 {
			m.Nack()
			return false
		}
		m.Ack()
		for _, n := range seen {
			if n < 3 {
				return false
			}
		}
		return len(seen) == 300
	})
}

// TestDeadlines holds three messages: one is acknowledged, one is left to its
// deadline, one is extended.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "orders.writer") // 10 s, the least there is
	publish(t, c, "orders", "m", 3)
	var held []*pubsubpb.ReceivedMessage
	for len(held) < 3 {
		held = append(held, pull(t, c, "orders.writer", 3)...)
	}
	begin := time.Now()
	subs := c.SubscriptionAdminClient
	if err := subs.Acknowledge(t.Context(), &pubsubpb.AcknowledgeRequest{Subscription: subName("orders.writer"), AckIds: []string{held[0].AckId}}); err != nil {
		t.Fatal(err)
	}
	if err := subs.ModifyAckDeadline(t.Context(), &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName("orders.writer"), AckIds: []string{held[2].AckId}, AckDeadlineSeconds: 13}); err != nil {
		t.Fatal(err)
	}
	type redelivery struct {
		data string
		at   time.Duration
	}
	var got []redelivery
	for len(got) < 2 {
		for _, m := range pull(t, c, "orders.writer", 1) {
			got = append(got, redelivery{string(m.Message.Data), time.Since(begin)})
		}
	}
	for i, want := range []redelivery{{string(held[1].Message.Data), 10 * time.Second}, {string(held[2].Message.Data), 13 * time.Second}} {
		if got[i].data != want.data || got[i].at < want.at-time.Second || got[i].at > want.at+2*time.Second {
			t.Errorf("redelivery %d is of %s after %s, want %s after %s", i, got[i].data, got[i].at, want.data, want.at)
		}
	}
	// The first lease is over: its id no longer nacks, but it still acknowledges.
	stale := []string{held[1].AckId}
	if err := subs.ModifyAckDeadline(t.Context(), &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName("orders.writer"), AckIds: stale, AckDeadlineSeconds: 0}); err != nil {
		t.Fatal(err)
	}
	//lint:ignore SA1019 deprecated, but the way to ask whether anything is there
	resp, err := subs.Pull(t.Context(), &pubsubpb.PullRequest{Subscription: subName("orders.writer"), MaxMessages: 1, ReturnImmediately: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.ReceivedMessages) != 0 {
		t.Errorf("a stale nack brought %s back", resp.ReceivedMessages[0].Message.Data)
	}
}

func TestRetryPolicyDelays(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "orders.writer", func(s *pubsubpb.Subscription) {
		s.RetryPolicy = &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(200 * time.Millisecond), MaximumBackoff: durationpb.New(time.Second)}
	})
	publish(t, c, "orders", "m", 1)
	var gaps []time.Duration
	var last time.Time
	receive(t, c, "orders.writer", func(m *pubsub.Message) bool {
		if !last.IsZero() {
			gaps = append(gaps, time.Since(last))
		}
		last = time.Now()
		if len(gaps) == 4 {
			m.Ack()
			return true
		}
		m.Nack()
		return false
	})
	// The client sends nacks up to 100 ms late.
	for i, want := range []time.Duration{200, 400, 800, 1000} {
		want *= time.Millisecond
		if gaps[i] < want || gaps[i] > want+2*time.Second {
			t.Errorf("redelivery %d came after %s, want %s", i+1, gaps[i], want)
		}
	}
}

func TestDeadLetter(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createTopic(t, c, "dead")
	createSub(t, c, "dead", "dead.writer")
	createSub(t, c, "orders", "orders.writer", func(s *pubsubpb.Subscription) {
		s.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName("dead"), MaxDeliveryAttempts: 5}
	})
	p := c.Publisher("orders")
	defer p.Stop()
	if _, err := p.Publish(t.Context(), &pubsub.Message{Data: []byte("bad"), Attributes: map[string]string{"own": "kept"}}).Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	var wg sync.WaitGroup
	var attempts []int
	wg.Go(func() {
		err := c.Subscriber("orders.writer").Receive(ctx, func(_ context.Context, m *pubsub.Message) {
			attempts = append(attempts, *m.DeliveryAttempt)
			m.Nack()
		})
		if err != nil {
			t.Error(err)
		}
	})
	var letter *pubsub.Message
	receive(t, c, "dead.writer", func(m *pubsub.Message) bool {
		letter = m
		m.Ack()
		return true
	})
	cancel()
	wg.Wait()
	if diff := cmp.Diff([]int{1, 2, 3, 4, 5}, attempts); diff != "" {
		t.Error("delivery attempts (-want +got):\n" + diff)
	}
	const when = "CloudPubSubDeadLetterSourceTopicPublishTime"
	if at := letter.Attributes[when]; !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$`).MatchString(at) {
		t.Errorf("%s = %q", when, at)
	}
	delete(letter.Attributes, when)
	want := map[string]string{
		"own": "kept",
		"CloudPubSubDeadLetterSourceDeliveryCount":       "5",
		"CloudPubSubDeadLetterSourceSubscription":        "orders.writer",
		"CloudPubSubDeadLetterSourceSubscriptionProject": project,
	}
	if diff := cmp.Diff(want, letter.Attributes); diff != "" {
		t.Error("attributes (-want +got):\n" + diff)
	}
	if string(letter.Data) != "bad" {
		t.Errorf("data %q", letter.Data)
	}
}

// TestRedeliveryFromDisk holds more than is kept in memory, gives it all up and
// expects all of it again.
func TestRedeliveryFromDisk(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "orders.writer")
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

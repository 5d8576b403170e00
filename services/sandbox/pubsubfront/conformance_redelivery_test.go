package pubsubfront_test

import (
	"context"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/durationpb"
)

// late is what the target may take longer than a deadline says.
func late() time.Duration {
	if target.Real {
		return 20 * time.Second
	}
	return 10 * time.Second
}

func testNack(t *testing.T, s *suite) {
	topic := s.topic(t)
	sub := s.subscribe(t, topic)
	publish(t, s.Client, topic, "m", 300)
	var mu sync.Mutex
	seen := make(map[string]int)
	receive(t, s.Client, sub, func(m *pubsub.Message) bool {
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

// testDeadlines holds three messages: one is acknowledged, one is left to its
// deadline, one is extended.
func testDeadlines(t *testing.T, s *suite) {
	topic := s.topic(t)
	sub := s.subscribe(t, topic) // 10 s, the least there is
	publish(t, s.Client, topic, "m", 3)
	var held []*pubsubpb.ReceivedMessage
	for len(held) < 3 {
		held = append(held, pull(t, s.Client, sub, 3)...)
	}
	begin := time.Now()
	subs := s.SubscriptionAdminClient
	if err := subs.Acknowledge(t.Context(), &pubsubpb.AcknowledgeRequest{Subscription: subName(sub), AckIds: []string{held[0].AckId}}); err != nil {
		t.Fatal(err)
	}
	if err := subs.ModifyAckDeadline(t.Context(), &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName(sub), AckIds: []string{held[2].AckId}, AckDeadlineSeconds: 13}); err != nil {
		t.Fatal(err)
	}
	type redelivery struct {
		data string
		at   time.Duration
	}
	var got []redelivery
	for len(got) < 2 {
		for _, m := range pull(t, s.Client, sub, 1) {
			got = append(got, redelivery{string(m.Message.Data), time.Since(begin)})
		}
	}
	for i, want := range []redelivery{{string(held[1].Message.Data), 10 * time.Second}, {string(held[2].Message.Data), 13 * time.Second}} {
		if got[i].data != want.data || got[i].at < want.at-time.Second || got[i].at > want.at+late() {
			t.Errorf("redelivery %d is of %s after %s, want %s after %s", i, got[i].data, got[i].at, want.data, want.at)
		}
	}
	// The first lease is over: its id no longer nacks, but it still acknowledges.
	stale := []string{held[1].AckId}
	if err := subs.ModifyAckDeadline(t.Context(), &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName(sub), AckIds: stale, AckDeadlineSeconds: 0}); err != nil {
		t.Fatal(err)
	}
	//lint:ignore SA1019 deprecated, but the way to ask whether anything is there
	resp, err := subs.Pull(t.Context(), &pubsubpb.PullRequest{Subscription: subName(sub), MaxMessages: 1, ReturnImmediately: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.ReceivedMessages) != 0 {
		t.Errorf("a stale nack brought %s back", resp.ReceivedMessages[0].Message.Data)
	}
}

// testLongCallback has the client hold a message for longer than its deadline:
// it extends the lease, so that the message comes once.
func testLongCallback(t *testing.T, s *suite) {
	topic := s.topic(t)
	sub := s.subscribe(t, topic)
	publish(t, s.Client, topic, "m", 1)
	var deliveries atomic.Int64
	receive(t, s.Client, sub, func(m *pubsub.Message) bool {
		deliveries.Add(1)
		<-time.After(12 * time.Second)
		m.Ack()
		return true
	}, func(settings *pubsub.ReceiveSettings) { settings.MaxDurationPerAckExtension = 10 * time.Second })
	if n := deliveries.Load(); n != 1 {
		t.Errorf("%d deliveries of a message whose lease was extended", n)
	}
}

func testRetryPolicy(t *testing.T, s *suite) {
	topic := s.topic(t)
	sub := s.subscribe(t, topic, func(sub *pubsubpb.Subscription) {
		sub.RetryPolicy = &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(200 * time.Millisecond), MaximumBackoff: durationpb.New(time.Second)}
	})
	publish(t, s.Client, topic, "m", 1)
	var gaps []time.Duration
	var last time.Time
	receive(t, s.Client, sub, func(m *pubsub.Message) bool {
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
		if gaps[i] < want || gaps[i] > want+late() {
			t.Errorf("redelivery %d came after %s, want %s", i+1, gaps[i], want)
		}
	}
}

func testDeadLetter(t *testing.T, s *suite) {
	topic, dead := s.topic(t), s.topic(t)
	letters := s.subscribe(t, dead)
	sub := s.subscribe(t, topic, func(sub *pubsubpb.Subscription) {
		sub.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName(dead), MaxDeliveryAttempts: 5}
	})
	p := s.Publisher(topic)
	defer p.Stop()
	if _, err := p.Publish(t.Context(), &pubsub.Message{Data: []byte("bad"), Attributes: map[string]string{"own": "kept"}}).Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	var wg sync.WaitGroup
	var attempts []int
	wg.Go(func() {
		err := s.Subscriber(sub).Receive(ctx, func(_ context.Context, m *pubsub.Message) {
			attempts = append(attempts, *m.DeliveryAttempt)
			m.Nack()
		})
		if err != nil {
			t.Error(err)
		}
	})
	var letter *pubsub.Message
	receive(t, s.Client, letters, func(m *pubsub.Message) bool {
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
		"CloudPubSubDeadLetterSourceSubscription":        sub,
		"CloudPubSubDeadLetterSourceSubscriptionProject": project,
	}
	if diff := cmp.Diff(want, letter.Attributes); diff != "" {
		t.Error("attributes (-want +got):\n" + diff)
	}
	if string(letter.Data) != "bad" {
		t.Errorf("data %q", letter.Data)
	}
}

package pubsubfront_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// testMessageFields publishes a message with everything and looks at what comes.
func testMessageFields(t *testing.T, s *suite) {
	topic := s.topic(t)
	sub := s.subscribe(t, topic)
	before := time.Now()
	sent := &pubsubpb.PubsubMessage{
		Data: []byte("data"), Attributes: map[string]string{"a": "1", "b": ""}, OrderingKey: "key",
		// The server's to set, whatever a publisher writes:
		MessageId: "forged", PublishTime: timestamppb.New(time.Unix(1, 0)),
	}
	resp, err := s.TopicAdminClient.Publish(t.Context(), &pubsubpb.PublishRequest{Topic: topicName(topic), Messages: []*pubsubpb.PubsubMessage{sent}})
	if err != nil {
		t.Fatal(err)
	}
	received := pull(t, s.Client, sub, 10)
	if n := len(received); n != 1 {
		t.Fatalf("%d messages", n)
	}
	got := received[0].Message
	if at := got.PublishTime.AsTime(); at.Before(before.Add(-time.Minute)) || at.After(time.Now().Add(time.Minute)) {
		t.Errorf("publish time %s", at)
	}
	want := &pubsubpb.PubsubMessage{Data: sent.Data, Attributes: sent.Attributes, OrderingKey: "key", MessageId: resp.MessageIds[0], PublishTime: got.PublishTime}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Error("message (-want +got):\n" + diff)
	}
	if n := received[0].DeliveryAttempt; n != 0 {
		t.Errorf("delivery attempt %d without a dead-letter policy", n)
	}
}

func testFanOut(t *testing.T, s *suite) {
	topic := s.topic(t)
	publish(t, s.Client, topic, "early", 10) // no subscription yet: dropped
	subs := []string{s.subscribe(t, topic), s.subscribe(t, topic)}
	const n = 20_000 // hundreds of requests
	publish(t, s.Client, topic, "m", n)
	for _, sub := range subs {
		got := collect(t, s.Client, sub, n)
		for i := range n {
			if key := fmt.Sprintf("m%d", i); got[key] == 0 || got[key] > 1 && !target.Real {
				t.Fatalf("%s: %s came %d times", sub, key, got[key])
			}
		}
	}
}

// testLargestRequest publishes as many messages as a request may hold, and as
// large a one.
func testLargestRequest(t *testing.T, s *suite) {
	topic := s.topic(t)
	sub := s.subscribe(t, topic)
	many := make([]*pubsubpb.PubsubMessage, 1000)
	for i := range many {
		many[i] = &pubsubpb.PubsubMessage{Data: fmt.Appendf(nil, "m%d", i)}
	}
	large := bytes.Repeat([]byte("0123456789"), 1_000_000)
	ids := map[string]bool{}
	for _, msgs := range [][]*pubsubpb.PubsubMessage{many, {{Data: large}}} {
		resp, err := s.TopicAdminClient.Publish(t.Context(), &pubsubpb.PublishRequest{Topic: topicName(topic), Messages: msgs})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range resp.MessageIds {
			ids[id] = true
		}
	}
	if len(ids) != 1001 {
		t.Errorf("%d different message ids, want 1001", len(ids))
	}
	if got := collect(t, s.Client, sub, 1001); got[string(large)] == 0 || got["m999"] == 0 {
		t.Error("other messages came than were published")
	}
}

func testPullLimit(t *testing.T, s *suite) {
	topic := s.topic(t)
	sub := s.subscribe(t, topic)
	publish(t, s.Client, topic, "m", 20)
	for held := 0; held < 20; {
		batch := pull(t, s.Client, sub, 3)
		if len(batch) > 3 {
			t.Fatalf("%d messages, want 3 at most", len(batch))
		}
		held += len(batch)
	}
}

// testFlowControl opens a stream that takes seven messages at a time.
func testFlowControl(t *testing.T, s *suite) {
	topic := s.topic(t)
	sub := s.subscribe(t, topic)
	publish(t, s.Client, topic, "m", 40)
	stream, err := s.SubscriptionAdminClient.StreamingPull(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&pubsubpb.StreamingPullRequest{Subscription: subName(sub), StreamAckDeadlineSeconds: 60, MaxOutstandingMessages: 7}); err != nil {
		t.Fatal(err)
	}
	arrivals := make(chan []*pubsubpb.ReceivedMessage)
	go func() {
		defer close(arrivals)
		for {
			resp, err := stream.Recv()
			if err != nil {
				return // the test's end ends the stream
			}
			if len(resp.ReceivedMessages) == 0 {
				continue // a sign of life
			}
			select {
			case arrivals <- resp.ReceivedMessages:
			case <-t.Context().Done():
				return
			}
		}
	}()
	var held []string
	// take waits for n messages and then a while, in which no more may come.
	take := func(n int) {
		t.Helper()
		wait := time.After(patient)
		for from := len(held); len(held) < from+n; {
			select {
			case batch := <-arrivals:
				for _, m := range batch {
					held = append(held, m.AckId)
				}
			case <-wait:
				t.Fatalf("%d messages came, want %d", len(held)-from, n)
			}
		}
		select {
		case batch := <-arrivals:
			t.Fatalf("%d messages more than the limit allows", len(batch))
		case <-time.After(300 * time.Millisecond):
		}
	}
	take(7)
	for range 2 {
		if err := stream.Send(&pubsubpb.StreamingPullRequest{AckIds: held[:3]}); err != nil {
			t.Fatal(err)
		}
		held = held[3:]
		take(3)
	}
}

// testFilters gives each filter of the documentation a subscription:
// https://cloud.google.com/pubsub/docs/subscription-message-filter
func testFilters(t *testing.T, s *suite) {
	topic := s.topic(t)
	messages := map[string]map[string]string{
		"com": {"domain": "com"}, "company": {"domain": "company", "tag": "x"}, "org": {"domain": "org", "tag": ""},
		"none": {"other": "com"}, "odd": {"an-odd key": "v", "domain": ""}, "quote": {"domain": `"a\b"`},
	}
	wants := map[string][]string{
		`attributes:domain`:                                                   {"com", "company", "odd", "org", "quote"},
		`attributes.domain = "com"`:                                           {"com"},
		`attributes.domain != "com"`:                                          {"company", "none", "odd", "org", "quote"},
		`hasPrefix(attributes.domain, "co")`:                                  {"com", "company"},
		`NOT attributes:tag`:                                                  {"com", "none", "odd", "quote"},
		`-attributes:tag`:                                                     {"com", "none", "odd", "quote"},
		`attributes:tag AND attributes.domain = "org"`:                        {"org"},
		`attributes.domain = "com" OR attributes.domain = "org"`:              {"com", "org"},
		`attributes:domain AND NOT (attributes:tag OR attributes.domain="")`:  {"com", "quote"},
		`(hasPrefix(attributes.domain, "comp") OR attributes.other = "com")`:  {"company", "none"},
		`attributes:"an-odd key"`:                                             {"odd"},
		`attributes."domain" = "\"a\\b\""`:                                    {"quote"},
		`attributes:domain AND -hasPrefix(attributes.domain, "c")`:            {"odd", "org", "quote"},
		`attributes.tag = ""`:                                                 {"org"},
		`NOT attributes.domain = "com" AND NOT hasPrefix(attributes.tag, "")`: {"none", "odd", "quote"},
	}
	subs := map[string]string{}
	for filter := range wants {
		subs[filter] = s.subscribe(t, topic, func(sub *pubsubpb.Subscription) { sub.Filter = filter })
	}
	p := s.Publisher(topic)
	for name, attributes := range messages {
		p.Publish(t.Context(), &pubsub.Message{Data: []byte(name), Attributes: attributes})
	}
	p.Stop()
	for filter, want := range wants {
		t.Run(filter, func(t *testing.T) {
			t.Parallel()
			got := slices.Sorted(maps.Keys(collect(t, s.Client, subs[filter], len(want))))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error("messages (-want +got):\n" + diff)
			}
		})
	}
}

func testSeek(t *testing.T, s *suite) {
	topic := s.topic(t)
	sub := s.subscribe(t, topic)
	publish(t, s.Client, topic, "old", 500)
	held := pull(t, s.Client, sub, 10)
	if len(held) == 0 {
		t.Error("nothing was held before the seek")
	}
	if _, err := s.SubscriptionAdminClient.Seek(t.Context(), &pubsubpb.SeekRequest{Subscription: subName(sub),
		Target: &pubsubpb.SeekRequest_Time{Time: timestamppb.Now()}}); err != nil {
		t.Fatal(err)
	}
	publish(t, s.Client, topic, "new", 500)
	for key := range collect(t, s.Client, sub, 500) {
		if key[:3] != "new" {
			t.Errorf("%s came after the seek", key)
		}
	}
}

// testSeekBack: a seek takes effect within a minute or so on the real service.
func testSeekBack(t *testing.T, s *suite) {
	topic := s.topic(t)
	sub := s.subscribe(t, topic, func(sub *pubsubpb.Subscription) { sub.RetainAckedMessages = true })
	before := time.Now().Add(-time.Minute)
	publish(t, s.Client, topic, "m", 100)
	collect(t, s.Client, sub, 100)
	if _, err := s.SubscriptionAdminClient.Seek(t.Context(), &pubsubpb.SeekRequest{Subscription: subName(sub),
		Target: &pubsubpb.SeekRequest_Time{Time: timestamppb.New(before)}}); err != nil {
		t.Fatal(err)
	}
	if got := collect(t, s.Client, sub, 100); len(got) != 100 {
		t.Errorf("%d messages of 100 came again", len(got))
	}
}

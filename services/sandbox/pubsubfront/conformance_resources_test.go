package pubsubfront_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// all reads an iterator to its end.
func all[T any](t *testing.T, next func() (T, error)) (list []T) {
	t.Helper()
	for {
		item, err := next()
		if errors.Is(err, iterator.Done) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, item)
	}
}

// testResources follows topics and subscriptions from creation to deletion, with
// pages too small for what is listed.
func testResources(t *testing.T, s *suite) {
	topics, subs := s.TopicAdminClient, s.SubscriptionAdminClient
	ids := []string{s.topic(t), s.topic(t), s.topic(t)}
	one, two := s.subscribe(t, ids[0]), s.subscribe(t, ids[0])
	s.subscribe(t, ids[1])

	listed := func(wanted ...string) func(string) bool {
		return func(name string) bool { return !slices.Contains(wanted, name) }
	}
	// The project may hold other people's too.
	var names []string
	for _, topic := range all(t, topics.ListTopics(t.Context(), &pubsubpb.ListTopicsRequest{Project: "projects/" + project, PageSize: 2}).Next) {
		names = append(names, topic.Name)
	}
	want := []string{topicName(ids[0]), topicName(ids[1]), topicName(ids[2])}
	names = slices.DeleteFunc(names, listed(want...))
	slices.Sort(names)
	slices.Sort(want)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error("topics (-want +got):\n" + diff)
	}
	names = nil
	for _, sub := range all(t, subs.ListSubscriptions(t.Context(), &pubsubpb.ListSubscriptionsRequest{Project: "projects/" + project, PageSize: 1}).Next) {
		names = append(names, sub.Name)
	}
	want = []string{subName(one), subName(two)}
	names = slices.DeleteFunc(names, listed(want...))
	slices.Sort(names)
	slices.Sort(want)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error("subscriptions (-want +got):\n" + diff)
	}
	names = all(t, topics.ListTopicSubscriptions(t.Context(), &pubsubpb.ListTopicSubscriptionsRequest{Topic: topicName(ids[0]), PageSize: 1}).Next)
	slices.Sort(names)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error("subscriptions of the topic (-want +got):\n" + diff)
	}

	// A subscription outlives its topic.
	if err := topics.DeleteTopic(t.Context(), &pubsubpb.DeleteTopicRequest{Topic: topicName(ids[0])}); err != nil {
		t.Fatal(err)
	}
	got, err := subs.GetSubscription(t.Context(), &pubsubpb.GetSubscriptionRequest{Subscription: subName(one)})
	if err != nil || got.Topic != "_deleted_topic_" {
		t.Errorf("the topic of a subscription without one: %q, %v", got.GetTopic(), err)
	}
	if err := subs.DeleteSubscription(t.Context(), &pubsubpb.DeleteSubscriptionRequest{Subscription: subName(one)}); err != nil {
		t.Fatal(err)
	}
	if _, err := subs.GetSubscription(t.Context(), &pubsubpb.GetSubscriptionRequest{Subscription: subName(one)}); status.Code(err) != codes.NotFound {
		t.Errorf("after deletion: %v", err)
	}
}

// defaultSubscription is a subscription whose maker set nothing.
func defaultSubscription(id, topic string) *pubsubpb.Subscription {
	return &pubsubpb.Subscription{
		Name: subName(id), Topic: topicName(topic), AckDeadlineSeconds: 10, PushConfig: &pubsubpb.PushConfig{}, State: pubsubpb.Subscription_ACTIVE,
		MessageRetentionDuration: durationpb.New(7 * 24 * time.Hour),
		ExpirationPolicy:         &pubsubpb.ExpirationPolicy{Ttl: durationpb.New(31 * 24 * time.Hour)},
	}
}

func testDefaults(t *testing.T, s *suite) {
	topic := s.topic(t)
	plain := s.subscribe(t, topic)
	set := s.subscribe(t, topic, func(sub *pubsubpb.Subscription) {
		sub.RetryPolicy, sub.ExpirationPolicy = &pubsubpb.RetryPolicy{}, &pubsubpb.ExpirationPolicy{}
		sub.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName(topic)}
		sub.Labels, sub.Filter = map[string]string{"team": "data"}, `attributes:x`
	})
	gotTopic, err := s.TopicAdminClient.GetTopic(t.Context(), &pubsubpb.GetTopicRequest{Topic: topicName(topic)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&pubsubpb.Topic{Name: topicName(topic), State: pubsubpb.Topic_ACTIVE}, gotTopic, protocmp.Transform()); diff != "" {
		t.Error("topic (-want +got):\n" + diff)
	}
	wantSet := defaultSubscription(set, topic)
	wantSet.RetryPolicy = &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(10 * time.Second), MaximumBackoff: durationpb.New(600 * time.Second)}
	wantSet.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName(topic), MaxDeliveryAttempts: 5}
	wantSet.ExpirationPolicy = &pubsubpb.ExpirationPolicy{}
	wantSet.Labels, wantSet.Filter = map[string]string{"team": "data"}, `attributes:x`
	for _, want := range []*pubsubpb.Subscription{defaultSubscription(plain, topic), wantSet} {
		got, err := s.SubscriptionAdminClient.GetSubscription(t.Context(), &pubsubpb.GetSubscriptionRequest{Subscription: want.Name})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Error("subscription (-want +got):\n" + diff)
		}
	}
}

func testTopicMasks(t *testing.T, s *suite) {
	id := s.topic(t)
	updated, err := s.TopicAdminClient.UpdateTopic(t.Context(), &pubsubpb.UpdateTopicRequest{
		Topic:      &pubsubpb.Topic{Name: topicName(id), Labels: map[string]string{"team": "data"}, KmsKeyName: "not in the mask"},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"labels"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := &pubsubpb.Topic{Name: topicName(id), Labels: map[string]string{"team": "data"}, State: pubsubpb.Topic_ACTIVE}
	if diff := cmp.Diff(want, updated, protocmp.Transform()); diff != "" {
		t.Error("topic (-want +got):\n" + diff)
	}
}

// testSubscriptionMasks changes one field after another, always sending a
// subscription in which everything is different: the mask alone decides.
func testSubscriptionMasks(t *testing.T, s *suite) {
	topic, dead := s.topic(t), s.topic(t)
	id := s.subscribe(t, topic)
	want := defaultSubscription(id, topic)
	full := &pubsubpb.Subscription{
		Name: subName(id), AckDeadlineSeconds: 77, MessageRetentionDuration: durationpb.New(time.Hour), Labels: map[string]string{"team": "data"},
		ExpirationPolicy: &pubsubpb.ExpirationPolicy{Ttl: durationpb.New(48 * time.Hour)},
		RetryPolicy:      &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(time.Second), MaximumBackoff: durationpb.New(time.Minute)},
		DeadLetterPolicy: &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName(dead), MaxDeliveryAttempts: 7},
	}
	empty := &pubsubpb.Subscription{Name: subName(id)}
	for _, step := range []struct {
		name   string
		change *pubsubpb.Subscription
		paths  []string
		effect func()
	}{
		{"deadline", full, []string{"ack_deadline_seconds"}, func() { want.AckDeadlineSeconds = 77 }},
		{"retention", full, []string{"message_retention_duration"}, func() { want.MessageRetentionDuration = full.MessageRetentionDuration }},
		{"labels", full, []string{"labels"}, func() { want.Labels = full.Labels }},
		{"expiration", full, []string{"expiration_policy"}, func() { want.ExpirationPolicy = full.ExpirationPolicy }},
		{"retry policy", full, []string{"retry_policy"}, func() { want.RetryPolicy = full.RetryPolicy }},
		{"dead-letter policy", full, []string{"dead_letter_policy"}, func() { want.DeadLetterPolicy = full.DeadLetterPolicy }},
		{"policies cleared", empty, []string{"retry_policy", "dead_letter_policy", "labels"}, func() {
			want.RetryPolicy, want.DeadLetterPolicy, want.Labels = nil, nil, nil
		}},
		{"back to the default", empty, []string{"ack_deadline_seconds"}, func() { want.AckDeadlineSeconds = 10 }},
	} {
		got, err := s.SubscriptionAdminClient.UpdateSubscription(t.Context(), &pubsubpb.UpdateSubscriptionRequest{
			Subscription: proto.CloneOf(step.change), UpdateMask: &fieldmaskpb.FieldMask{Paths: step.paths}})
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		step.effect()
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
}

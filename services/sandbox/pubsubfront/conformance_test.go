package pubsubfront_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// TestRefusals is every call that must fail: its code and its words.
func TestRefusals(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createTopic(t, c, "dead")
	createSub(t, c, "orders", "orders.writer")
	topics, subs := c.TopicAdminClient, c.SubscriptionAdminClient

	create := func(set func(*pubsubpb.Subscription)) func(context.Context) error {
		return func(ctx context.Context) error {
			sub := &pubsubpb.Subscription{Name: subName("fresh"), Topic: topicName("orders")}
			set(sub)
			_, err := subs.CreateSubscription(ctx, sub)
			return err
		}
	}
	update := func(path string, set func(*pubsubpb.Subscription)) func(context.Context) error {
		return func(ctx context.Context) error {
			sub := &pubsubpb.Subscription{Name: subName("orders.writer")}
			set(sub)
			_, err := subs.UpdateSubscription(ctx, &pubsubpb.UpdateSubscriptionRequest{
				Subscription: sub, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{path}}})
			return err
		}
	}
	send := func(topic string, msgs ...*pubsubpb.PubsubMessage) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := topics.Publish(ctx, &pubsubpb.PublishRequest{Topic: topicName(topic), Messages: msgs})
			return err
		}
	}
	attributes := func(m map[string]string) *pubsubpb.PubsubMessage { return &pubsubpb.PubsubMessage{Attributes: m} }
	many := func(n int, m *pubsubpb.PubsubMessage) (all []*pubsubpb.PubsubMessage) {
		for range n {
			all = append(all, m)
		}
		return all
	}
	small := &pubsubpb.PubsubMessage{Data: []byte("x")}
	crowded := make(map[string]string)
	for i := range 101 {
		crowded[fmt.Sprint("k", i)] = "v"
	}

	for _, test := range []struct {
		name string
		call func(context.Context) error
		code codes.Code
		text string
	}{
		{"topic exists", func(ctx context.Context) error {
			_, err := topics.CreateTopic(ctx, &pubsubpb.Topic{Name: topicName("orders")})
			return err
		}, codes.AlreadyExists, "Resource already exists in the project (resource=orders)."},
		{"topic with a bad name", func(ctx context.Context) error {
			_, err := topics.CreateTopic(ctx, &pubsubpb.Topic{Name: topicName("1st")})
			return err
		}, codes.InvalidArgument, `Invalid resource name given (name="projects/test-project/topics/1st"). Refer to https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names for more information.`},
		{"topic with a schema that is not there", func(ctx context.Context) error {
			_, err := topics.CreateTopic(ctx, &pubsubpb.Topic{Name: topicName("fresh"), SchemaSettings: &pubsubpb.SchemaSettings{Schema: "projects/" + project + "/schemas/none"}})
			return err
		}, codes.NotFound, "Resource not found (resource=none)."},
		{"no such topic", func(ctx context.Context) error {
			_, err := topics.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: topicName("none")})
			return err
		}, codes.NotFound, "Resource not found (resource=none)."},
		{"no such topic to delete", func(ctx context.Context) error {
			return topics.DeleteTopic(ctx, &pubsubpb.DeleteTopicRequest{Topic: topicName("none")})
		}, codes.NotFound, "Resource not found (resource=none)."},
		{"detach", func(ctx context.Context) error {
			_, err := topics.DetachSubscription(ctx, &pubsubpb.DetachSubscriptionRequest{Subscription: subName("orders.writer")})
			return err
		}, codes.Unimplemented, "method DetachSubscription not implemented"},
		{"snapshot", func(ctx context.Context) error {
			_, err := subs.CreateSnapshot(ctx, &pubsubpb.CreateSnapshotRequest{Name: "projects/p/snapshots/snap", Subscription: subName("orders.writer")})
			return err
		}, codes.Unimplemented, "method CreateSnapshot not implemented"},

		{"subscription exists", create(func(s *pubsubpb.Subscription) { s.Name = subName("orders.writer") }),
			codes.AlreadyExists, "Resource already exists in the project (resource=orders.writer)."},
		{"subscription of no topic", create(func(s *pubsubpb.Subscription) { s.Topic = topicName("none") }),
			codes.NotFound, "Resource not found (resource=none)."},
		{"short ack deadline", create(func(s *pubsubpb.Subscription) { s.AckDeadlineSeconds = 9 }),
			codes.InvalidArgument, "Invalid ack deadline given (ack_deadline_secs=9): it must be between 10 and 600 seconds."},
		{"short retention", create(func(s *pubsubpb.Subscription) { s.MessageRetentionDuration = durationpb.New(time.Second) }),
			codes.InvalidArgument, "Invalid message retention duration given: it must be between 10m0s and 744h0m0s."},
		{"few attempts", create(func(s *pubsubpb.Subscription) {
			s.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName("dead"), MaxDeliveryAttempts: 4}
		}), codes.InvalidArgument, "Invalid maximum delivery attempts given (max_delivery_attempts=4): it must be between 5 and 100."},
		{"no dead-letter topic", create(func(s *pubsubpb.Subscription) {
			s.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName("none")}
		}), codes.NotFound, "Resource not found (resource=none)."},
		{"backoffs crossed", create(func(s *pubsubpb.Subscription) {
			s.RetryPolicy = &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(2 * time.Second), MaximumBackoff: durationpb.New(time.Second)}
		}), codes.InvalidArgument, "The minimum backoff must not be greater than the maximum backoff."},
		{"filter", create(func(s *pubsubpb.Subscription) { s.Filter = `attributes.x` }),
			codes.InvalidArgument, `Invalid filter given: want "=", not "" at byte 12.`},
		{"ordering", create(func(s *pubsubpb.Subscription) { s.EnableMessageOrdering = true }),
			codes.Unimplemented, "The sandbox's Pub/Sub does not offer message ordering (enable_message_ordering)."},
		{"exactly once", create(func(s *pubsubpb.Subscription) { s.EnableExactlyOnceDelivery = true }),
			codes.Unimplemented, "The sandbox's Pub/Sub does not offer exactly-once delivery (enable_exactly_once_delivery)."},
		{"push", create(func(s *pubsubpb.Subscription) {
			s.PushConfig = &pubsubpb.PushConfig{PushEndpoint: "https://example.com"}
		}), codes.Unimplemented, "The sandbox's Pub/Sub does not offer push subscriptions."},
		{"filter updated", update("filter", func(s *pubsubpb.Subscription) { s.Filter = "x" }),
			codes.InvalidArgument, `Invalid update_mask provided in the request: path "filter" is not a field that can be updated.`},
		{"long deadline updated", update("ack_deadline_seconds", func(s *pubsubpb.Subscription) { s.AckDeadlineSeconds = 601 }),
			codes.InvalidArgument, "Invalid ack deadline given (ack_deadline_secs=601): it must be between 10 and 600 seconds."},

		{"publish to no topic", send("none", small), codes.NotFound, "Resource not found (resource=none)."},
		{"publish nothing", send("orders"), codes.InvalidArgument, "The publish request contains no messages."},
		{"publish an empty message", send("orders", small, &pubsubpb.PubsubMessage{}), codes.InvalidArgument,
			"One or more messages in the publish request is empty. Each message must contain either non-empty data, or at least one attribute."},
		{"publish too many", send("orders", many(1001, small)...), codes.InvalidArgument,
			"The value for message_count is too large. You passed 1001 in the request, but the maximum value is 1000."},
		{"publish too much", send("orders", many(11, &pubsubpb.PubsubMessage{Data: make([]byte, 1<<20)})...), codes.InvalidArgument,
			"Request payload size exceeds the limit: 10485760 bytes."},
		{"publish a long value", send("orders", attributes(map[string]string{"k": strings.Repeat("v", 1025)})), codes.InvalidArgument,
			`The value of attribute "k" is 1025 bytes long, but the maximum is 1024.`},
		{"publish a long key", send("orders", attributes(map[string]string{strings.Repeat("k", 257): "v"})), codes.InvalidArgument,
			"An attribute key is 257 bytes long, but the maximum is 256."},
		{"publish a reserved key", send("orders", attributes(map[string]string{"googx": "v"})), codes.InvalidArgument,
			`The attribute key "googx" begins with goog, which is reserved.`},
		{"publish many attributes", send("orders", attributes(crowded)), codes.InvalidArgument,
			"A message has 101 attributes, but the maximum is 100."},

		{"pull from nothing", func(ctx context.Context) error {
			_, err := subs.Pull(ctx, &pubsubpb.PullRequest{Subscription: subName("none"), MaxMessages: 1})
			return err
		}, codes.NotFound, "Resource not found (resource=none)."},
		{"pull no messages", func(ctx context.Context) error {
			_, err := subs.Pull(ctx, &pubsubpb.PullRequest{Subscription: subName("orders.writer")})
			return err
		}, codes.InvalidArgument, "Invalid max_messages given (max_messages=0): it must be positive."},
		{"acknowledge nonsense", func(ctx context.Context) error {
			return subs.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: subName("orders.writer"), AckIds: []string{"nonsense"}})
		}, codes.InvalidArgument, `You have passed an invalid ack ID to the service (ack_id="nonsense").`},
		{"extend too far", func(ctx context.Context) error {
			return subs.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName("orders.writer"), AckIds: []string{"x"}, AckDeadlineSeconds: 601})
		}, codes.InvalidArgument, "Invalid ack deadline given (ack_deadline_secs=601): it must be between 0 and 600 seconds."},
		{"stream from nothing", func(ctx context.Context) error {
			return c.Subscriber("none").Receive(ctx, func(context.Context, *pubsub.Message) {})
		}, codes.NotFound, "Resource not found (resource=none)."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.call(t.Context())
			if got := status.Code(err); got != test.code {
				t.Fatalf("code %s, want %s: %v", got, test.code, err)
			}
			if got := status.Convert(err).Message(); got != test.text {
				t.Errorf("message\n%s\nwant\n%s", got, test.text)
			}
		})
	}
}

// TestResources follows a topic and its subscriptions from creation to deletion.
func TestResources(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	topics, subs := c.TopicAdminClient, c.SubscriptionAdminClient
	for _, id := range []string{"c-topic", "a-topic", "b-topic"} {
		createTopic(t, c, id)
	}
	createSub(t, c, "a-topic", "a-topic.two")
	createSub(t, c, "a-topic", "a-topic.one")

	var names []string
	list := topics.ListTopics(t.Context(), &pubsubpb.ListTopicsRequest{Project: "projects/" + project, PageSize: 2})
	for {
		topic, err := list.Next()
		if err == iterator.Done {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, topic.Name)
	}
	if diff := cmp.Diff([]string{topicName("a-topic"), topicName("b-topic"), topicName("c-topic")}, names); diff != "" {
		t.Error("topics (-want +got):\n" + diff)
	}
	names = nil
	ofTopic := topics.ListTopicSubscriptions(t.Context(), &pubsubpb.ListTopicSubscriptionsRequest{Topic: topicName("a-topic"), PageSize: 1})
	for {
		name, err := ofTopic.Next()
		if err == iterator.Done {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if diff := cmp.Diff([]string{subName("a-topic.one"), subName("a-topic.two")}, names); diff != "" {
		t.Error("subscriptions of the topic (-want +got):\n" + diff)
	}

	updated, err := topics.UpdateTopic(t.Context(), &pubsubpb.UpdateTopicRequest{
		Topic:      &pubsubpb.Topic{Name: topicName("a-topic"), Labels: map[string]string{"team": "data"}, KmsKeyName: "not in the mask"},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"labels"}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&pubsubpb.Topic{Name: topicName("a-topic"), Labels: map[string]string{"team": "data"}, State: pubsubpb.Topic_ACTIVE}, updated, protocmp.Transform()); diff != "" {
		t.Error("updated topic (-want +got):\n" + diff)
	}
	if _, err := subs.UpdateSubscription(t.Context(), &pubsubpb.UpdateSubscriptionRequest{
		Subscription: &pubsubpb.Subscription{Name: subName("a-topic.one"), AckDeadlineSeconds: 77, RetryPolicy: &pubsubpb.RetryPolicy{},
			MessageRetentionDuration: durationpb.New(time.Hour)},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"ack_deadline_seconds", "retry_policy", "message_retention_duration"}}}); err != nil {
		t.Fatal(err)
	}
	if err := topics.DeleteTopic(t.Context(), &pubsubpb.DeleteTopicRequest{Topic: topicName("a-topic")}); err != nil {
		t.Fatal(err)
	}
	got, err := subs.GetSubscription(t.Context(), &pubsubpb.GetSubscriptionRequest{Subscription: subName("a-topic.one")})
	if err != nil {
		t.Fatal(err)
	}
	want := &pubsubpb.Subscription{
		Name: subName("a-topic.one"), Topic: "_deleted_topic_", AckDeadlineSeconds: 77, State: pubsubpb.Subscription_ACTIVE,
		MessageRetentionDuration: durationpb.New(time.Hour),
		RetryPolicy:              &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(10 * time.Second), MaximumBackoff: durationpb.New(10 * time.Minute)},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Error("subscription without topic (-want +got):\n" + diff)
	}
	if err := subs.DeleteSubscription(t.Context(), &pubsubpb.DeleteSubscriptionRequest{Subscription: subName("a-topic.one")}); err != nil {
		t.Fatal(err)
	}
	if _, err := subs.GetSubscription(t.Context(), &pubsubpb.GetSubscriptionRequest{Subscription: subName("a-topic.one")}); status.Code(err) != codes.NotFound {
		t.Errorf("after deletion: %v", err)
	}
}

// TestMessageFields publishes a message with everything and looks at what comes.
func TestMessageFields(t *testing.T) {
	t.Parallel()
	server, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "orders.writer")
	before := time.Now()
	sent := &pubsubpb.PubsubMessage{
		Data: []byte("data"), Attributes: map[string]string{"a": "1", "b": ""}, OrderingKey: "key",
		// The server's to set, whatever a publisher writes:
		MessageId: "forged", PublishTime: timestamppb.New(time.Unix(1, 0)),
	}
	resp, err := c.TopicAdminClient.Publish(t.Context(), &pubsubpb.PublishRequest{Topic: topicName("orders"), Messages: []*pubsubpb.PubsubMessage{sent}})
	if err != nil {
		t.Fatal(err)
	}
	pulled, err := c.SubscriptionAdminClient.Pull(t.Context(), &pubsubpb.PullRequest{Subscription: subName("orders.writer"), MaxMessages: 10})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(pulled.ReceivedMessages); n != 1 {
		t.Fatalf("%d messages", n)
	}
	got := pulled.ReceivedMessages[0].Message
	if at := got.PublishTime.AsTime(); at.Before(before.Add(-time.Second)) || at.After(time.Now().Add(time.Second)) {
		t.Errorf("publish time %s", at)
	}
	want := &pubsubpb.PubsubMessage{Data: sent.Data, Attributes: sent.Attributes, OrderingKey: "key", MessageId: resp.MessageIds[0], PublishTime: got.PublishTime}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Error("message (-want +got):\n" + diff)
	}
	if n := pulled.ReceivedMessages[0].DeliveryAttempt; n != 0 {
		t.Errorf("delivery attempt %d without a dead-letter policy", n)
	}

	if err := server.Publish(t.Context(), topicName("orders"), map[string]string{"from": "inside"}, nil); err != nil {
		t.Fatal(err)
	}
	receive(t, c, "orders.writer", func(m *pubsub.Message) bool {
		m.Ack()
		return m.Attributes["from"] == "inside"
	})
	if err := server.Publish(t.Context(), topicName("none"), nil, []byte("x")); status.Code(err) != codes.NotFound {
		t.Errorf("publishing to no topic: %v", err)
	}
}

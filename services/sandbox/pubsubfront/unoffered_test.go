package pubsubfront_test

import (
	"context"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
)

// TestUnoffered asks for what Pub/Sub has and this front has not: it says so and
// names it.
func TestUnoffered(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "orders.writer")
	topics, subs := c.TopicAdminClient, c.SubscriptionAdminClient
	topic := func(set func(*pubsubpb.Topic)) func(context.Context) error {
		return func(ctx context.Context) error {
			topic := &pubsubpb.Topic{Name: topicName("fresh")}
			set(topic)
			_, err := topics.CreateTopic(ctx, topic)
			return err
		}
	}
	sub := func(set func(*pubsubpb.Subscription)) func(context.Context) error {
		return func(ctx context.Context) error {
			sub := &pubsubpb.Subscription{Name: subName("fresh"), Topic: topicName("orders")}
			set(sub)
			_, err := subs.CreateSubscription(ctx, sub)
			return err
		}
	}
	offers := func(what string) string { return "The sandbox's Pub/Sub does not offer " + what + "." }
	checkRefusals(t, []refusal{
		{"a key", topic(func(t *pubsubpb.Topic) { t.KmsKeyName = "k" }), codes.Unimplemented, offers("encryption keys (kms_key_name)")},
		{"an import topic", topic(func(t *pubsubpb.Topic) { t.IngestionDataSourceSettings = &pubsubpb.IngestionDataSourceSettings{} }),
			codes.Unimplemented, offers("import topics (ingestion_data_source_settings)")},
		{"detach", func(ctx context.Context) error {
			_, err := topics.DetachSubscription(ctx, &pubsubpb.DetachSubscriptionRequest{Subscription: subName("orders.writer")})
			return err
		}, codes.Unimplemented, "method DetachSubscription not implemented"},
		{"snapshot", func(ctx context.Context) error {
			_, err := subs.CreateSnapshot(ctx, &pubsubpb.CreateSnapshotRequest{Name: "projects/p/snapshots/snap", Subscription: subName("orders.writer")})
			return err
		}, codes.Unimplemented, "method CreateSnapshot not implemented"},
		{"seek to a snapshot", func(ctx context.Context) error {
			_, err := subs.Seek(ctx, &pubsubpb.SeekRequest{Subscription: subName("orders.writer"), Target: &pubsubpb.SeekRequest_Snapshot{Snapshot: "projects/p/snapshots/snap"}})
			return err
		}, codes.Unimplemented, offers("seeking to a snapshot")},
		{"ordering", sub(func(s *pubsubpb.Subscription) { s.EnableMessageOrdering = true }),
			codes.Unimplemented, offers("message ordering (enable_message_ordering)")},
		{"exactly once", sub(func(s *pubsubpb.Subscription) { s.EnableExactlyOnceDelivery = true }),
			codes.Unimplemented, offers("exactly-once delivery (enable_exactly_once_delivery)")},
		{"push", sub(func(s *pubsubpb.Subscription) {
			s.PushConfig = &pubsubpb.PushConfig{PushEndpoint: "https://example.com"}
		}), codes.Unimplemented, offers("push subscriptions")},
		{"BigQuery", sub(func(s *pubsubpb.Subscription) { s.BigqueryConfig = &pubsubpb.BigQueryConfig{} }),
			codes.Unimplemented, offers("BigQuery subscriptions")},
		{"Cloud Storage", sub(func(s *pubsubpb.Subscription) { s.CloudStorageConfig = &pubsubpb.CloudStorageConfig{} }),
			codes.Unimplemented, offers("Cloud Storage subscriptions")},
		{"transforms", sub(func(s *pubsubpb.Subscription) { s.MessageTransforms = []*pubsubpb.MessageTransform{{}} }),
			codes.Unimplemented, offers("message transforms")},
	})
}

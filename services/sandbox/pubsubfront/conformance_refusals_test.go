package pubsubfront_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/conformance"
)

// refusal is a call that must fail: its code and its words.
type refusal struct {
	name string
	call func(context.Context) error
	code codes.Code
	text string
}

func checkRefusals(t *testing.T, refusals []refusal) {
	t.Helper()
	for _, test := range refusals {
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

func testRefusals(t *testing.T, s *suite) {
	orders, dead, none := s.topic(t), s.topic(t), conformance.Name("none")
	writer := s.subscribe(t, orders)
	topics, subs := s.TopicAdminClient, s.SubscriptionAdminClient
	notFound := "Resource not found (resource=" + none + ")."

	create := func(set func(*pubsubpb.Subscription)) func(context.Context) error {
		return func(ctx context.Context) error {
			sub := &pubsubpb.Subscription{Name: subName(conformance.Name("fresh")), Topic: topicName(orders)}
			set(sub)
			_, err := subs.CreateSubscription(ctx, sub)
			return err
		}
	}
	update := func(path string, set func(*pubsubpb.Subscription)) func(context.Context) error {
		return func(ctx context.Context) error {
			sub := &pubsubpb.Subscription{Name: subName(writer)}
			set(sub)
			req := &pubsubpb.UpdateSubscriptionRequest{Subscription: sub, UpdateMask: &fieldmaskpb.FieldMask{}}
			if path != "" {
				req.UpdateMask.Paths = []string{path}
			}
			_, err := subs.UpdateSubscription(ctx, req)
			return err
		}
	}
	updateTopic := func(path string) func(context.Context) error {
		return func(ctx context.Context) error {
			req := &pubsubpb.UpdateTopicRequest{Topic: &pubsubpb.Topic{Name: topicName(orders)}, UpdateMask: &fieldmaskpb.FieldMask{}}
			if path != "" {
				req.UpdateMask.Paths = []string{path}
			}
			_, err := topics.UpdateTopic(ctx, req)
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
	heavy := make([]string, 3000)
	for i := range heavy {
		heavy[i] = strings.Repeat("x", 180)
	}
	invalidName := `Invalid resource name given (name="projects/` + project + `/topics/1st"). Refer to https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names for more information.`

	checkRefusals(t, []refusal{
		{"topic exists", func(ctx context.Context) error {
			_, err := topics.CreateTopic(ctx, &pubsubpb.Topic{Name: topicName(orders)})
			return err
		}, codes.AlreadyExists, "Resource already exists in the project (resource=" + orders + ")."},
		{"topic with a bad name", func(ctx context.Context) error {
			_, err := topics.CreateTopic(ctx, &pubsubpb.Topic{Name: topicName("1st")})
			return err
		}, codes.InvalidArgument, invalidName},
		{"topic with a schema that is not there", func(ctx context.Context) error {
			_, err := topics.CreateTopic(ctx, &pubsubpb.Topic{Name: topicName("fresh"), SchemaSettings: &pubsubpb.SchemaSettings{Schema: "projects/" + project + "/schemas/none"}})
			return err
		}, codes.NotFound, "Resource not found (resource=none)."},
		{"topic by a bad name", func(ctx context.Context) error {
			_, err := topics.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: topicName("1st")})
			return err
		}, codes.InvalidArgument, invalidName},
		{"no such topic", func(ctx context.Context) error {
			_, err := topics.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: topicName(none)})
			return err
		}, codes.NotFound, notFound},
		{"no such topic to update", func(ctx context.Context) error {
			_, err := topics.UpdateTopic(ctx, &pubsubpb.UpdateTopicRequest{Topic: &pubsubpb.Topic{Name: topicName(none)},
				UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"labels"}}})
			return err
		}, codes.NotFound, notFound},
		{"no such topic to delete", func(ctx context.Context) error {
			return topics.DeleteTopic(ctx, &pubsubpb.DeleteTopicRequest{Topic: topicName(none)})
		}, codes.NotFound, notFound},
		{"topic updated without a mask", updateTopic(""),
			codes.InvalidArgument, "The update_mask in the UpdateTopicRequest must be set, and must contain a non-empty paths list."},
		{"topic renamed", updateTopic("name"),
			codes.InvalidArgument, `Invalid update_mask provided in the request: path "name" is not a field that can be updated.`},

		{"subscription exists", create(func(s *pubsubpb.Subscription) { s.Name = subName(writer) }),
			codes.AlreadyExists, "Resource already exists in the project (resource=" + writer + ")."},
		{"subscription of no topic", create(func(s *pubsubpb.Subscription) { s.Topic = topicName(none) }), codes.NotFound, notFound},
		{"no such subscription", func(ctx context.Context) error {
			_, err := subs.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: subName(none)})
			return err
		}, codes.NotFound, notFound},
		{"no such subscription to delete", func(ctx context.Context) error {
			return subs.DeleteSubscription(ctx, &pubsubpb.DeleteSubscriptionRequest{Subscription: subName(none)})
		}, codes.NotFound, notFound},
		{"short ack deadline", create(func(s *pubsubpb.Subscription) { s.AckDeadlineSeconds = 9 }),
			codes.InvalidArgument, "Invalid ack deadline given (ack_deadline_secs=9): it must be between 10 and 600 seconds."},
		{"short retention", create(func(s *pubsubpb.Subscription) { s.MessageRetentionDuration = durationpb.New(time.Second) }),
			codes.InvalidArgument, "Invalid message retention duration given: it must be between 10m0s and 744h0m0s."},
		{"short life", create(func(s *pubsubpb.Subscription) {
			s.ExpirationPolicy = &pubsubpb.ExpirationPolicy{Ttl: durationpb.New(time.Hour)}
		}), codes.InvalidArgument, "Invalid expiration policy ttl given: it must be at least 24h0m0s."},
		{"few attempts", create(func(s *pubsubpb.Subscription) {
			s.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName(dead), MaxDeliveryAttempts: 4}
		}), codes.InvalidArgument, "Invalid maximum delivery attempts given (max_delivery_attempts=4): it must be between 5 and 100."},
		{"no dead-letter topic", create(func(s *pubsubpb.Subscription) {
			s.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName(none)}
		}), codes.NotFound, notFound},
		{"long backoff", create(func(s *pubsubpb.Subscription) {
			s.RetryPolicy = &pubsubpb.RetryPolicy{MaximumBackoff: durationpb.New(601 * time.Second)}
		}), codes.InvalidArgument, "Invalid backoff given: it must be between 0s and 10m0s."},
		{"backoffs crossed", create(func(s *pubsubpb.Subscription) {
			s.RetryPolicy = &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(2 * time.Second), MaximumBackoff: durationpb.New(time.Second)}
		}), codes.InvalidArgument, "The minimum backoff must not be greater than the maximum backoff."},
		{"filter", create(func(s *pubsubpb.Subscription) { s.Filter = `attributes.x` }),
			codes.InvalidArgument, `Invalid filter given: want "=", not "" at byte 12.`},
		{"long filter", create(func(s *pubsubpb.Subscription) { s.Filter = `attributes.x = "` + strings.Repeat("x", 256) + `"` }),
			codes.InvalidArgument, "Invalid filter given: it is 273 bytes long, but the maximum is 256."},
		{"subscription updated without a mask", update("", func(*pubsubpb.Subscription) {}),
			codes.InvalidArgument, "The update_mask in the UpdateSubscriptionRequest must be set, and must contain a non-empty paths list."},
		{"filter updated", update("filter", func(s *pubsubpb.Subscription) { s.Filter = "x" }),
			codes.InvalidArgument, `Invalid update_mask provided in the request: path "filter" is not a field that can be updated.`},
		{"long deadline updated", update("ack_deadline_seconds", func(s *pubsubpb.Subscription) { s.AckDeadlineSeconds = 601 }),
			codes.InvalidArgument, "Invalid ack deadline given (ack_deadline_secs=601): it must be between 10 and 600 seconds."},

		{"publish to no topic", send(none, small), codes.NotFound, notFound},
		{"publish nothing", send(orders), codes.InvalidArgument, "The publish request contains no messages."},
		{"publish an empty message", send(orders, small, &pubsubpb.PubsubMessage{}), codes.InvalidArgument,
			"One or more messages in the publish request is empty. Each message must contain either non-empty data, or at least one attribute."},
		{"publish too many", send(orders, many(1001, small)...), codes.InvalidArgument,
			"The value for message_count is too large. You passed 1001 in the request, but the maximum value is 1000."},
		{"publish too much", send(orders, many(11, &pubsubpb.PubsubMessage{Data: make([]byte, 1<<20)})...), codes.InvalidArgument,
			"Request payload size exceeds the limit: 10485760 bytes."},
		{"publish a long value", send(orders, attributes(map[string]string{"k": strings.Repeat("v", 1025)})), codes.InvalidArgument,
			`The value of attribute "k" is 1025 bytes long, but the maximum is 1024.`},
		{"publish a long key", send(orders, attributes(map[string]string{strings.Repeat("k", 257): "v"})), codes.InvalidArgument,
			"An attribute key is 257 bytes long, but the maximum is 256."},
		{"publish an empty key", send(orders, attributes(map[string]string{"": "v"})), codes.InvalidArgument,
			"An attribute key must not be empty."},
		{"publish a reserved key", send(orders, attributes(map[string]string{"googx": "v"})), codes.InvalidArgument,
			`The attribute key "googx" begins with goog, which is reserved.`},
		{"publish many attributes", send(orders, attributes(crowded)), codes.InvalidArgument,
			"A message has 101 attributes, but the maximum is 100."},
		{"publish a long ordering key", send(orders, &pubsubpb.PubsubMessage{Data: []byte("x"), OrderingKey: strings.Repeat("k", 1025)}), codes.InvalidArgument,
			"The ordering key must be valid UTF-8 of at most 1024 bytes."},

		{"pull from nothing", func(ctx context.Context) error {
			_, err := subs.Pull(ctx, &pubsubpb.PullRequest{Subscription: subName(none), MaxMessages: 1})
			return err
		}, codes.NotFound, notFound},
		{"pull no messages", func(ctx context.Context) error {
			_, err := subs.Pull(ctx, &pubsubpb.PullRequest{Subscription: subName(writer)})
			return err
		}, codes.InvalidArgument, "Invalid max_messages given (max_messages=0): it must be positive."},
		{"acknowledge for nobody", func(ctx context.Context) error {
			return subs.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: subName(none), AckIds: []string{"x"}})
		}, codes.NotFound, notFound},
		{"acknowledge nothing", func(ctx context.Context) error {
			return subs.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: subName(writer)})
		}, codes.InvalidArgument, "No ack ids specified."},
		{"acknowledge nonsense", func(ctx context.Context) error {
			return subs.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: subName(writer), AckIds: []string{"nonsense"}})
		}, codes.InvalidArgument, `You have passed an invalid ack ID to the service (ack_id="nonsense").`},
		{"acknowledge too much", func(ctx context.Context) error {
			return subs.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: subName(writer), AckIds: heavy})
		}, codes.InvalidArgument, "Request payload size exceeds the limit: 524288 bytes."},
		{"extend too much", func(ctx context.Context) error {
			return subs.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName(writer), AckIds: heavy, AckDeadlineSeconds: 10})
		}, codes.InvalidArgument, "Request payload size exceeds the limit: 524288 bytes."},
		{"extend too far", func(ctx context.Context) error {
			return subs.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName(writer), AckIds: []string{"x"}, AckDeadlineSeconds: 601})
		}, codes.InvalidArgument, "Invalid ack deadline given (ack_deadline_secs=601): it must be between 0 and 600 seconds."},
		{"stream from nothing", func(ctx context.Context) error {
			return s.Subscriber(none).Receive(ctx, func(context.Context, *pubsub.Message) {})
		}, codes.NotFound, notFound},
		{"stream with a short deadline", func(ctx context.Context) error {
			stream, err := subs.StreamingPull(ctx)
			if err != nil {
				return err
			}
			if err := stream.Send(&pubsubpb.StreamingPullRequest{Subscription: subName(writer), StreamAckDeadlineSeconds: 9}); err != nil {
				return err
			}
			_, err = stream.Recv()
			return err
		}, codes.InvalidArgument, "Invalid stream ack deadline given (stream_ack_deadline_seconds=9): it must be between 10 and 600 seconds."},
		{"seek nothing", func(ctx context.Context) error {
			_, err := subs.Seek(ctx, &pubsubpb.SeekRequest{Subscription: subName(none), Target: &pubsubpb.SeekRequest_Time{}})
			return err
		}, codes.NotFound, notFound},
	})
}

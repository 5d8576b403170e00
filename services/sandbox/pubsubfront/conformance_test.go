package pubsubfront_test

import (
	"context"
	"log/slog"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/conformance"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront"
)

// TestConformance is what Pub/Sub documents of the calls that this front serves,
// through the official client. Package conformance says how to run it against
// Pub/Sub itself. The cases stand in the other files named conformance_*.
func TestConformance(t *testing.T) {
	t.Parallel()
	s := &suite{Client: conformanceClient(t)}
	for _, test := range []struct {
		name string
		run  func(*testing.T, *suite)
	}{
		{"refusals", testRefusals},
		{"topics and subscriptions", testResources},
		{"defaults", testDefaults},
		{"update masks of topics", testTopicMasks},
		{"update masks of subscriptions", testSubscriptionMasks},
		{"fields of a message", testMessageFields},
		{"every subscription gets every message", testFanOut},
		{"the largest request", testLargestRequest},
		{"at most what was asked for", testPullLimit},
		{"flow control", testFlowControl},
		{"filters", testFilters},
		{"a nack brings the message back", testNack},
		{"deadlines and their extension", testDeadlines},
		{"a client extends its leases", testLongCallback},
		{"retry policy", testRetryPolicy},
		{"dead letters", testDeadLetter},
		{"seek to a time", testSeek},
		{"seek to the past", testSeekBack},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, s)
		})
	}
}

// suite is a client of the target, with resources that end with their case.
type suite struct{ *pubsub.Client }

func conformanceClient(t *testing.T) *pubsub.Client {
	t.Helper()
	if target.Real {
		client, err := pubsub.NewClient(t.Context(), project)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		return client
	}
	server, err := pubsubfront.Start(t.Context(), pubsubfront.Config{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return connect(t, server.Addr())
}

// topic makes a topic and returns its id.
func (s *suite) topic(t *testing.T) string {
	t.Helper()
	id := conformance.Name("conformance")
	createTopic(t, s.Client, id)
	s.dropTopic(t, id)
	return id
}

// subscribe makes a subscription of a topic and returns its id.
func (s *suite) subscribe(t *testing.T, topic string, set ...func(*pubsubpb.Subscription)) string {
	t.Helper()
	id := conformance.Name("conformance")
	createSub(t, s.Client, topic, id, set...)
	s.dropSubscription(t, id)
	return id
}

func (s *suite) dropTopic(t *testing.T, id string) {
	s.cleanUp(t, func(ctx context.Context) error {
		return s.TopicAdminClient.DeleteTopic(ctx, &pubsubpb.DeleteTopicRequest{Topic: topicName(id)})
	})
}

func (s *suite) dropSubscription(t *testing.T, id string) {
	s.cleanUp(t, func(ctx context.Context) error {
		return s.SubscriptionAdminClient.DeleteSubscription(ctx, &pubsubpb.DeleteSubscriptionRequest{Subscription: subName(id)})
	})
}

func (s *suite) cleanUp(t *testing.T, drop func(context.Context) error) {
	t.Cleanup(func() {
		if err := drop(context.WithoutCancel(t.Context())); err != nil && status.Code(err) != codes.NotFound {
			t.Error(err)
		}
	})
}

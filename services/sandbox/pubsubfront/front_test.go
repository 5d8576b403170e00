package pubsubfront_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/conformance"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront"
)

// target is what the conformance suite runs against; its project serves all tests.
var target = conformance.FromEnvironment("test-project")

var (
	project = target.Project
	patient = target.Patience // what a test waits for at most
)

func topicName(id string) string { return "projects/" + project + "/topics/" + id }
func subName(id string) string   { return "projects/" + project + "/subscriptions/" + id }

// start serves dir and gives a client of it; both end with the test.
func start(t testing.TB, dir string) (*pubsubfront.Server, *pubsub.Client) {
	t.Helper()
	server, err := pubsubfront.Start(t.Context(), pubsubfront.Config{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, connect(t, server.Addr())
}

func connect(t testing.TB, addr string) *pubsub.Client {
	t.Helper()
	client, err := pubsub.NewClient(t.Context(), project,
		option.WithEndpoint(addr), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func createTopic(t testing.TB, c *pubsub.Client, id string) {
	t.Helper()
	if _, err := c.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topicName(id)}); err != nil {
		t.Fatal(err)
	}
}

// createSub makes a subscription of a topic; set changes it before.
func createSub(t testing.TB, c *pubsub.Client, topic, id string, set ...func(*pubsubpb.Subscription)) {
	t.Helper()
	sub := &pubsubpb.Subscription{Name: subName(id), Topic: topicName(topic)}
	for _, f := range set {
		f(sub)
	}
	if _, err := c.SubscriptionAdminClient.CreateSubscription(t.Context(), sub); err != nil {
		t.Fatal(err)
	}
}

// publish sends n messages with data "<prefix><i>" and waits for all results.
func publish(t testing.TB, c *pubsub.Client, topic, prefix string, n int) {
	t.Helper()
	p := c.Publisher(topic)
	defer p.Stop()
	results := make([]*pubsub.PublishResult, n)
	for i := range n {
		results[i] = p.Publish(t.Context(), &pubsub.Message{Data: fmt.Appendf(nil, "%s%d", prefix, i)})
	}
	for _, r := range results {
		if _, err := r.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// receive calls handle for every message until handle returns true.
func receive(t testing.TB, c *pubsub.Client, sub string, handle func(*pubsub.Message) bool, set ...func(*pubsub.ReceiveSettings)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	s := c.Subscriber(sub)
	for _, f := range set {
		f(&s.ReceiveSettings)
	}
	var done atomic.Bool
	err := s.Receive(ctx, func(_ context.Context, m *pubsub.Message) {
		if handle(m) {
			done.Store(true)
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if !done.Load() {
		t.Fatalf("receiving from %s: not done after %s", sub, patient)
	}
}

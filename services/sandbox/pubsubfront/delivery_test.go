package pubsubfront_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// collect acknowledges messages until n different ones came, and returns how
// often each came.
func collect(t testing.TB, c *pubsub.Client, sub string, n int) map[string]int {
	t.Helper()
	var mu sync.Mutex
	got := make(map[string]int)
	receive(t, c, sub, func(m *pubsub.Message) bool {
		m.Ack()
		mu.Lock()
		defer mu.Unlock()
		got[string(m.Data)]++
		return len(got) == n
	})
	return got
}

// eventually polls until ok, and fails the test if that takes too long.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patient); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("not after %s: %s", patient, what)
		}
	}
}

// pull gets up to n messages with one Pull.
func pull(t testing.TB, c *pubsub.Client, sub string, n int32) []*pubsubpb.ReceivedMessage {
	t.Helper()
	resp, err := c.SubscriptionAdminClient.Pull(t.Context(), &pubsubpb.PullRequest{Subscription: subName(sub), MaxMessages: n})
	if err != nil {
		t.Fatal(err)
	}
	return resp.ReceivedMessages
}

func TestStreamsShareTheLoad(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "orders.writer")
	const n = 4000
	var counts [2]atomic.Int64
	var total atomic.Int64
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	var wg sync.WaitGroup
	for i := range counts {
		wg.Go(func() {
			s := c.Subscriber("orders.writer")
			// Nobody can hold all: each must come back for more.
			s.ReceiveSettings.MaxOutstandingMessages = 50
			err := s.Receive(ctx, func(_ context.Context, m *pubsub.Message) {
				m.Ack()
				counts[i].Add(1)
				if total.Add(1) == n {
					cancel()
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	publish(t, c, "orders", "m", n)
	wg.Wait()
	a, b := counts[0].Load(), counts[1].Load()
	if a+b != n || a < n/10 || b < n/10 {
		t.Errorf("%d and %d of %d messages", a, b, n)
	}
}

func TestFlowControl(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name               string
		maxMessages, bytes int64
		want               int
	}{
		{"by messages", 7, 0, 7},
		{"by bytes, up to the first over", 0, 2500, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, c := start(t, t.TempDir())
			createTopic(t, c, "orders")
			createSub(t, c, "orders", "orders.writer")
			for range 40 {
				if _, err := c.TopicAdminClient.Publish(t.Context(), &pubsubpb.PublishRequest{Topic: topicName("orders"),
					Messages: []*pubsubpb.PubsubMessage{{Data: make([]byte, 1000)}}}); err != nil {
					t.Fatal(err)
				}
			}
			stream, err := c.SubscriptionAdminClient.StreamingPull(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			send := func(req *pubsubpb.StreamingPullRequest) {
				if err := stream.Send(req); err != nil {
					t.Fatal(err)
				}
			}
			// A ping is answered after whatever could be delivered before it.
			untilPong := func() (ids []string) {
				for {
					resp, err := stream.Recv()
					if err != nil {
						t.Fatal(err)
					}
					if len(resp.ReceivedMessages) == 0 && len(ids) >= test.want {
						return ids
					}
					if len(resp.ReceivedMessages) == 0 {
						send(&pubsubpb.StreamingPullRequest{})
					}
					for _, m := range resp.ReceivedMessages {
						ids = append(ids, m.AckId)
					}
					if len(ids) == test.want {
						send(&pubsubpb.StreamingPullRequest{})
					}
				}
			}
			send(&pubsubpb.StreamingPullRequest{Subscription: subName("orders.writer"), StreamAckDeadlineSeconds: 60,
				MaxOutstandingMessages: test.maxMessages, MaxOutstandingBytes: test.bytes})
			for round := range 3 {
				ids := untilPong()
				if len(ids) != test.want {
					t.Fatalf("round %d: %d messages outstanding, want %d", round, len(ids), test.want)
				}
				send(&pubsubpb.StreamingPullRequest{AckIds: ids})
			}
		})
	}
}

// TestDiskIsBounded publishes much more than may remain once all is acknowledged.
func TestDiskIsBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, c := start(t, dir)
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "orders.writer")
	const n, size = 400, 256 << 10 // 100 MiB
	data := bytes.Repeat([]byte("x"), size)
	var got atomic.Int64
	ctx, cancel := context.WithTimeout(t.Context(), 3*patient)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := c.Subscriber("orders.writer").Receive(ctx, func(_ context.Context, m *pubsub.Message) {
			m.Ack()
			if got.Add(1) == n {
				cancel()
			}
		}); err != nil {
			t.Error(err)
		}
	})
	p := c.Publisher("orders")
	p.PublishSettings.FlowControlSettings = pubsub.FlowControlSettings{MaxOutstandingBytes: 8 << 20, LimitExceededBehavior: pubsub.FlowControlBlock}
	for range n {
		p.Publish(ctx, &pubsub.Message{Data: data})
	}
	p.Stop()
	wg.Wait()
	eventually(t, "the disk is nearly empty", func() bool {
		var total int64
		err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil // deleted meanwhile, as it should be
			}
			if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
				total += info.Size()
			}
			return nil
		})
		return err == nil && total < 16<<20
	})
}

// TestEndOfStream: a stream ends, and says why, when its subscription is deleted
// and when the server closes.
func TestEndOfStream(t *testing.T) {
	t.Parallel()
	server, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "one")
	createSub(t, c, "orders", "two")
	open := func(sub string) pubsubpb.Subscriber_StreamingPullClient {
		stream, err := c.SubscriptionAdminClient.StreamingPull(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.Send(&pubsubpb.StreamingPullRequest{Subscription: subName(sub), StreamAckDeadlineSeconds: 10}); err != nil {
			t.Fatal(err)
		}
		return stream
	}
	one, two := open("one"), open("two")
	if err := c.SubscriptionAdminClient.DeleteSubscription(t.Context(), &pubsubpb.DeleteSubscriptionRequest{Subscription: subName("one")}); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Recv(); status.Code(err) != codes.NotFound {
		t.Errorf("stream of a deleted subscription: %v", err)
	}
	publish(t, c, "orders", "m", 1)
	if _, err := two.Recv(); err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil { // does not wait for the stream's end
		t.Error(err)
	}
	if _, err := two.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("stream of a closed server: %v", err)
	}
}

// TestFilteredDelivery has three subscriptions of one topic sort its messages,
// and looks again after a restart.
func TestFilteredDelivery(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, client := start(t, dir)
	createTopic(t, client, "orders")
	createSub(t, client, "orders", "orders.even", func(s *pubsubpb.Subscription) { s.Filter = `attributes.parity = "even"` })
	createSub(t, client, "orders", "orders.odd", func(s *pubsubpb.Subscription) { s.Filter = `NOT hasPrefix(attributes.parity, "ev")` })
	createSub(t, client, "orders", "orders.none", func(s *pubsubpb.Subscription) { s.Filter = `attributes:nothing` })
	send := func(client *pubsub.Client, prefix string) {
		p := client.Publisher("orders")
		defer p.Stop()
		for i := range 20 {
			p.Publish(t.Context(), &pubsub.Message{Data: fmt.Append(nil, prefix, i), Attributes: map[string]string{"parity": []string{"even", "odd"}[i%2]}})
		}
	}
	send(client, "a")
	for _, sub := range []string{"orders.even", "orders.odd"} {
		for data, n := range collect(t, client, sub, 10) {
			if n != 1 {
				t.Errorf("%s: %s came %d times", sub, data, n)
			}
		}
	}
	send(client, "b")
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	_, client = start(t, dir)
	for data := range collect(t, client, "orders.odd", 10) {
		if !bytes.HasPrefix([]byte(data), []byte("b")) || (data[len(data)-1]-'0')%2 != 1 {
			t.Errorf("after the restart %s came", data)
		}
	}
	config, err := client.SubscriptionAdminClient.GetSubscription(t.Context(), &pubsubpb.GetSubscriptionRequest{Subscription: subName("orders.none")})
	if err != nil || config.Filter != `attributes:nothing` {
		t.Errorf("filter %q, %v", config.GetFilter(), err)
	}
	//lint:ignore SA1019 deprecated, but the only way to ask without waiting
	resp, err := client.SubscriptionAdminClient.Pull(t.Context(), &pubsubpb.PullRequest{Subscription: subName("orders.none"), MaxMessages: 10, ReturnImmediately: true})
	if err != nil || len(resp.ReceivedMessages) > 0 {
		t.Errorf("%d messages came through a filter that none passes, %v", len(resp.GetReceivedMessages()), err)
	}
}

// TestPublishFromInside publishes without a client, as notifications do.
func TestPublishFromInside(t *testing.T) {
	t.Parallel()
	server, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "orders.writer")
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

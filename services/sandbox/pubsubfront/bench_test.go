package pubsubfront_test

import (
	"bytes"
	"context"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/pstest"
)

// BenchmarkPublishToAck is one message of 500 bytes from Publish to Ack, through
// the official client, which costs more than half of it: by this package, on
// disk, and by Google's fake for tests, in memory, which delivers a message every
// 10 ms or so; hence measure for a time, not for a number of messages.
func BenchmarkPublishToAck(b *testing.B) {
	b.Run("front", func(b *testing.B) {
		_, c := start(b, b.TempDir())
		publishToAck(b, c)
	})
	b.Run("pstest", func(b *testing.B) {
		server := pstest.NewServer()
		b.Cleanup(func() {
			if err := server.Close(); err != nil {
				b.Error(err)
			}
		})
		publishToAck(b, connect(b, server.Addr))
	})
}

func publishToAck(b *testing.B, c *pubsub.Client) {
	publishToAckOf(b, c, bytes.Repeat([]byte("0123456789"), 50), func() {})
}

// publishToAckOf is publishToAck of a message; prepare changes the topic before.
func publishToAckOf(b *testing.B, c *pubsub.Client, data []byte, prepare func()) {
	createTopic(b, c, "orders")
	createSub(b, c, "orders", "orders.writer")
	prepare()
	var got atomic.Int64
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	received := make(chan error, 1)
	s := c.Subscriber("orders.writer")
	s.ReceiveSettings.MaxOutstandingMessages = 20_000
	b.ResetTimer()
	before := cpu()
	go func() {
		received <- s.Receive(ctx, func(_ context.Context, m *pubsub.Message) {
			m.Ack()
			if got.Add(1) == int64(b.N) {
				cancel()
			}
		})
	}()
	p := c.Publisher("orders")
	p.PublishSettings.FlowControlSettings = pubsub.FlowControlSettings{
		MaxOutstandingMessages: 20_000, MaxOutstandingBytes: 64 << 20, LimitExceededBehavior: pubsub.FlowControlBlock,
	}
	for range b.N {
		p.Publish(b.Context(), &pubsub.Message{Data: data, Attributes: map[string]string{"file_id": "f0123456789", "schema": "ecommerce.orders.v1.Order"}})
	}
	p.Stop()
	if err := <-received; err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
	b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

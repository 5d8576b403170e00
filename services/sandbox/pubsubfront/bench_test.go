package pubsubfront_test

import (
	"bytes"
	"context"
	"fmt"
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
	publishToAckOf(b, c, benchData, func() {})
}

// publishToAckOf is publishToAck of a message; prepare changes the topic before.
func publishToAckOf(b *testing.B, c *pubsub.Client, data []byte, prepare func()) {
	createTopic(b, c, "orders")
	createSub(b, c, "orders", "orders.writer")
	prepare()
	var got atomic.Int64
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	b.ResetTimer()
	before := cpu()
	received := acknowledge(ctx, c, func() {
		if got.Add(1) == int64(b.N) {
			cancel()
		}
	})
	p := benchPublisher(c)
	for range b.N {
		p.Publish(b.Context(), benchMessageOf(data))
	}
	p.Stop()
	if err := <-received; err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
	b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// BenchmarkLatency is a lone message to a subscriber that waits: from Publish to the
// subscriber's hands, through the official client.
func BenchmarkLatency(b *testing.B) {
	server, c := start(b, b.TempDir())
	createTopic(b, c, "orders")
	createSub(b, c, "orders", "orders.writer")
	ctx, cancel := context.WithCancel(b.Context())
	arrived := make(chan struct{}, 1)
	received := acknowledge(ctx, c, func() { arrived <- struct{}{} })
	for b.Loop() {
		if err := server.Publish(ctx, topicName("orders"), nil, []byte("x")); err != nil {
			b.Fatal(err)
		}
		<-arrived
	}
	cancel()
	if err := <-received; err != nil {
		b.Fatal(err)
	}
}

// BenchmarkBacklog shows whether the speed depends on what is waiting. It
// publishes a backlog that nobody reads; goes on publishing with a subscriber
// that acknowledges, a message in for each one out, so that the backlog stays;
// and drains it. One operation is all of that. The log has each tenth of each
// part, the metrics the first and the last tenth. Others on the machine slow
// messages/s down; CPU time per message, the client's included, tells whether
// this package does.
//
// pstest is not asked for this: it would take three hours for the backlog alone.
func BenchmarkBacklog(b *testing.B) {
	const backlog, through = 1_000_000, 1_000_000
	for b.Loop() {
		_, c := start(b, b.TempDir())
		createTopic(b, c, "orders")
		createSub(b, c, "orders", "orders.writer")

		publishing := newTenths("publish", backlog)
		p := benchPublisher(c)
		for range backlog {
			p.Publish(b.Context(), benchMessage())
			publishing.count()
		}
		p.Flush()

		ctx, cancel := context.WithCancel(b.Context())
		passing, draining := newTenths("through", through), newTenths("drain", backlog)
		room := make(chan struct{}, through)
		var acked atomic.Int64
		received := acknowledge(ctx, c, func() {
			switch n := acked.Add(1); {
			case n <= through:
				passing.count()
				room <- struct{}{}
			default:
				draining.count()
				if n == through+backlog {
					cancel()
				}
			}
		})
		for range through {
			<-room
			p.Publish(b.Context(), benchMessage())
		}
		p.Stop()
		err := <-received
		cancel()
		if err != nil {
			b.Fatal(err)
		}
		for _, s := range []*tenths{publishing, passing, draining} {
			s.report(b)
		}
		b.ReportMetric(float64(peakRSS()>>20), "peak-MiB")
	}
}

// tenths are the moments at which each tenth of a number of events was over.
type tenths struct {
	name string
	each int64
	n    atomic.Int64
	ends [11]moment // the first is the beginning
}

type moment struct {
	at  time.Time
	cpu time.Duration
}

func newTenths(name string, total int64) *tenths {
	return &tenths{name: name, each: total / 10}
}

// count may be called concurrently. The first event is the beginning.
func (s *tenths) count() {
	switch n := s.n.Add(1); {
	case n == 1:
		s.ends[0] = moment{time.Now(), cpu()}
	case n%s.each == 0:
		s.ends[n/s.each] = moment{time.Now(), cpu()}
	}
}

func (s *tenths) report(b *testing.B) {
	rates, costs := "", ""
	for i := 1; i < len(s.ends); i++ {
		took := s.ends[i].at.Sub(s.ends[i-1].at)
		rate := float64(s.each) / took.Seconds()
		cost := (s.ends[i].cpu - s.ends[i-1].cpu).Nanoseconds() / s.each
		rates += fmt.Sprintf(" %.0f", rate)
		costs += fmt.Sprintf(" %d", cost)
		switch i {
		case 1:
			b.ReportMetric(rate, s.name+"-first-msgs/s")
		case len(s.ends) - 1:
			b.ReportMetric(rate, s.name+"-last-msgs/s")
		}
	}
	b.Logf("%-7s msgs/s by tenths:%s; CPU ns per message:%s", s.name, rates, costs)
}

// acknowledge acknowledges what comes, after calling each, until ctx ends.
func acknowledge(ctx context.Context, c *pubsub.Client, each func()) <-chan error {
	received := make(chan error, 1)
	s := c.Subscriber("orders.writer")
	s.ReceiveSettings.MaxOutstandingMessages = 20_000
	go func() {
		received <- s.Receive(ctx, func(_ context.Context, m *pubsub.Message) {
			m.Ack()
			each()
		})
	}()
	return received
}

func benchPublisher(c *pubsub.Client) *pubsub.Publisher {
	p := c.Publisher("orders")
	p.PublishSettings.FlowControlSettings = pubsub.FlowControlSettings{
		MaxOutstandingMessages: 20_000, MaxOutstandingBytes: 64 << 20, LimitExceededBehavior: pubsub.FlowControlBlock,
	}
	return p
}

var benchData = bytes.Repeat([]byte("0123456789"), 50)

func benchMessage() *pubsub.Message { return benchMessageOf(benchData) }

func benchMessageOf(data []byte) *pubsub.Message {
	return &pubsub.Message{Data: data, Attributes: map[string]string{"file_id": "f0123456789", "schema": "ecommerce.orders.v1.Order"}}
}

func cpu() time.Duration {
	u := usage()
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakRSS is the most memory that the process, client and all, ever had in hand.
func peakRSS() int64 {
	u := usage()
	return u.Maxrss << 10 // Linux counts in KiB
}

func usage() (u syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return syscall.Rusage{}
	}
	return u
}

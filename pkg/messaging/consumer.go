package messaging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"github.com/cenkalti/backoff/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Handler processes one message.
//
// A nil result acknowledges it: everything it asked for is durable downstream.
// An error made by Permanent publishes it to the dead-letter topic and then
// acknowledges it. Any other error is taken for transient: the same message is
// handled again after a backoff, its lease held, until it succeeds or the
// process ends. Handle runs concurrently; ctx ends with the process, after its drain.
type Handler interface {
	Handle(ctx context.Context, m *pubsub.Message) error
}

// permanent marks an error that no retry can mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks err as one that no retry can mend.
func Permanent(err error) error { return permanent{err} }

// IsPermanent tells whether err was marked by Permanent.
func IsPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

// ConsumerConfig says what to consume and how much at a time.
type ConsumerConfig struct {
	// Subscription is the subscription's id.
	Subscription string
	// MaxOutstandingMessages bounds the messages handled at once; default 16.
	MaxOutstandingMessages int
	// MaxOutstandingBytes bounds their bytes; default 64 MiB.
	MaxOutstandingBytes int
}

// Consumer feeds a subscription's messages to a handler.
type Consumer struct {
	config     ConsumerConfig
	subscriber *pubsub.Subscriber
	handler    Handler
	letters    *DeadLetters
	log        *slog.Logger
	handled    metric.Int64Counter
	load       *Load
	running    atomic.Bool
}

// NewConsumer builds a consumer; Run starts it.
func NewConsumer(client *pubsub.Client, config ConsumerConfig, rt service.Runtime, handler Handler) (*Consumer, error) {
	handled, err := rt.Meter.Int64Counter("pipeline.messages.handled",
		metric.WithDescription("Messages by subscription and outcome"), metric.WithUnit("{message}"))
	if err != nil {
		return nil, fmt.Errorf("make the counter of messages: %w", err)
	}
	if config.MaxOutstandingMessages == 0 {
		config.MaxOutstandingMessages = 16
	}
	if config.MaxOutstandingBytes == 0 {
		config.MaxOutstandingBytes = 64 << 20
	}
	load, err := NewLoad(rt, config.Subscription, config.MaxOutstandingMessages)
	if err != nil {
		return nil, err
	}
	c := &Consumer{
		config:     config,
		subscriber: NewSubscriber(client, config.Subscription, config.MaxOutstandingMessages, config.MaxOutstandingBytes),
		handler:    handler,
		letters:    NewDeadLetters(client, config.Subscription),
		log:        rt.Log.With("subscription", config.Subscription),
		handled:    handled,
		load:       load,
	}
	rt.Ready(config.Subscription, func() error {
		if !c.running.Load() {
			return errors.New("not consuming")
		}
		return nil
	})
	return c, nil
}

// NewSubscriber opens a subscriber whose leases are held for as long as a
// message is worked on. Its shutdown waits until every message is acknowledged or
// returned, however long that takes: ShutdownOptions with a timeout would close the
// stream first, and no acknowledgement of the last messages would be sent. So its
// user must settle every message within service.DrainTimeout.
func NewSubscriber(client *pubsub.Client, subscription string, maxMessages, maxBytes int) *pubsub.Subscriber {
	s := client.Subscriber(subscription)
	s.ReceiveSettings.MaxOutstandingMessages = maxMessages
	s.ReceiveSettings.MaxOutstandingBytes = maxBytes
	s.ReceiveSettings.MaxExtension = 12 * time.Hour // an outage is waited out, see Handler
	// A lease reaches no further than this, so that the messages of a killed process
	// are soon delivered to another.
	s.ReceiveSettings.MaxDurationPerAckExtension = topology.AckDeadline
	return s
}

// Run consumes until ctx is done and the messages in hand are finished.
func (c *Consumer) Run(ctx context.Context) error {
	defer c.letters.Stop()
	c.running.Store(true)
	defer c.running.Store(false)
	err := c.subscriber.Receive(ctx, func(received context.Context, m *pubsub.Message) {
		defer c.load.Begin(m).End()
		// received ends with ctx, but a message in hand is still finished.
		working, cancel := service.Drain(received)
		defer cancel()
		c.process(working, received, m)
	})
	if err != nil {
		return fmt.Errorf("receive from %s: %w", c.config.Subscription, err)
	}
	return nil
}

// process handles m until its fate is decided. Between attempts it gives up as
// soon as stopping is done, so that another process may take over.
func (c *Consumer) process(ctx, stopping context.Context, m *pubsub.Message) {
	ctx = telemetry.Extract(ctx, m.Attributes[topology.AttrTraceparent])
	wait := NewBackoff()
	for {
		err := c.handler.Handle(ctx, m)
		if IsPermanent(err) {
			c.log.ErrorContext(ctx, "message given up", "message_id", m.ID, "error", err)
			if err = c.letters.Send(ctx, m, err); err == nil {
				c.finish(ctx, m, "dead_lettered")
				return
			}
		}
		if err == nil {
			c.finish(ctx, m, "acknowledged")
			return
		}
		pause := wait.NextBackOff()
		c.count(ctx, "retried")
		c.log.WarnContext(ctx, "message will be handled again", "message_id", m.ID, "pause", pause, "error", err)
		select {
		case <-time.After(pause):
		case <-stopping.Done():
			m.Nack()
			c.count(ctx, "returned")
			return
		}
	}
}

func (c *Consumer) finish(ctx context.Context, m *pubsub.Message, outcome string) {
	m.Ack()
	c.count(ctx, outcome)
}

func (c *Consumer) count(ctx context.Context, outcome string) {
	c.handled.Add(ctx, 1, metric.WithAttributes(
		attribute.String("subscription", c.config.Subscription), attribute.String("outcome", outcome)))
}

// NewBackoff waits 100 ms, then doubling with jitter up to 30 s, without end.
func NewBackoff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = 100 * time.Millisecond
	b.Multiplier = 2
	b.MaxInterval = 30 * time.Second
	b.Reset()
	return b
}

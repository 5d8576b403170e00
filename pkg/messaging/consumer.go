package messaging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"github.com/cenkalti/backoff/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Handler processes one message.
//
// A nil result acknowledges it: everything it asked for is durable downstream.
// An error made by Permanent publishes it to the dead-letter topic and then
// acknowledges it. Any other error is taken for transient: the same message is
// handled again after a backoff, its lease held, until it succeeds or the
// process ends, unless it was made by Later, which returns the message to Pub/Sub: it is
// delivered again after the subscription's own backoff and holds no place meanwhile, but
// not more often than topology.DeliveryAttempts. Handle runs concurrently; ctx ends with the process, after its drain.
type Handler interface {
	Handle(ctx context.Context, m *pubsub.Message) error
}

// permanent marks an error that no retry can mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks err as one that no retry can cure.
func Permanent(err error) error { return permanent{err} }

// IsPermanent tells whether err was marked by Permanent.
func IsPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

// later marks an error of one message that may pass while others can be handled.
type later struct{ error }

func (l later) Unwrap() error { return l.error }

// Later marks err as one of this message alone, which must not keep others waiting.
func Later(err error) error { return later{err} }

// IsLater tells whether err was marked by Later.
func IsLater(err error) bool {
	var l later
	return errors.As(err, &l)
}

// DeliveryAttempt is how often a message was delivered, this time included; 0: unknown,
// of a subscription without dead letters.
func DeliveryAttempt(m *pubsub.Message) int {
	if m.DeliveryAttempt == nil {
		return 0
	}
	return *m.DeliveryAttempt
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
	config   ConsumerConfig
	receiver *Receiver
	handler  Handler
	letters  *DeadLetters
	log      *slog.Logger
	handled  metric.Int64Counter
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
	receiver, err := NewReceiver(client, config, rt)
	if err != nil {
		return nil, err
	}
	return &Consumer{
		config:   config,
		receiver: receiver,
		handler:  handler,
		letters:  NewDeadLetters(client, config.Subscription),
		log:      rt.Log.With("subscription", config.Subscription),
		handled:  handled,
	}, nil
}

// Run consumes until ctx is done and the messages in hand are finished.
func (c *Consumer) Run(ctx context.Context) error {
	defer c.letters.Stop()
	return c.receiver.Run(ctx, func(received context.Context, m *pubsub.Message) {
		defer c.receiver.InHand.Begin(m).End()
		// received ends with ctx, but a message in hand is still finished.
		working, cancel := service.Drain(received)
		defer cancel()
		c.process(working, received, m)
	})
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
		if IsLater(err) {
			m.Nack()
			c.count(ctx, "returned")
			c.log.WarnContext(ctx, "message will be delivered again", "message_id", m.ID, "error", err)
			return
		}
		pause := wait.NextBackOff()
		c.count(ctx, "retried")
		c.log.WarnContext(ctx, "message will be handled again", "message_id", m.ID, "pause", pause, "error", err)
		if sleep.For(stopping, pause) != nil {
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

// NewBackoff waits 100 ms, then doubling with jitter up to cloud.MaxPause, without end: an
// outage that is over should soon be noticed.
func NewBackoff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = 100 * time.Millisecond
	b.Multiplier = 2
	b.MaxInterval = cloud.MaxPause
	b.Reset()
	return b
}

package messaging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// settled is how long a stream lives that was not refused as it was opened: the client
// says when one has ended, not when one has begun.
const settled = 2 * time.Second

// Receiver receives a subscription's messages for as long as its process runs,
// whatever Pub/Sub answers meanwhile. The client itself goes on only after what it
// takes for transient. A quota that is used up, a right that was taken away, credentials
// that ran out are mended by somebody else, without a restart; until then the process
// is not ready, and no other subscription of it suffers.
type Receiver struct {
	// InHand is what the receiver has in hand; its user says when a message begins and ends.
	InHand *InHand

	subscription string
	subscriber   *pubsub.Subscriber
	log          *slog.Logger
	fault        atomic.Pointer[error] // why nothing is received now; nil: it is
}

var errNotReceiving = errors.New("not consuming")

// NewReceiver builds a receiver of the subscription, with its gauges and its condition
// of readiness; Run starts it.
func NewReceiver(client *pubsub.Client, config ConsumerConfig, rt service.Runtime) (*Receiver, error) {
	inHand, err := NewInHand(rt, config.Subscription, config.MaxOutstandingMessages)
	if err != nil {
		return nil, err
	}
	r := &Receiver{
		InHand: inHand, subscription: config.Subscription, log: rt.Log.With("subscription", config.Subscription),
		subscriber: newSubscriber(client, config),
	}
	r.fault.Store(&errNotReceiving)
	set := metric.WithAttributeSet(attribute.NewSet(attribute.String("subscription", config.Subscription)))
	if _, err := rt.Meter.Int64ObservableGauge("pipeline.messages.receiving",
		metric.WithDescription("1 while messages are received, 0 while Pub/Sub refuses them, by subscription"),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			value := int64(0)
			if r.NotReceiving() == nil {
				value = 1
			}
			o.Observe(value, set)
			return nil
		})); err != nil {
		return nil, fmt.Errorf("make the gauge of %s: %w", config.Subscription, err)
	}
	rt.Ready(config.Subscription, r.NotReceiving)
	return r, nil
}

// newSubscriber opens a subscriber whose leases are held for as long as a
// message is worked on. Its shutdown waits until every message is acknowledged or
// returned, however long that takes: ShutdownOptions with a timeout would close the
// stream first, and no acknowledgement of the last messages would be sent. So its
// user must settle every message within service.DrainTimeout.
func newSubscriber(client *pubsub.Client, config ConsumerConfig) *pubsub.Subscriber {
	s := client.Subscriber(config.Subscription)
	s.ReceiveSettings.MaxOutstandingMessages = config.MaxOutstandingMessages
	s.ReceiveSettings.MaxOutstandingBytes = config.MaxOutstandingBytes
	s.ReceiveSettings.MaxExtension = 12 * time.Hour // an outage is waited out, see Handler
	// A lease reaches no further than this, so that the messages of a killed process
	// are soon delivered to another.
	s.ReceiveSettings.MaxDurationPerAckExtension = topology.AckDeadline
	return s
}

// NotReceiving says why no messages are received now, or nil.
func (r *Receiver) NotReceiving() error {
	if fault := r.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

// Run gives messages to f, concurrently, until ctx is done and all of them are settled.
// It ends before only when the subscription does not exist: then somebody has to look,
// and a restart shows them.
func (r *Receiver) Run(ctx context.Context, f func(context.Context, *pubsub.Message)) error {
	wait := NewBackoff()
	r.fault.Store(nil)
	defer r.fault.Store(&errNotReceiving)
	for {
		before := r.fault.Load()
		opened := time.AfterFunc(settled, func() { r.fault.CompareAndSwap(before, nil) })
		began := time.Now()
		err := r.subscriber.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
			r.fault.Store(nil)
			f(ctx, m)
		})
		opened.Stop()
		if ctx.Err() != nil {
			return nil
		}
		if status.Code(err) == codes.NotFound {
			return fmt.Errorf("receive from %s: %w", r.subscription, err)
		}
		if time.Since(began) > settled {
			wait.Reset()
		}
		pause := wait.NextBackOff()
		fault := fmt.Errorf("not consuming: %w", err)
		if err == nil {
			fault = errNotReceiving
		}
		r.fault.Store(&fault)
		r.log.ErrorContext(ctx, "messages are refused and will be asked for again", "pause", pause, "error", err)
		if sleep.For(ctx, pause) != nil {
			return nil
		}
	}
}

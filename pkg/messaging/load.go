package messaging

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
)

// Load tells how busy a process is with a subscription, as it is now. Pub/Sub's own
// metrics of a backlog are minutes old when they are read, which is too late to
// decide how many processes there should be. What a process holds is known at once:
// a subscriber holds as much as it may whenever more is waiting, so one that is
// full has a backlog behind it, and one that is not has none.
type Load struct {
	inHand    atomic.Int64
	published atomic.Int64 // Unix nanoseconds: of the message delivered last
}

// NewLoad makes the gauges of a subscription, of which at most capacity messages
// are in hand at once.
func NewLoad(rt service.Runtime, subscription string, capacity int) (*Load, error) {
	l := &Load{}
	inHand, err1 := rt.Meter.Int64ObservableGauge("pipeline.messages.in_hand",
		metric.WithDescription("Messages delivered and not yet settled, by subscription"), metric.WithUnit("{message}"))
	most, err2 := rt.Meter.Int64ObservableGauge("pipeline.messages.capacity",
		metric.WithDescription("Messages that may be in hand at once, by subscription"), metric.WithUnit("{message}"))
	age, err3 := rt.Meter.Float64ObservableGauge("pipeline.messages.age",
		metric.WithDescription("Time since the message delivered last was published; 0 while none is in hand"), metric.WithUnit("s"))
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return nil, fmt.Errorf("make the gauges of %s: %w", subscription, err)
		}
	}
	set := metric.WithAttributeSet(attribute.NewSet(attribute.String("subscription", subscription)))
	if _, err := rt.Meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(inHand, l.inHand.Load(), set)
		o.ObserveInt64(most, int64(capacity), set)
		o.ObserveFloat64(age, l.age(time.Now()).Seconds(), set)
		return nil
	}, inHand, most, age); err != nil {
		return nil, fmt.Errorf("register the gauges of %s: %w", subscription, err)
	}
	return l, nil
}

// Begin notes a message that was delivered.
func (l *Load) Begin(m *pubsub.Message) {
	l.inHand.Add(1)
	l.published.Store(m.PublishTime.UnixNano())
}

// End notes that a message was acknowledged or returned.
func (l *Load) End() { l.inHand.Add(-1) }

// age is that of the message delivered last: of those in hand the youngest, and
// about as old as what waits behind it.
func (l *Load) age(now time.Time) time.Duration {
	if l.inHand.Load() == 0 {
		return 0
	}
	return max(0, now.Sub(time.Unix(0, l.published.Load())))
}

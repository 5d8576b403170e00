package messaging

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
)

// InHand tells how busy a process is with a subscription, as it is now. Pub/Sub's own
// metrics of a backlog are minutes old when they are read, which is too late to
// decide how many processes there should be. What a process holds is known at once:
// a subscriber holds as much as it may whenever more is waiting, so one that is
// full has a backlog behind it, and one that is not has none.
type InHand struct {
	mu        sync.Mutex
	leases    list.List // of time.Time: when a message in hand was delivered, oldest first
	published time.Time // of the message delivered last
}

// NewInHand makes the gauges of a subscription, for which at most capacity messages
// are in hand at once.
func NewInHand(rt service.Runtime, subscription string, capacity int) (*InHand, error) {
	l := &InHand{}
	inHand, err1 := rt.Meter.Int64ObservableGauge("pipeline.messages.in_hand",
		metric.WithDescription("Messages delivered and not yet settled, by subscription"), metric.WithUnit("{message}"))
	most, err2 := rt.Meter.Int64ObservableGauge("pipeline.messages.capacity",
		metric.WithDescription("Messages that may be in hand at once, by subscription"), metric.WithUnit("{message}"))
	age, err3 := rt.Meter.Float64ObservableGauge("pipeline.messages.age",
		metric.WithDescription("Time since the message delivered last was published, by subscription; 0 while none is in hand"), metric.WithUnit("s"))
	lease, err4 := rt.Meter.Float64ObservableGauge("pipeline.messages.oldest_lease",
		metric.WithDescription("Time that the message longest in hand has been so, by subscription; 0 while none is"), metric.WithUnit("s"))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, fmt.Errorf("make the gauges of %s: %w", subscription, err)
	}
	set := metric.WithAttributeSet(attribute.NewSet(attribute.String("subscription", subscription)))
	if _, err := rt.Meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		now := l.now(time.Now())
		o.ObserveInt64(inHand, int64(now.inHand), set)
		o.ObserveInt64(most, int64(capacity), set)
		o.ObserveFloat64(age, now.age.Seconds(), set)
		o.ObserveFloat64(lease, now.oldestLease.Seconds(), set)
		return nil
	}, inHand, most, age, lease); err != nil {
		return nil, fmt.Errorf("register the gauges of %s: %w", subscription, err)
	}
	return l, nil
}

// Lease is a message in hand.
type Lease struct {
	in      *InHand
	element *list.Element
}

// Begin notes a message that was delivered.
func (l *InHand) Begin(m *pubsub.Message) Lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.published = m.PublishTime
	return Lease{l, l.leases.PushBack(time.Now())}
}

// End notes that the message was acknowledged or returned; it is called once.
func (l Lease) End() {
	l.in.mu.Lock()
	defer l.in.mu.Unlock()
	l.in.leases.Remove(l.element)
}

// busyness is what is in hand at one moment.
type busyness struct {
	inHand int
	// age is that of the message delivered last: of those in hand the youngest, and
	// about as old as what waits behind it.
	age         time.Duration
	oldestLease time.Duration
}

func (l *InHand) now(now time.Time) busyness {
	l.mu.Lock()
	defer l.mu.Unlock()
	oldest := l.leases.Front()
	if oldest == nil {
		return busyness{}
	}
	return busyness{
		inHand:      l.leases.Len(),
		age:         max(0, now.Sub(l.published)),
		oldestLease: max(0, now.Sub(oldest.Value.(time.Time))),
	}
}

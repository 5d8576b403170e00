package service

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Heartbeat tells from outside whether a loop turns. A process whose loop waits for an
// answer that never comes is as alive as any other: its endpoints answer, and its
// messages are held.
type Heartbeat struct {
	allowed time.Duration
	now     func() time.Time
	start   time.Time
	last    atomic.Int64 // nanoseconds from start to the last beat
}

// NewHeartbeat watches over a loop that calls Beat at least as often as allowed, also
// while it has nothing to do. If it does not, the service is not ready, by a condition of
// the loop's name, and the alert LoopStalled tells. The first beat is this call.
func NewHeartbeat(rt Runtime, loop string, allowed time.Duration) (*Heartbeat, error) {
	return newHeartbeat(rt, loop, allowed, time.Now)
}

func newHeartbeat(rt Runtime, loop string, allowed time.Duration, now func() time.Time) (*Heartbeat, error) {
	h := &Heartbeat{allowed: allowed, now: now, start: now()}
	silence, err1 := rt.Meter.Float64ObservableGauge("pipeline.loop.silence",
		metric.WithDescription("Time since a loop last turned, by loop"), metric.WithUnit("s"))
	most, err2 := rt.Meter.Float64ObservableGauge("pipeline.loop.allowed",
		metric.WithDescription("Time within which a loop must turn, by loop"), metric.WithUnit("s"))
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("make the gauges of the loop %s: %w", loop, err)
	}
	set := metric.WithAttributeSet(attribute.NewSet(attribute.String("loop", loop)))
	if _, err := rt.Meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveFloat64(silence, h.silence().Seconds(), set)
		o.ObserveFloat64(most, allowed.Seconds(), set)
		return nil
	}, silence, most); err != nil {
		return nil, fmt.Errorf("register the gauges of the loop %s: %w", loop, err)
	}
	rt.Ready(loop, h.check)
	return h, nil
}

// Beat notes that the loop has turned, or has got on with a long turn. It may be called
// from anywhere and costs next to nothing.
func (h *Heartbeat) Beat() { h.last.Store(int64(h.now().Sub(h.start))) }

func (h *Heartbeat) silence() time.Duration {
	return max(0, h.now().Sub(h.start)-time.Duration(h.last.Load()))
}

func (h *Heartbeat) check() error {
	if silence := h.silence(); silence > h.allowed {
		return fmt.Errorf("has not turned for %v, allowed are %v", silence.Round(time.Second), h.allowed)
	}
	return nil
}

package query

import (
	"context"
	"fmt"
	"time"
)

// Asker runs the questions of all pages, so many at once and no more. Safe for
// concurrent use.
type Asker struct {
	source   Source
	slots    chan struct{} // one per query that runs
	now      func() time.Time
	pulse    Pulse
	observer Observer
}

// Pulse follows how the warehouse does.
type Pulse interface {
	// Ask notes a question; the function that it returns, its outcome.
	Ask() (outcome func(error))
}

// Observer hears how long each query took.
type Observer interface {
	Queried(ctx context.Context, statement string, took time.Duration, err error)
}

// NewAsker makes an Asker that runs at most atOnce queries at a time.
func NewAsker(source Source, atOnce int, now func() time.Time, pulse Pulse, observer Observer) *Asker {
	return &Asker{source: source, slots: make(chan struct{}, atOnce), now: now, pulse: pulse, observer: observer}
}

// Query runs one statement when a slot is free.
func (a *Asker) Query(ctx context.Context, statement string, params Params) (*Result, error) {
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a free query slot: %w", ctx.Err())
	}
	started, outcome := a.now(), a.pulse.Ask()
	result, err := a.source.Query(ctx, statement, params)
	outcome(err)
	a.observer.Queried(ctx, statement, a.now().Sub(started), err)
	return result, err
}

// Modified tells when a table last changed; it is no query and waits for no slot.
func (a *Asker) Modified(ctx context.Context, table string) (time.Time, error) {
	return a.source.Modified(ctx, table)
}

// Created tells when a table was made; it is no query and waits for no slot.
func (a *Asker) Created(ctx context.Context, table string) (time.Time, error) {
	return a.source.Created(ctx, table)
}

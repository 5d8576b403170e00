package openlineage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/post"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
)

// Emitter sends events in their order. Emit may be called concurrently, and never waits.
type Emitter struct {
	sink   sink
	queue  chan Event
	events metric.Int64Counter
	log    *slog.Logger
}

// The waits between the tries of one event, and how often it is tried: for about ten minutes.
const (
	firstRetry = time.Second
	lastRetry  = time.Minute
	maxTries   = 15
)

// flushWithin bounds how long the end of the process waits for what is still to be sent.
const flushWithin = 5 * time.Second

// The outcomes of an event that are counted.
const (
	sent = "sent"
	lost = "lost"
)

// NewEmitter makes an emitter; client may be nil if events do not go to a topic.
func NewEmitter(cfg *Settings, client *pubsub.Client, meter metric.Meter, log *slog.Logger) (*Emitter, error) {
	to, err := cfg.open(client)
	if err != nil {
		return nil, err
	}
	counter, err := NewCounter(meter)
	if err != nil {
		return nil, err
	}
	return &Emitter{sink: to, queue: make(chan Event, cfg.Queue), events: counter, log: log}, nil
}

// NewCounter makes the counter of events, which is there although none are sent.
func NewCounter(meter metric.Meter) (metric.Int64Counter, error) {
	events, err := meter.Int64Counter("reporter.lineage.events",
		metric.WithDescription("OpenLineage events by outcome: sent, or lost because the receiver refused them, did not answer for long, or too many waited"), metric.WithUnit("{event}"))
	if err != nil {
		return nil, fmt.Errorf("make the lineage's instrument: %w", err)
	}
	// An alarm sees a counter rise only from a value that it has seen before.
	events.Add(context.Background(), 0, metric.WithAttributes(attribute.String("outcome", lost)))
	return events, nil
}

func (e *Emitter) count(ctx context.Context, outcome string, n int) {
	e.events.Add(ctx, int64(n), metric.WithAttributes(attribute.String("outcome", outcome)))
}

// Emit has events sent later. Those that find no room are lost.
func (e *Emitter) Emit(ctx context.Context, events ...Event) {
	for _, event := range events {
		select {
		case e.queue <- event:
		default:
			e.lose(ctx, event, errors.New("too many events wait"))
		}
	}
}

func (e *Emitter) lose(ctx context.Context, event Event, err error) {
	e.count(ctx, lost, 1)
	e.log.WarnContext(ctx, "lineage event lost", "run_id", event.Run.ID.String(), "state", event.EventType, "error", err)
}

// Run sends events until ctx is done, and then tries once each that still waits.
func (e *Emitter) Run(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case event := <-e.queue:
			e.deliver(ctx, event)
		case <-ctx.Done():
		}
	}
	e.flush(context.WithoutCancel(ctx))
}

// deliver tries until an event has gone, is refused for good, was tried often enough, or ctx is done.
func (e *Emitter) deliver(ctx context.Context, event Event) {
	body, err := json.Marshal(event)
	pause := firstRetry
	for try := 1; err == nil; try++ {
		if err = e.sink.Send(ctx, body); err == nil {
			e.count(ctx, sent, 1)
			return
		}
		if _, lasting := errors.AsType[*post.RefusedError](err); lasting || try == maxTries {
			break
		}
		e.log.WarnContext(ctx, "lineage event not delivered", "error", err)
		if sleep.For(ctx, pause) != nil {
			e.Emit(ctx, event) // flush tries it once more
			return
		}
		pause, err = min(2*pause, lastRetry), nil
	}
	e.lose(ctx, event, err)
}

func (e *Emitter) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, flushWithin)
	defer cancel()
	for {
		select {
		case event := <-e.queue:
			body, err := json.Marshal(event)
			if err == nil {
				err = e.sink.Send(ctx, body)
			}
			if err != nil {
				e.lose(ctx, event, err)
				continue
			}
			e.count(ctx, sent, 1)
		default:
			return
		}
	}
}

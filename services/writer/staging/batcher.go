package staging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// entry is a row that waits to be appended, and the message it came from.
type entry struct {
	message *pubsub.Message
	row     []byte
	lease   messaging.Lease
	stored  func(*pubsub.Message) // see lane
}

func (e entry) ack() {
	e.message.Ack()
	e.lease.End()
}

func (e entry) nack() {
	e.message.Nack()
	e.lease.End()
}

// refusedRow is a row that BigQuery refused.
type refusedRow struct {
	message *pubsub.Message
	refusal *storagepb.RowError
}

// setAside takes the messages of refused rows out of the flow. Of each it gives an error, or
// nil: then the message may be acknowledged.
type setAside func(ctx context.Context, refused []refusedRow) []error

// batcher gathers the rows of one table into appends. While an append is under
// way rows gather for the next, so that requests grow with the load and a lone
// row does not wait. add is safe for concurrent use; run is called once.
type batcher struct {
	stream   *stream
	setAside setAside
	config   Config
	log      *slog.Logger
	metrics  *metrics
	tracer   *telemetry.Tracer

	mu      sync.Mutex
	waiting []entry
	wake    chan struct{}
}

func newBatcher(s *stream, cfg Config, log *slog.Logger, m *metrics, tracer *telemetry.Tracer, aside setAside) *batcher {
	return &batcher{stream: s, setAside: aside, config: cfg, log: log, metrics: m, tracer: tracer, wake: make(chan struct{}, 1)}
}

// add queues a row. The batcher acknowledges its message when the row is durable.
func (b *batcher) add(e entry) {
	b.mu.Lock()
	b.waiting = append(b.waiting, e)
	b.mu.Unlock()
	b.signal()
}

func (b *batcher) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// run appends until ctx is done; then it returns to Pub/Sub what is left, which is
// nothing if the consumer has settled every message. From stopping on nothing is
// appended a second time.
func (b *batcher) run(ctx, stopping context.Context) {
	var appenders sync.WaitGroup
	for range b.config.Appenders {
		appenders.Go(func() {
			for {
				select {
				case <-b.wake:
					b.linger(ctx)
					if batch := b.take(); len(batch) > 0 {
						b.deliver(ctx, stopping, batch)
					}
				case <-ctx.Done():
					return
				}
			}
		})
	}
	appenders.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.waiting {
		e.nack()
	}
	b.waiting = nil
}

// linger gives the rows of one burst a moment to arrive.
func (b *batcher) linger(ctx context.Context) {
	timer := time.NewTimer(b.config.AppendLinger)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// take removes as many rows as one request may carry and wakes another appender
// if rows are left.
func (b *batcher) take() []entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	size, n := 0, 0
	for n < len(b.waiting) && (n == 0 || size+len(b.waiting[n].row) <= b.config.MaxAppendBytes) {
		size += len(b.waiting[n].row)
		n++
	}
	batch := b.waiting[:n:n]
	if n == len(b.waiting) {
		b.waiting = nil
	} else {
		b.waiting = b.waiting[n:]
		b.signal()
	}
	return batch
}

// deliver appends a batch and acknowledges its messages. What fails is tried
// again with the leases held; refused rows are set aside and the rest goes on.
func (b *batcher) deliver(ctx, stopping context.Context, batch []entry) {
	pause := messaging.NewBackoff()
	for len(batch) > 0 {
		err := b.append(ctx, batch)
		if err == nil {
			for _, e := range batch {
				if e.stored != nil {
					e.stored(e.message)
				}
				e.ack()
			}
			return
		}
		if refused, ok := errors.AsType[*rowErrors](err); ok {
			if batch, err = b.split(ctx, batch, refused.rows); err == nil {
				continue
			}
		}
		wait := pause.NextBackOff()
		b.log.WarnContext(ctx, "append will be sent again", "rows", len(batch), "pause", wait, "error", err)
		if sleep.For(stopping, wait) != nil {
			for _, e := range batch {
				e.nack()
			}
			return
		}
	}
}

func (b *batcher) append(ctx context.Context, batch []entry) error {
	rows := make([][]byte, len(batch))
	size := 0
	for i, e := range batch {
		rows[i] = e.row
		size += len(e.row)
	}
	ctx, cancel := context.WithTimeout(ctx, b.config.AppendTimeout)
	defer cancel()
	ctx, span := b.tracer.StartLinked(ctx, "append rows", b.traceparents(batch))
	start := time.Now()
	err := b.stream.append(ctx, rows)
	span.Finish(err)
	b.metrics.appended(ctx, b.stream.table, len(rows), size, time.Since(start), err)
	return err
}

// traceparents are the traces of a batch's files; there are few. Nothing is
// looked at if no spans are made.
func (b *batcher) traceparents(batch []entry) []string {
	if !b.tracer.Enabled() {
		return nil
	}
	var found []string
	last := ""
	for _, e := range batch {
		if trace := e.message.Attributes[topology.AttrTraceparent]; trace != last {
			found, last = append(found, trace), trace
		}
	}
	return found
}

// split settles the messages of the refused rows and returns the rest. A row
// that cannot be set aside now goes back to Pub/Sub, so that it blocks no other.
func (b *batcher) split(ctx context.Context, batch []entry, refused []*storagepb.RowError) ([]entry, error) {
	refusals := make(map[int64]*storagepb.RowError, len(refused))
	for _, r := range refused {
		if r.GetIndex() < 0 || r.GetIndex() >= int64(len(batch)) {
			return batch, fmt.Errorf("row error names row %d of %d", r.GetIndex(), len(batch))
		}
		refusals[r.GetIndex()] = r
	}
	rest := make([]entry, 0, len(batch)-len(refusals))
	var aside []entry
	var rows []refusedRow
	for i, e := range batch {
		if refusal, ok := refusals[int64(i)]; ok {
			aside, rows = append(aside, e), append(rows, refusedRow{e.message, refusal})
		} else {
			rest = append(rest, e)
		}
	}
	for i, err := range b.setAside(ctx, rows) {
		if err != nil {
			b.log.ErrorContext(ctx, "refused row not set aside", "message_id", aside[i].message.ID, "error", err)
			aside[i].nack()
			continue
		}
		aside[i].ack()
	}
	return rest, nil
}

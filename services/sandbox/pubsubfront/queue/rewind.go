package queue

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

// Rewind makes every message that was published since a time (Unix nanoseconds), and is
// in one of the histories, undelivered: it copies what the histories hold since then to
// the end of the queue, and takes what was in the queue before out of it. A death in
// between leaves both, and so a second delivery, never a loss. Callers have sought to the
// time before, and see to it that nobody else seeks meanwhile.
func (q *Queue) Rewind(ctx context.Context, from int64, histories []string) error {
	state, err := q.stream.State(ctx)
	if err != nil {
		return err
	}
	last := state.Last
	// Those of the topic and of the subscription hold the same, as far as both reach.
	until := time.Now().UnixNano()
	for _, key := range histories {
		end := until
		whole, err := q.receipts.store.Replay(ctx, key, from, func(chunks [][]byte) error {
			return q.requeue(ctx, chunks, end)
		})
		if err != nil {
			return err
		}
		until = min(until, max(whole, from))
	}
	queued, err := q.keepOlder(ctx, last, from, until)
	if err != nil {
		return err
	}
	q.forget(last, queued)
	return q.stream.Truncate(ctx, last)
}

// requeue puts chunks that were published before a time to the end of the queue.
func (q *Queue) requeue(ctx context.Context, chunks [][]byte, before int64) error {
	var fitting [][]byte
	var all []stored
	for _, payload := range chunks {
		c, err := store.ReadChunk(payload)
		if err != nil || c.Published >= before {
			continue
		}
		fitting = append(fitting, payload)
		all = append(all, q.storedAs(0, payload, c))
	}
	if len(fitting) == 0 {
		return nil
	}
	q.arrivals.expect(all...) // before they can be read
	if err := q.stream.Append(ctx, fitting); err != nil {
		q.arrivals.read(all...)
		return err
	}
	return nil
}

// keepOlder requeues what the queue holds up to a number and no history does: it was
// published within [from, until). It returns all that the queue holds.
func (q *Queue) keepOlder(ctx context.Context, last uint64, from, until int64) (queued []stored, err error) {
	for seq := uint64(1); ; {
		at, payload, err := q.stream.Next(ctx, seq)
		if errors.Is(err, store.ErrNotFound) || err == nil && at > last {
			return queued, nil
		}
		if err != nil {
			return nil, err
		}
		seq = at + 1
		c, err := store.ReadChunk(payload)
		if err != nil {
			continue // the loader drops what it cannot read
		}
		queued = append(queued, q.storedAs(at, payload, c))
		if c.Published >= from {
			if err := q.requeue(ctx, [][]byte{payload}, until); err != nil {
				return nil, err
			}
		}
	}
}

// forget drops the chunks of the queue up to a number, whether they are read or not.
func (q *Queue) forget(last uint64, queued []stored) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.index.forgotten = last
	unread := slices.DeleteFunc(queued, func(c stored) bool { return c.seq <= q.index.loaded })
	q.arrivals.read(unread...)
	for seq, c := range q.index.chunks {
		if seq <= last {
			q.drop(c)
		}
	}
	q.journal.forget(last)
	q.schedule()
	signal(q.loadMore)
}

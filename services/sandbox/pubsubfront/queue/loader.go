package queue

import (
	"context"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

// loadRetry is the rest after the stream could not be read.
const loadRetry = time.Second

// runLoader reads the stream ahead of the subscribers, as long as there are any.
func (q *Queue) runLoader(ctx context.Context) {
	defer q.stopped.Done()
	for ctx.Err() == nil {
		if err := q.stream.Read(ctx, q.waitForRoom, q.arrive); err != nil && ctx.Err() == nil {
			q.log.ErrorContext(ctx, "reading a subscription's stream failed", "error", err)
			select {
			case <-time.After(loadRetry):
			case <-ctx.Done():
			}
		}
	}
}

// waitForRoom returns when more should be read.
func (q *Queue) waitForRoom(ctx context.Context) error {
	for !q.wantsMore() {
		select {
		case <-q.loadMore:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (q *Queue) wantsMore() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.shelf.hasRoom() && len(q.pullers) > 0
}

func (q *Queue) arrive(a store.Arrival) {
	done, err := q.load(a)
	if err != nil {
		// It can never be delivered; to keep it would only end the loader over
		// and over.
		q.log.Error("dropping a damaged chunk", "sequence", a.Seq, "error", err)
		done = true
	}
	if done {
		q.receipts.send(a.Receipt)
	}
}

// load takes in a chunk that was read. done is true if nothing in it
// needs delivery, so that it should be acknowledged to the store at once.
func (q *Queue) load(a store.Arrival) (done bool, err error) {
	c, err := newChunk(a)
	if err != nil {
		return false, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if old := q.index.chunks[c.seq]; old != nil {
		old.receipt = c.receipt
		return false, nil
	}
	if c.seq <= q.index.forgotten {
		return true, nil
	}
	q.index.loaded = max(q.index.loaded, c.seq)
	q.journal.resume(c)
	q.arrivals.read(stored{published: c.published, messages: c.sieve(q.admits)})
	if c.published < q.index.seekTo || c.open == 0 {
		q.journal.finish(c)
		return true, nil
	}
	q.index.chunks[c.seq] = c
	q.shelf.add(c)
	q.wakePullers()
	return false, nil
}

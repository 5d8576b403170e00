package queue

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

const (
	// keepRetry is the rest after something that the keeper wanted of the store failed.
	keepRetry = time.Second
	// buryRetry is how long a message rests that could not be dead-lettered, for
	// instance because the topic does not exist; then it is delivered again.
	buryRetry = 10 * time.Second
)

// chores is what the keeper has to do besides deadlines and the journal, and when it
// wakes up.
type chores struct {
	kick   chan struct{} // wakes the keeper
	wake   int64         // when the keeper will look next
	reload []*chunk      // chunks whose payload must be read again
	dying  []place       // messages to be dead-lettered
}

func (k *chores) reloadLater(c *chunk) {
	if !c.reloading {
		c.reloading = true
		k.reload = append(k.reload, c)
	}
}

func (k *chores) take() (reload []*chunk, dying []place) {
	reload, dying = k.reload, k.dying
	k.reload, k.dying = nil, nil
	return reload, dying
}

// runKeeper does for a queue what no request does: it ends leases and
// delays when they are due, brings back payloads that were let go, sends dead letters
// to the dead-letter topic and records progress. One goroutine, asleep until the
// first of these is due.
func (q *Queue) runKeeper(ctx context.Context) {
	defer q.stopped.Done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-q.chores.kick:
		case <-ctx.Done():
			return
		}
		timer.Reset(q.keep(ctx))
	}
}

// keep does what is due and returns how long to sleep.
func (q *Queue) keep(ctx context.Context) time.Duration {
	q.mu.Lock()
	now := q.now()
	q.expire(now)
	reload, dying := q.chores.take()
	entries := q.journal.take(now)
	q.mu.Unlock()

	for _, c := range reload {
		q.reload(ctx, c)
	}
	for _, at := range dying {
		q.bury(ctx, at)
	}
	q.journal.write(ctx, entries)

	q.mu.Lock()
	defer q.mu.Unlock()
	now = q.now()
	q.chores.wake = q.nextDue()
	return time.Duration(max(0, q.chores.wake-now))
}

// nextDue is when the keeper is next needed.
func (q *Queue) nextDue() int64 {
	if len(q.chores.reload)+len(q.chores.dying) > 0 {
		return 0
	}
	return min(math.MaxInt64/2, q.leases.next(), q.journal.next())
}

// schedule wakes the keeper if it would sleep too long. Callers hold mu.
func (q *Queue) schedule() {
	if next := q.nextDue(); next < q.chores.wake {
		q.chores.wake = next
		signal(q.chores.kick)
	}
}

// reload reads a chunk's payload from the stream again, for redelivery.
func (q *Queue) reload(ctx context.Context, c *chunk) {
	payload, err := q.payload(ctx, c)
	q.mu.Lock()
	defer q.mu.Unlock()
	c.reloading = false
	switch {
	case c.open == 0:
	case errors.Is(err, store.ErrNotFound):
		q.drop(c) // its retention is over
	case err != nil:
		q.log.WarnContext(ctx, "reading a chunk again failed", "sequence", c.seq, "error", err)
		for i := range c.messages {
			if m := &c.messages[i]; m.phase == phaseReady {
				q.shelf.remove(c, m)
				q.deliverAgain(c, i, q.now(), keepRetry)
			}
		}
	default:
		q.shelf.restore(c, payload)
		q.wakePullers()
	}
}

// payload is c's payload, from memory or from the stream.
func (q *Queue) payload(ctx context.Context, c *chunk) ([]byte, error) {
	q.mu.Lock()
	payload := c.payload
	q.mu.Unlock()
	if payload != nil {
		return payload, nil
	}
	return q.stream.Chunk(ctx, c.seq)
}

// bury sends a message to where dead letters go and then acknowledges it.
func (q *Queue) bury(ctx context.Context, at place) {
	err := q.sendLetter(ctx, at)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		q.log.WarnContext(ctx, "sending a message to the dead-letter topic failed", "error", err)
		q.mu.Lock()
		defer q.mu.Unlock()
		if at.message().phase == phaseDying {
			q.deliverAgain(at.chunk, at.index, q.now(), buryRetry)
		}
		return
	}
	var done []string
	q.mu.Lock()
	if m := at.message(); m.phase == phaseDying && q.finish(at.chunk, m) {
		done = append(done, at.chunk.receipt)
	}
	q.mu.Unlock()
	q.receipts.send(done...)
}

func (q *Queue) sendLetter(ctx context.Context, at place) error {
	payload, err := q.payload(ctx, at.chunk)
	if err != nil {
		return err
	}
	q.mu.Lock()
	m := *at.message()
	q.mu.Unlock()
	if m.phase != phaseDying {
		return nil
	}
	return q.options.Bury(ctx, payload[m.offset:m.offset+m.size], m.attempts)
}

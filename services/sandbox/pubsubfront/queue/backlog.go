package queue

import (
	"context"
	"sync/atomic"
	"time"
)

// arrivals counts what was published and not read from the stream yet.
type arrivals struct {
	opened    int64        // Unix nanoseconds; chunks of an earlier process are older
	unread    atomic.Int64 // messages published since then
	inherited atomic.Int64 // chunks of an earlier process
}

// stored is what the count needs to know of a chunk in the stream.
type stored struct {
	seq       uint64
	published int64 // Unix nanoseconds
	messages  int
}

func (a *arrivals) expect(chunks ...stored) { a.count(chunks, 1) }
func (a *arrivals) read(chunks ...stored)   { a.count(chunks, -1) }

func (a *arrivals) count(chunks []stored, sign int64) {
	for _, c := range chunks {
		if c.published < a.opened {
			a.inherited.Add(sign)
		} else {
			a.unread.Add(sign * int64(c.messages))
		}
	}
}

// left is how much is not read. Each chunk of an earlier process counts as one message.
func (a *arrivals) left() int64 { return max(0, a.unread.Load()) + max(0, a.inherited.Load()) }

// Expect counts messages that are about to be published to the queue; a negative number
// those that were not after all. It is called before they can be read.
func (q *Queue) Expect(messages int) { q.arrivals.unread.Add(int64(messages)) }

// Backlog is how many messages are not acknowledged, those on a lease too, and when the
// oldest was published; zero without messages. Of chunks that an earlier process stored
// and this one has not read yet each counts as one message.
func (q *Queue) Backlog(ctx context.Context) (messages int64, oldest time.Time, err error) {
	first := int64(0)
	q.mu.Lock()
	for _, c := range q.index.chunks {
		messages += int64(c.open)
		if first == 0 || c.published < first {
			first = c.published
		}
	}
	q.mu.Unlock()
	unread := q.arrivals.left()
	if first != 0 { // chunks are read in order, so what is unread is younger
		return messages + unread, time.Unix(0, first), nil
	}
	if unread == 0 {
		return 0, time.Time{}, nil
	}
	state, err := q.stream.State(ctx)
	if err != nil || state.Chunks == 0 { // all of it has expired
		return 0, time.Time{}, err
	}
	return unread, state.Oldest, nil
}

// Acknowledged is how many messages were acknowledged since the queue was opened.
func (q *Queue) Acknowledged() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.done
}

package queue

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
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
	messages  int   // that the filter lets through
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

// Expect counts encoded messages that are about to be published to the queue. It is called before they
// can be read. What the filter keeps back is no backlog: the real service acknowledges it by
// itself (https://cloud.google.com/pubsub/docs/subscription-message-filter).
func (q *Queue) Expect(messages [][]byte) { q.arrivals.unread.Add(q.wanted(messages)) }

// Unexpect takes back what Expect has counted: the messages were not published after all.
func (q *Queue) Unexpect(messages [][]byte) { q.arrivals.unread.Add(-q.wanted(messages)) }

// wanted is how many of some messages the filter lets through.
func (q *Queue) wanted(messages [][]byte) int64 {
	if q.admits == nil {
		return int64(len(messages))
	}
	n := int64(0)
	for _, m := range messages {
		if q.admits(m) {
			n++
		}
	}
	return n
}

// storedAs is what the count needs to know of a chunk.
func (q *Queue) storedAs(seq uint64, payload []byte, c store.Chunk) stored {
	s := stored{seq: seq, published: c.Published, messages: c.Messages}
	if q.admits == nil {
		return s
	}
	s.messages = 0
	// The loader tells of what is damaged.
	_ = c.Each(func(_ int, offset, size uint32) {
		if q.admits(payload[offset : offset+size]) {
			s.messages++
		}
	})
	return s
}

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

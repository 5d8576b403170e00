package queue

import (
	"time"
)

// What becomes of a message after its delivery. Acknowledge, Extend and SeekTo, which
// requests call, take mu; the others expect it to be held.

// finish marks a message as done, and its chunk if it was the last.
func (q *Queue) finish(c *chunk, m *message) (last bool) {
	q.shelf.remove(c, m)
	if m.phase == phaseLeased {
		q.leases.release(m)
	}
	m.phase = phaseDone
	c.open--
	if c.open > 0 {
		return false
	}
	q.leases.due.remove(c)
	delete(q.index.chunks, c.seq)
	q.shelf.free(c)
	q.journal.finish(c)
	return true
}

// drop finishes a whole chunk without a word to the store, which has deleted it
// or will when it is too old.
func (q *Queue) drop(c *chunk) {
	for i := range c.messages {
		if m := &c.messages[i]; m.phase != phaseDone {
			q.finish(c, m)
		}
	}
}

// SeekTo drops everything published before t (Unix nanoseconds), also what has not
// been read from the stream yet.
func (q *Queue) SeekTo(t int64) {
	var receipts []string
	q.mu.Lock()
	q.index.seekTo = t
	for _, c := range q.index.chunks {
		if c.published < t {
			q.drop(c)
			receipts = append(receipts, c.receipt)
		}
	}
	q.schedule()
	signal(q.loadMore)
	q.mu.Unlock()
	q.receipts.send(receipts...)
}

// Acknowledge marks messages as done. An acknowledgement of an earlier delivery
// counts too: the work was done, whoever holds the message now. The error is Err's if the
// queue is gone, and an *AckIDError if an id is none; the other ids are carried out.
func (q *Queue) Acknowledge(ids []string) error {
	var receipts []string
	err := q.each(ids, func(_ int, c *chunk, m *message, id AckID, now int64) {
		if m.phase == phaseDone {
			return
		}
		if m.phase == phaseLeased && m.attempts == 1 && q.options.Again() {
			q.leases.release(m)
			q.deliverAgain(c, int(id.index), now, 0)
			return
		}
		q.done++
		if q.finish(c, m) {
			receipts = append(receipts, c.receipt)
			return
		}
		q.journal.touch(c, now)
	})
	q.receipts.send(receipts...)
	return err
}

// Extend moves the deadlines of present leases; zero gives the message up. Errors are
// Acknowledge's.
func (q *Queue) Extend(ids []string, by func(i int) time.Duration) error {
	return q.each(ids, func(i int, c *chunk, m *message, id AckID, now int64) {
		if m.phase != phaseLeased || m.attempts != id.lease {
			return
		}
		d := by(i)
		if d == 0 {
			q.giveUp(c, int(id.index), now)
			return
		}
		q.leases.extend(c, m, now+int64(d))
	})
}

// each calls f, with mu held, for the messages that ids name. An id of
// something that this process does not have in hand is passed over: the message
// is done already or comes again.
func (q *Queue) each(ids []string, f func(i int, c *chunk, m *message, id AckID, now int64)) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err != nil {
		return q.err // nothing that is acknowledged now would be remembered
	}
	now := q.now()
	var c *chunk // ids come in order, so the chunk is mostly the last one's
	var bad error
	for i, text := range ids {
		id, err := parseAckID(text)
		if err != nil {
			bad = err
			continue
		}
		if id.incarnation != q.incarnation {
			continue
		}
		if c == nil || c.seq != id.seq || c.open == 0 {
			if c = q.index.chunks[id.seq]; c == nil {
				continue
			}
		}
		if int(id.index) < len(c.messages) {
			f(i, c, &c.messages[id.index], id, now)
		}
	}
	q.schedule()
	q.wakePullers()
	if q.shelf.ready == 0 {
		signal(q.loadMore) // what was read ahead may have been acknowledged by old ids
	}
	return bad
}

// giveUp ends the lease of a message that was nacked or whose deadline passed,
// and decides what becomes of it.
func (q *Queue) giveUp(c *chunk, i int, now int64) {
	m := &c.messages[i]
	q.leases.release(m)
	q.journal.touch(c, now)
	if p := q.policy; p.MaxAttempts > 0 && m.attempts >= p.MaxAttempts {
		m.phase = phaseDying
		q.chores.dying = append(q.chores.dying, place{c, i})
		return
	}
	q.deliverAgain(c, i, now, q.policy.backoff(m.attempts))
}

func (q *Queue) deliverAgain(c *chunk, i int, now int64, delay time.Duration) {
	if delay > 0 {
		q.leases.rest(c, &c.messages[i], now+int64(delay))
		return
	}
	if !q.shelf.offer(c, i) {
		q.chores.reloadLater(c)
	}
}

// expire gives up every lease that is due and ends every delay that is over.
func (q *Queue) expire(now int64) {
	for c := q.leases.expired(now); c != nil; c = q.leases.expired(now) {
		for i := range c.messages {
			m := &c.messages[i]
			if m.phase == phaseLeased && m.deadline <= now {
				q.giveUp(c, i, now)
			} else if m.phase == phaseDelayed && m.deadline <= now {
				q.deliverAgain(c, i, now, 0)
			}
		}
		q.leases.watch(c)
	}
	q.wakePullers()
}

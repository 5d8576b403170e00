package pubsubfront

import (
	"container/heap"
	"time"
)

// What becomes of a message after its delivery. seek, acknowledge and extend,
// which requests call, take the subscription's mu; the others expect it to be
// held unless they say otherwise.

// unready takes a message that is about to change phase out of the count of
// those that can be delivered.
func (s *subscription) unready(c *chunk, m *message) {
	if m.phase == phaseFresh || m.phase == phaseReady {
		c.ready--
		if c.payload != nil {
			s.ready--
		}
	}
}

// settled tells JetStream that chunks are done. Callers do not hold mu: the
// connection may make them wait.
func (s *subscription) settled(replies ...string) {
	if len(replies) == 0 {
		return
	}
	s.engine.ack(replies)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastAck = replies[len(replies)-1]
}

// letGo frees the payload of a chunk that has nothing left to deliver, if much
// is kept already.
func (s *subscription) letGo(c *chunk) {
	if c.ready == 0 && c.payload != nil && s.held-s.inFresh > keptBytes {
		s.held -= len(c.payload)
		c.payload = nil
	}
}

// release ends a lease.
func (s *subscription) release(m *message) {
	m.holder.messages--
	m.holder.bytes -= int64(m.size)
	m.holder = nil
	s.leases--
}

// finish marks a message as done, and its chunk if it was the last.
func (s *subscription) finish(c *chunk, m *message) (last bool) {
	s.unready(c, m)
	if m.phase == phaseLeased {
		s.release(m)
	}
	m.phase = phaseDone
	c.open--
	if c.open > 0 {
		return false
	}
	s.due.remove(c)
	delete(s.chunks, c.seq)
	s.held -= len(c.payload)
	c.payload = nil
	if c.recorded {
		s.finished = append(s.finished, c)
	}
	return true
}

// drop finishes a whole chunk without a word to JetStream, which has deleted it
// or will when it is too old.
func (s *subscription) drop(c *chunk) {
	for i := range c.messages {
		if m := &c.messages[i]; m.phase != phaseDone {
			s.finish(c, m)
		}
	}
}

// seek drops everything published before t (Unix nanoseconds), also what has not
// been read from the stream yet.
func (s *subscription) seek(t int64) {
	var replies []string
	s.mu.Lock()
	s.seekTo = t
	for _, c := range s.chunks {
		if c.published < t {
			s.drop(c)
			replies = append(replies, c.reply)
		}
	}
	s.schedule()
	signal(s.loadMore)
	s.mu.Unlock()
	s.settled(replies...)
}

// acknowledge marks messages as done. An acknowledgement of an earlier delivery
// counts too: the work was done, whoever holds the message now.
func (s *subscription) acknowledge(ids []string) error {
	var replies []string
	err := s.each(ids, func(_ int, c *chunk, m *message, id ackID, now int64) {
		if m.phase == phaseDone {
			return
		}
		if m.phase == phaseLeased && m.attempts == 1 && s.again(s.name) {
			s.release(m)
			s.deliverAgain(c, int(id.index), now, 0)
			return
		}
		if s.finish(c, m) {
			replies = append(replies, c.reply)
			return
		}
		s.touch(c, now)
	})
	s.settled(replies...)
	return err
}

// extend moves the deadlines of present leases; zero gives the message up.
func (s *subscription) extend(ids []string, by func(i int) time.Duration) error {
	return s.each(ids, func(i int, c *chunk, m *message, id ackID, now int64) {
		if m.phase != phaseLeased || m.attempts != id.lease {
			return
		}
		d := by(i)
		if d == 0 {
			s.giveUp(c, int(id.index), now)
			return
		}
		m.deadline = now + int64(d)
		s.due.lower(c, m.deadline)
	})
}

// each calls f, with mu held, for the messages that ids name. An id of
// something that this process does not have in hand is passed over: the message
// is done already or comes again.
func (s *subscription) each(ids []string, f func(i int, c *chunk, m *message, id ackID, now int64)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var c *chunk // ids come in order, so the chunk is mostly the last one's
	var bad error
	for i, text := range ids {
		id, err := parseAckID(text)
		if err != nil {
			bad = err
			continue
		}
		if id.incarnation != s.incarnation {
			continue
		}
		if c == nil || c.seq != id.seq || c.open == 0 {
			if c = s.chunks[id.seq]; c == nil {
				continue
			}
		}
		if int(id.index) < len(c.messages) {
			f(i, c, &c.messages[id.index], id, now)
		}
	}
	s.schedule()
	s.wakePullers()
	if s.ready == 0 {
		signal(s.loadMore) // what was read ahead may have been acknowledged by old ids
	}
	return bad
}

// giveUp ends the lease of a message that was nacked or whose deadline passed,
// and decides what becomes of it.
func (s *subscription) giveUp(c *chunk, i int, now int64) {
	m := &c.messages[i]
	s.release(m)
	s.touch(c, now)
	if p := s.policy; p.maxAttempts > 0 && m.attempts >= p.maxAttempts {
		m.phase = phaseDying
		s.dying = append(s.dying, place{c, i})
		return
	}
	s.deliverAgain(c, i, now, s.policy.backoff(m.attempts))
}

func (s *subscription) deliverAgain(c *chunk, i int, now int64, delay time.Duration) {
	m := &c.messages[i]
	if delay > 0 {
		m.phase = phaseDelayed
		m.deadline = now + int64(delay)
		s.due.lower(c, m.deadline)
		return
	}
	m.phase = phaseReady
	c.ready++
	if c.payload != nil {
		s.ready++
		s.returned.push(place{c, i})
	} else if !c.reloading {
		c.reloading = true
		s.reload = append(s.reload, c)
	}
}

// expire gives up every lease that is due and ends every delay that is over.
func (s *subscription) expire(now int64) {
	for len(s.due) > 0 && s.due[0].due <= now {
		c := heap.Pop(&s.due).(*chunk)
		for i := range c.messages {
			m := &c.messages[i]
			if m.phase == phaseLeased && m.deadline <= now {
				s.giveUp(c, i, now)
			} else if m.phase == phaseDelayed && m.deadline <= now {
				s.deliverAgain(c, i, now, 0)
			}
			if m.phase == phaseLeased || m.phase == phaseDelayed {
				s.due.lower(c, m.deadline)
			}
		}
	}
	s.wakePullers()
}

package queue

const (
	// freshBytes is how much undelivered payload is read ahead of subscribers.
	freshBytes = 16 << 20
	// keptBytes is how much delivered payload is kept at hand for redelivery;
	// beyond it a redelivery reads the stream again.
	keptBytes = 16 << 20
)

// shelf holds what can be delivered now, in the order of delivery, and says how much
// payload stays in memory.
type shelf struct {
	fresh    fifo[*chunk] // chunks with fresh messages
	returned fifo[place]  // messages in phaseReady
	ready    int          // messages fresh or ready whose payload is at hand
	inFresh  int          // bytes of payload in chunks that have fresh messages
	held     int          // bytes of payload in memory
}

// add takes in a chunk that was just read.
func (s *shelf) add(c *chunk) {
	c.ready = c.open
	s.fresh.push(c)
	s.ready += c.ready
	s.inFresh += len(c.payload)
	s.held += len(c.payload)
}

// next finds the next message to deliver, redeliveries first, and nil if
// there is none. The caller leases it or puts it back.
func (s *shelf) next() (*chunk, int) {
	for s.returned.len() > 0 {
		at := s.returned.pop()
		if at.message().phase == phaseReady && at.chunk.payload != nil {
			return at.chunk, at.index
		}
	}
	return s.front()
}

// front finds the first fresh message, dropping chunks without one.
func (s *shelf) front() (*chunk, int) {
	for s.fresh.len() > 0 {
		c := s.fresh.peek()
		for ; c.next < len(c.messages); c.next++ {
			if c.messages[c.next].phase == phaseFresh {
				return c, c.next
			}
		}
		s.fresh.pop()
		s.inFresh -= c.bytes
	}
	return nil, 0
}

func (s *shelf) putBack(c *chunk, i int) {
	if c.messages[i].phase == phaseReady {
		s.returned.push(place{c, i})
	}
}

// hasRoom says whether more should be read ahead.
func (s *shelf) hasRoom() bool {
	s.front()
	return s.inFresh < freshBytes
}

// remove takes a message that is about to change phase out of the count of
// those that can be delivered.
func (s *shelf) remove(c *chunk, m *message) {
	if m.phase == phaseFresh || m.phase == phaseReady {
		c.ready--
		if c.payload != nil {
			s.ready--
		}
	}
}

// offer makes a message deliverable again. The result is false if the chunk's payload
// must be read first.
func (s *shelf) offer(c *chunk, i int) bool {
	c.messages[i].phase = phaseReady
	c.ready++
	if c.payload == nil {
		return false
	}
	s.ready++
	s.returned.push(place{c, i})
	return true
}

// restore brings back the payload of a chunk, and with it the messages that wait for it.
func (s *shelf) restore(c *chunk, payload []byte) {
	if c.payload == nil {
		c.payload = payload
		s.held += len(payload)
	}
	for i := range c.messages {
		if c.messages[i].phase == phaseReady {
			s.ready++
			s.returned.push(place{c, i})
		}
	}
}

// letGo frees the payload of a chunk that has nothing left to deliver, if much
// is kept already.
func (s *shelf) letGo(c *chunk) {
	if c.ready == 0 && c.payload != nil && s.held-s.inFresh > keptBytes {
		s.free(c)
	}
}

func (s *shelf) free(c *chunk) {
	s.held -= len(c.payload)
	c.payload = nil
}

// fifo is a first-in, first-out queue that reuses its memory.
type fifo[T any] struct {
	items []T
	head  int
}

func (q *fifo[T]) len() int { return len(q.items) - q.head }
func (q *fifo[T]) push(x T) { q.items = append(q.items, x) }
func (q *fifo[T]) peek() T  { return q.items[q.head] }
func (q *fifo[T]) pop() (x T) {
	var zero T
	x, q.items[q.head] = q.items[q.head], zero
	q.head++
	switch {
	case q.head == len(q.items):
		q.items, q.head = q.items[:0], 0
	case q.head > 64 && q.head > len(q.items)/2:
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	return x
}

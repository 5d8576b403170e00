package queue

import "time"

const (
	// MaxBatch is how many messages are delivered in one response.
	MaxBatch      = 1000
	maxBatchBytes = 4 << 20
)

// Delivery is one message on its way to a subscriber.
type Delivery struct {
	ID      AckID
	Message []byte // encoded PubsubMessage, not to be changed
}

// Take leases messages to p for the given time and appends them to dst: as many
// as p's flow control, a response's size and a fair share among the waiting
// pullers allow.
func (q *Queue) Take(p *Puller, dst []Delivery, limit int, lease time.Duration) []Delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.shelf.ready == 0 || p.full() || q.err != nil {
		return dst
	}
	now, size := q.now(), 0
	limit = p.room(min(limit, MaxBatch, q.pullers.share(q.shelf.ready)))
	expired := time.Now().Add(-q.policy.Retention).UnixNano()
	taken := 0
	for taken < limit && q.leases.out < maxLeases {
		c, i := q.shelf.next()
		if c == nil {
			break
		}
		m := &c.messages[i]
		if size > 0 && size+int(m.size) > maxBatchBytes || p.full() {
			q.shelf.putBack(c, i)
			break
		}
		if c.published < expired {
			q.drop(c)
			continue
		}
		q.shelf.remove(c, m)
		q.leases.grant(c, m, p, now+int64(lease))
		dst = q.deliver(dst, c, i, now)
		size += int(m.size)
		taken++
		q.shelf.letGo(c)
	}
	if q.shelf.hasRoom() {
		signal(q.loadMore)
	}
	if taken > 0 {
		q.wakePullers()
	}
	q.schedule()
	return dst
}

// deliver appends the present delivery of a message, and a second one if a fault asks for
// it.
func (q *Queue) deliver(dst []Delivery, c *chunk, i int, now int64) []Delivery {
	m := &c.messages[i]
	if m.attempts > 1 {
		q.journal.touch(c, now)
	}
	dst = append(dst, q.delivery(c, i))
	if m.attempts == 1 && q.options.Twice() {
		m.attempts++
		q.journal.touch(c, now)
		dst = append(dst, q.delivery(c, i))
	}
	return dst
}

func (q *Queue) delivery(c *chunk, i int) Delivery {
	return Delivery{
		ID:      AckID{incarnation: q.incarnation, seq: c.seq, index: uint16(i), lease: c.messages[i].attempts},
		Message: c.encoded(i),
	}
}

package queue

import (
	"container/heap"
	"math"
)

// leases knows the messages that wait for a deadline: those that are out on a lease, and
// those that rest before their next delivery.
type leases struct {
	out int // messages on a lease
	due deadlines
}

// grant leases a message to p.
func (l *leases) grant(c *chunk, m *message, p *Puller, until int64) {
	m.attempts++
	m.phase = phaseLeased
	m.holder = p
	p.messages++
	p.bytes += int64(m.size)
	l.out++
	l.extend(c, m, until)
}

// extend moves a deadline.
func (l *leases) extend(c *chunk, m *message, until int64) {
	m.deadline = until
	l.due.lower(c, until)
}

// release ends a lease. What becomes of the message is the caller's to say.
func (l *leases) release(m *message) {
	m.holder.messages--
	m.holder.bytes -= int64(m.size)
	m.holder = nil
	l.out--
}

// rest lets a message wait for its next delivery.
func (l *leases) rest(c *chunk, m *message, until int64) {
	m.phase = phaseDelayed
	l.extend(c, m, until)
}

// next is when the first deadline can be.
func (l *leases) next() int64 {
	if len(l.due) == 0 {
		return math.MaxInt64
	}
	return l.due[0].due
}

// expired takes out the first chunk that may have a deadline in the past, nil if there is none.
// watch puts it back.
func (l *leases) expired(now int64) *chunk {
	if l.next() > now {
		return nil
	}
	return heap.Pop(&l.due).(*chunk)
}

// watch puts a chunk whose messages were looked through back.
func (l *leases) watch(c *chunk) {
	for i := range c.messages {
		if m := &c.messages[i]; m.phase == phaseLeased || m.phase == phaseDelayed {
			l.due.lower(c, m.deadline)
		}
	}
}

// deadlines is a heap of the chunks that hold a lease or a delay, by due. A
// chunk's due is only a lower bound: extending a lease, which subscribers do all
// the time, touches the message alone, and the chunk is looked through when its
// bound is reached. That makes extensions free, at the price of one look per
// chunk and deadline.
type deadlines []*chunk

func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, j int) bool { return d[i].due < d[j].due }
func (d deadlines) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].slot, d[j].slot = i, j
}

// Push implements heap.Interface.
func (d *deadlines) Push(x any) {
	c := x.(*chunk)
	c.slot = len(*d)
	*d = append(*d, c)
}

// Pop implements heap.Interface.
func (d *deadlines) Pop() any {
	last := len(*d) - 1
	c := (*d)[last]
	(*d)[last] = nil
	*d = (*d)[:last]
	c.slot = -1
	return c
}

// lower makes sure that c is looked at by due.
func (d *deadlines) lower(c *chunk, due int64) {
	switch {
	case c.slot < 0:
		c.due = due
		heap.Push(d, c)
	case due < c.due:
		c.due = due
		heap.Fix(d, c.slot)
	}
}

func (d *deadlines) remove(c *chunk) {
	if c.slot >= 0 {
		heap.Remove(d, c.slot)
	}
}

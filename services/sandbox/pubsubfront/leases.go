package pubsubfront

import "container/heap"

// phase is where a message stands.
type phase uint8

const (
	phaseFresh   phase = iota // never delivered by this process
	phaseReady                // to be delivered again
	phaseLeased               // with a subscriber until its deadline
	phaseDelayed              // to be delivered again at its deadline
	phaseDying                // on its way to the dead-letter topic
	phaseDone                 // acknowledged
)

// message is the state of one message of a chunk. There can be a million of
// them, so it is kept small.
type message struct {
	offset, size uint32 // in the chunk's payload
	attempts     uint32 // deliveries so far; also the number of the present lease
	phase        phase
	deadline     int64   // of the lease or of the delay, on the subscription's clock
	holder       *puller // who holds the lease
}

// chunk is a stored Publish request, of which at least one message is not done.
type chunk struct {
	seq       uint64 // in the subscription's stream
	reply     string // where JetStream awaits the acknowledgement
	published int64  // Unix nanoseconds
	payload   []byte // nil when let go to save memory
	bytes     int    // length of the payload
	messages  []message
	next      int // first message that may still be fresh
	open      int // messages not done
	ready     int // messages fresh or ready

	reloading bool  // payload is being read again
	dirty     bool  // in the subscription's list of changed chunks
	changed   int64 // since when it is dirty
	recorded  bool  // a progress record of it exists

	due  int64 // no message's deadline is earlier
	slot int   // position in the heap, -1 if not in it
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
	old := *d
	c := old[len(old)-1]
	old[len(old)-1] = nil
	*d = old[:len(old)-1]
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

// place is one message.
type place struct {
	chunk *chunk
	index int
}

// queue is a first-in, first-out queue that reuses its memory.
type queue[T any] struct {
	items []T
	head  int
}

func (q *queue[T]) len() int { return len(q.items) - q.head }
func (q *queue[T]) push(x T) { q.items = append(q.items, x) }
func (q *queue[T]) peek() T  { return q.items[q.head] }
func (q *queue[T]) pop() (x T) {
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

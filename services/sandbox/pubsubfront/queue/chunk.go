package queue

import (
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

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
	deadline     int64   // of the lease or of the delay, on the queue's clock
	holder       *Puller // who holds the lease
}

// chunk is a stored Publish request with at least one message that is not done.
type chunk struct {
	seq       uint64 // in the queue's stream
	receipt   string // acknowledges it to the store
	published int64  // Unix nanoseconds
	payload   []byte // nil when let go to save memory
	bytes     int    // length of the payload
	messages  []message
	next      int // first message that may still be fresh
	open      int // messages not done
	ready     int // messages fresh or ready

	reloading bool  // payload is being read again
	dirty     bool  // in the journal's list of changed chunks
	changed   int64 // since when it is dirty
	recorded  bool  // a progress record of it exists

	due  int64 // no message's deadline is earlier
	slot int   // position in the heap of leases, -1 if not in it
}

// newChunk reads a stored chunk, all of whose messages are fresh.
func newChunk(a store.Arrival) (*chunk, error) {
	head, err := store.ReadChunk(a.Payload)
	if err != nil {
		return nil, err
	}
	c := &chunk{
		seq: a.Seq, receipt: a.Receipt, published: head.Published, payload: a.Payload, bytes: len(a.Payload),
		messages: make([]message, head.Messages), open: head.Messages, slot: -1,
	}
	err = head.Each(func(i int, offset, size uint32) { c.messages[i] = message{offset: offset, size: size} })
	if err != nil {
		return nil, err
	}
	return c, nil
}

// encoded is a message as it is delivered. The payload must be at hand.
func (c *chunk) encoded(i int) []byte {
	m := &c.messages[i]
	return c.payload[m.offset : m.offset+m.size : m.offset+m.size]
}

// sieve marks what a filter keeps back as acknowledged, which is what the real service
// does with it. It returns how many messages the filter lets through, acknowledged or not.
func (c *chunk) sieve(keep func([]byte) bool) (kept int) {
	if keep == nil {
		return len(c.messages)
	}
	for i := range c.messages {
		if keep(c.encoded(i)) {
			kept++
		} else if m := &c.messages[i]; m.phase != phaseDone {
			m.phase = phaseDone
			c.open--
		}
	}
	return kept
}

// index knows the chunks that a queue has in hand, and which ones it takes in.
type index struct {
	chunks    map[uint64]*chunk
	loaded    uint64 // the last chunk that was read
	forgotten uint64 // chunks up to it are not taken in any more (rewind.go)
	seekTo    int64  // messages published before this time are dropped
}

// place is one message.
type place struct {
	chunk *chunk
	index int
}

func (p place) message() *message { return &p.chunk.messages[p.index] }

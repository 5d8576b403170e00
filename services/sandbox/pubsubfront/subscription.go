package pubsubfront

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// freshBytes is how much undelivered payload is read ahead of subscribers.
	freshBytes = 16 << 20
	// keptBytes is how much delivered payload is kept at hand for redelivery;
	// beyond it a redelivery reads the stream again.
	keptBytes = 16 << 20
	// maxLeases bounds the messages that are out on a lease; with so many out
	// a subscription delivers no more until some are acknowledged.
	maxLeases = 1_000_000

	maxResponseMessages = 1000
	maxResponseBytes    = 4 << 20
)

// subscription holds the state of the messages of one subscription that are
// out for delivery or soon will be. The backlog beyond that stays in JetStream.
//
// Methods may be called concurrently; mu guards everything below it.
type subscription struct {
	name        string
	key         string // names the stream
	incarnation uint32 // the key's first half, as it stands in ack ids
	engine      *engine
	stream      jetstream.Stream
	progress    *table
	republish   func(ctx context.Context, topic string, msg *pubsubpb.PubsubMessage) error
	twice       func(subscription string) bool // Config.Twice
	again       func(subscription string) bool // Config.Again
	epoch       time.Time                      // zero of the clock of deadlines

	stop     context.CancelFunc
	stopped  sync.WaitGroup
	gone     chan struct{} // closed when deleted or shut down
	kick     chan struct{} // wakes the keeper (keeper.go)
	loadMore chan struct{} // wakes the loader (loader.go)

	opened    int64        // Unix nanoseconds; chunks of an earlier process are older
	unread    atomic.Int64 // messages published since then and not read from the stream
	inherited atomic.Int64 // chunks of an earlier process, likewise

	mu       sync.Mutex
	goneErr  error
	config   *pubsubpb.Subscription // replaced, never changed
	policy   policy
	seekTo   int64 // messages published before this Unix time are dropped
	chunks   map[uint64]*chunk
	fresh    queue[*chunk] // chunks with fresh messages
	returned queue[place]  // messages in phaseReady
	ready    int           // messages fresh or ready whose payload is at hand
	leases   int
	inFresh  int // bytes of payload in chunks that have fresh messages
	held     int // bytes of payload in memory
	due      deadlines
	wake     int64             // when the keeper will look next
	reload   []*chunk          // chunks whose payload must be read again
	dying    []place           // messages to be dead-lettered
	changed  []*chunk          // chunks whose progress may need recording
	finished []*chunk          // recorded chunks that are done
	records  map[uint64]record // progress found at the start
	pullers  []*puller
	lastAck  string // the latest acknowledgement sent to JetStream
}

// puller is one StreamingPull, or one Pull while it waits. The subscription's
// mu guards it.
type puller struct {
	maxMessages, maxBytes int64 // outstanding; no limit if not positive
	messages, bytes       int64 // outstanding
	wake                  chan struct{}
}

func (p *puller) full() bool {
	return p.maxMessages > 0 && p.messages >= p.maxMessages || p.maxBytes > 0 && p.bytes >= p.maxBytes
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// delivery is one message on its way to a subscriber.
type delivery struct {
	id      ackID
	message []byte // encoded PubsubMessage
}

func (s *subscription) now() int64 { return int64(time.Since(s.epoch)) }

func (s *subscription) attach(maxMessages, maxBytes int64) *puller {
	p := &puller{maxMessages: maxMessages, maxBytes: maxBytes, wake: make(chan struct{}, 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pullers = append(s.pullers, p)
	signal(s.loadMore)
	return p
}

// detach ends p's claim to messages. What it holds stays leased until its
// deadlines pass, as in the real service.
func (s *subscription) detach(p *puller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, q := range s.pullers {
		if q == p {
			s.pullers = append(s.pullers[:i], s.pullers[i+1:]...)
			break
		}
	}
	s.wakePullers() // p may have been woken for messages that it did not take
}

func (s *subscription) wakePullers() {
	if s.ready == 0 {
		return
	}
	for _, p := range s.pullers {
		if !p.full() {
			signal(p.wake)
		}
	}
}

// load takes in a chunk that JetStream delivered. done is true if nothing in it
// needs delivery, so that it should be acknowledged to JetStream at once.
func (s *subscription) load(seq uint64, reply string, payload []byte) (done bool, err error) {
	published, messages, err := decodeChunk(payload)
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.chunks[seq]; old != nil {
		old.reply = reply
		return false, nil
	}
	if published < s.opened {
		s.inherited.Add(-1)
	} else {
		s.unread.Add(-int64(len(messages)))
	}
	rec, recorded := s.records[seq]
	delete(s.records, seq)
	c := &chunk{seq: seq, reply: reply, published: published, payload: payload, bytes: len(payload),
		messages: messages, open: len(messages), recorded: recorded, slot: -1}
	rec.apply(c)
	s.sieve(c)
	if published < s.seekTo || c.open == 0 {
		if recorded {
			s.finished = append(s.finished, c)
		}
		return true, nil
	}
	c.ready = c.open
	s.chunks[seq] = c
	s.fresh.push(c)
	s.ready += c.ready
	s.inFresh += len(payload)
	s.held += len(payload)
	s.wakePullers()
	return false, nil
}

// sieve marks what the subscription's filter keeps back as acknowledged, which
// is what the real service does with it.
func (s *subscription) sieve(c *chunk) {
	if s.policy.filter.root == nil {
		return
	}
	for i := range c.messages {
		m := &c.messages[i]
		if m.phase != phaseDone && !s.policy.filter.matches(c.payload[m.offset:m.offset+m.size]) {
			m.phase = phaseDone
			c.open--
		}
	}
}

// wantsMore says whether the loader should read on.
func (s *subscription) wantsMore() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.front()
	return len(s.pullers) > 0 && s.inFresh < freshBytes
}

// take leases messages to p for the given time and appends them to dst: as many
// as p's flow control, a response's size and a fair share among the waiting
// pullers allow.
func (s *subscription) take(p *puller, dst []delivery, limit int, lease time.Duration) []delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready == 0 || p.full() || s.goneErr != nil {
		return dst
	}
	now, size := s.now(), 0
	limit = min(limit, s.share())
	if p.maxMessages > 0 {
		limit = min(limit, int(min(p.maxMessages-p.messages, maxResponseMessages)))
	}
	expired := time.Now().Add(-s.policy.retention).UnixNano()
	taken := 0
	for taken < limit && s.leases < maxLeases {
		c, i := s.nextReady()
		if c == nil {
			break
		}
		m := &c.messages[i]
		if size > 0 && size+int(m.size) > maxResponseBytes || p.full() {
			s.putBack(c, i)
			break
		}
		if c.published < expired {
			s.drop(c)
			continue
		}
		s.unready(c, m)
		m.attempts++
		m.phase = phaseLeased
		m.holder = p
		m.deadline = now + int64(lease)
		p.messages++
		p.bytes += int64(m.size)
		s.leases++
		s.due.lower(c, m.deadline)
		if m.attempts > 1 {
			s.touch(c, now)
		}
		dst = append(dst, s.delivery(c, i))
		if m.attempts == 1 && s.twice(s.name) {
			m.attempts++
			s.touch(c, now)
			dst = append(dst, s.delivery(c, i))
		}
		size += int(m.size)
		taken++
		s.letGo(c)
	}
	if s.front(); s.inFresh < freshBytes {
		signal(s.loadMore)
	}
	if taken > 0 {
		s.wakePullers()
	}
	s.schedule()
	return dst
}

// delivery is the present delivery of a message.
func (s *subscription) delivery(c *chunk, i int) delivery {
	m := &c.messages[i]
	return delivery{
		id:      ackID{incarnation: s.incarnation, seq: c.seq, index: uint16(i), lease: m.attempts},
		message: c.payload[m.offset : m.offset+m.size : m.offset+m.size],
	}
}

// share is how many of the ready messages one puller may take at a time, so that
// a small burst does not all go to whoever woke first.
func (s *subscription) share() int {
	eager := 0
	for _, p := range s.pullers {
		if !p.full() {
			eager++
		}
	}
	return max(1, (s.ready+eager-1)/max(1, eager))
}

// nextReady finds the next message to deliver, redeliveries first, and nil if
// there is none. The caller leases it or puts it back.
func (s *subscription) nextReady() (*chunk, int) {
	for s.returned.len() > 0 {
		at := s.returned.pop()
		if at.chunk.messages[at.index].phase == phaseReady && at.chunk.payload != nil {
			return at.chunk, at.index
		}
	}
	return s.front()
}

// front finds the first fresh message, dropping chunks without one from the queue.
func (s *subscription) front() (*chunk, int) {
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

func (s *subscription) putBack(c *chunk, i int) {
	if c.messages[i].phase == phaseReady {
		s.returned.push(place{c, i})
	}
}

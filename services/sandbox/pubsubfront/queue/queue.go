// Package queue delivers the messages of one subscription: what is read ahead of its
// subscribers, who holds which message until when, what becomes of a message after its
// delivery, and what of that a restart must know. It works on chunks that package store
// keeps. Topics, settings and requests are the business of the front, which tells a queue
// its policy and is told of dead letters.
//
// The backlog beyond what is out for delivery, or soon will be, stays in the store.
package queue

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

// maxLeases bounds the messages that are out on a lease; with so many out
// a subscription delivers no more until some are acknowledged.
const maxLeases = 1_000_000

// Policy is what a subscription's settings mean for its messages.
type Policy struct {
	Retention time.Duration
	// Retry says whether a message rests before it is delivered again: MinBackoff,
	// doubling each time, up to MaxBackoff.
	Retry                  bool
	MinBackoff, MaxBackoff time.Duration
	// MaxAttempts is how often a message is delivered before it becomes a dead letter;
	// 0 if it never does.
	MaxAttempts uint32
	// Keep says whether an encoded message is delivered at all; nil delivers all.
	Keep func(message []byte) bool
}

// backoff is how long a message rests after that many deliveries.
func (p Policy) backoff(attempts uint32) time.Duration {
	if !p.Retry {
		return 0
	}
	d := p.MinBackoff
	for range attempts - 1 {
		if d >= p.MaxBackoff || d == 0 {
			break
		}
		d *= 2
	}
	return min(d, p.MaxBackoff)
}

// Options are what a queue needs to know. Twice, Again and Bury may be called concurrently.
type Options struct {
	Name     string // of the subscription, for the log
	Key      string // names the stream: hexadecimal, of at least 4 bytes
	Policy   Policy
	SeekTo   int64        // messages published before this time (Unix nanoseconds) are dropped
	Progress *store.Table // of the kind ProgressKind, for all queues of a store
	Logger   *slog.Logger
	// Twice is asked when a message is first delivered: true delivers it twice at once.
	// Again is asked when its only delivery is acknowledged: true delivers it once more.
	Twice, Again func() bool
	// Bury sends an encoded message that was delivered so often to where dead letters go.
	// If it fails the message is delivered again.
	Bury func(ctx context.Context, message []byte, attempts uint32) error
}

// Queue is the messages of one subscription. Methods may be called concurrently. Each
// part below mu owns its own state and expects mu to be held.
type Queue struct {
	log         *slog.Logger
	incarnation uint32 // the key's first half, as it stands in ack ids
	stream      *store.Queue
	options     Options
	epoch       time.Time // zero of the clock of deadlines

	stop     context.CancelFunc
	stopped  sync.WaitGroup
	gone     chan struct{} // closed when deleted or shut down
	loadMore chan struct{} // wakes the loader (loader.go)
	receipts receipts
	arrivals arrivals
	admits   func(message []byte) bool // the policy's Keep as it was at first: a filter cannot be changed

	mu      sync.Mutex
	err     error // why it is gone
	policy  Policy
	index   index
	shelf   shelf
	leases  leases
	pullers pullers
	chores  chores
	journal journal
	done    int64 // messages acknowledged by this process
}

// Open opens or creates a queue's stream, reads back what an earlier process knew of it,
// and sets its goroutines going. ctx bounds the opening alone.
func Open(ctx context.Context, s *store.Store, o Options) (*Queue, error) {
	incarnation, err := incarnationOf(o.Key)
	if err != nil {
		return nil, err
	}
	stream, err := s.OpenQueue(ctx, o.Key, o.Policy.Retention)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	q := &Queue{
		log: o.Logger.With("subscription", o.Name), incarnation: incarnation, stream: stream, options: o, epoch: now,
		gone: make(chan struct{}), loadMore: make(chan struct{}, 1),
		receipts: receipts{store: s}, arrivals: arrivals{opened: now.UnixNano()},
		policy: o.Policy, admits: o.Policy.Keep,
		index:   index{seekTo: o.SeekTo, chunks: make(map[uint64]*chunk)},
		chores:  chores{kick: make(chan struct{}, 1), wake: math.MaxInt64},
		journal: journal{table: o.Progress, key: o.Key},
	}
	q.journal.log = q.log
	if err := q.journal.read(ctx, stream); err != nil {
		return nil, err
	}
	q.arrivals.inherited.Store(int64(stream.Opened().Chunks))
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	q.stop = stop
	q.stopped.Add(2)
	go q.runLoader(run)
	go q.runKeeper(run)
	return q, nil
}

func incarnationOf(key string) (uint32, error) {
	b, err := hex.DecodeString(key)
	if err != nil || len(b) < 4 {
		return 0, fmt.Errorf("subscription key %.32q is damaged", key)
	}
	return binary.BigEndian.Uint32(b), nil
}

// Close ends the queue's goroutines and turns its pullers away with err, which Err gives
// from then on.
func (q *Queue) Close(err error) {
	q.mu.Lock()
	if q.err == nil {
		q.err = err
		close(q.gone)
	}
	q.mu.Unlock()
	q.stop()
	q.stopped.Wait()
}

// Gone is closed when the queue is.
func (q *Queue) Gone() <-chan struct{} { return q.gone }

// Err says why the queue is gone, nil as long as it is not.
func (q *Queue) Err() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.err
}

// Flush brings everything that a closed queue knows to the store, for the next process.
func (q *Queue) Flush(ctx context.Context) error {
	q.mu.Lock()
	entries := q.journal.takeAll()
	q.mu.Unlock()
	q.journal.write(ctx, entries)
	return q.receipts.settle(ctx)
}

// SetPolicy replaces the policy. The stream's retention is the store's to change.
func (q *Queue) SetPolicy(p Policy) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.policy = p
}

// DeleteProgress removes what the progress table holds of a queue that is no more.
func DeleteProgress(ctx context.Context, progress *store.Table, key string) error {
	return progress.Remove(ctx, progressSubjects(key))
}

func (q *Queue) now() int64 { return int64(time.Since(q.epoch)) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

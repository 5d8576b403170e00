package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	queuePrefix   = "QUEUE_"
	queueSubjects = "queue."
)

func queueName(key string) string { return queuePrefix + key }

// QueueSubject is where a queue's chunks are published.
func QueueSubject(key string) string { return queueSubjects + key }

// Queue is the stream of one subscription: the chunks that are not acknowledged.
type Queue struct {
	store  *Store
	key    string
	stream jetstream.Stream
}

// OpenQueue creates the stream of a subscription or updates its retention.
func (s *Store) OpenQueue(ctx context.Context, key string, retention time.Duration) (*Queue, error) {
	stream, err := s.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:        queueName(key),
		Subjects:    []string{QueueSubject(key)},
		Retention:   jetstream.WorkQueuePolicy,
		Storage:     jetstream.FileStorage,
		MaxAge:      retention,
		AllowDirect: true,
		// Publish requests are not deduplicated; a short window keeps JetStream
		// from remembering ids that are never sent.
		Duplicates: time.Second,
	})
	if err != nil {
		return nil, fmt.Errorf("open stream %s: %w", queueName(key), err)
	}
	return &Queue{store: s, key: key, stream: stream}, nil
}

// DeleteQueue deletes the stream of a subscription.
func (s *Store) DeleteQueue(ctx context.Context, key string) error {
	return s.deleteStream(ctx, queueName(key))
}

// QueueState is what a queue's stream holds.
type QueueState struct {
	Chunks      uint64
	First, Last uint64    // numbers of its chunks; Last is before First if there are none
	Oldest      time.Time // when the first was stored
}

// Holds tells whether a chunk of the number can be in the queue.
func (s QueueState) Holds(seq uint64) bool { return s.First <= seq && seq <= s.Last }

// Opened is what the queue held when it was opened.
func (q *Queue) Opened() QueueState { return stateOf(q.stream.CachedInfo()) }

// State asks what the queue holds.
func (q *Queue) State(ctx context.Context) (QueueState, error) {
	info, err := q.stream.Info(ctx)
	if err != nil {
		return QueueState{}, fmt.Errorf("look at stream %s: %w", queueName(q.key), err)
	}
	return stateOf(info), nil
}

func stateOf(info *jetstream.StreamInfo) QueueState {
	s := info.State
	return QueueState{Chunks: s.Msgs, First: s.FirstSeq, Last: s.LastSeq, Oldest: s.FirstTime}
}

// Chunk reads one chunk again. The error is ErrNotFound if its retention is over.
func (q *Queue) Chunk(ctx context.Context, seq uint64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, RequestTimeout)
	defer cancel()
	m, err := q.stream.GetMsg(ctx, seq)
	if err != nil {
		return nil, found(err)
	}
	return m.Data, nil
}

// Next reads the first chunk whose number is seq or a higher one. The error is
// ErrNotFound if there is none.
func (q *Queue) Next(ctx context.Context, seq uint64) (at uint64, payload []byte, err error) {
	m, err := q.stream.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(QueueSubject(q.key)))
	if err != nil {
		return 0, nil, fmt.Errorf("read stream %s: %w", queueName(q.key), found(err))
	}
	return m.Sequence, m.Data, nil
}

// found gives an absence of JetStream's this package's name.
func found(err error) error {
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return ErrNotFound
	}
	return err
}

// Append puts chunks to the end of the queue.
func (q *Queue) Append(ctx context.Context, chunks [][]byte) error {
	return q.store.Publish(ctx, []string{QueueSubject(q.key)}, chunks)
}

// Truncate deletes the chunks up to a number, that one included.
func (q *Queue) Truncate(ctx context.Context, last uint64) error {
	if err := q.stream.Purge(ctx, jetstream.WithPurgeSequence(last+1)); err != nil {
		return fmt.Errorf("purge stream %s: %w", queueName(q.key), err)
	}
	return nil
}

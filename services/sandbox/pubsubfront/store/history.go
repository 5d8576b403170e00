package store

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A topic that retains messages, and a subscription that retains acknowledged ones, has
// a second stream beside the queues: its history, to which each Publish goes too, and
// from which nothing goes but by age.

const (
	historyPrefix   = "HISTORY_"
	historySubjects = "history."
)

func historyName(key string) string { return historyPrefix + key }

// HistorySubject is where a history's chunks are published.
func HistorySubject(key string) string { return historySubjects + key }

// OpenHistory creates a history or updates how long it keeps messages.
func (s *Store) OpenHistory(ctx context.Context, key string, retention time.Duration) error {
	_, err := s.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:       historyName(key),
		Subjects:   []string{HistorySubject(key)},
		Storage:    jetstream.FileStorage,
		MaxAge:     retention,
		Duplicates: time.Second,
	})
	if err != nil {
		return fmt.Errorf("open stream %s: %w", historyName(key), err)
	}
	return nil
}

// DeleteHistory deletes a history, if there is one.
func (s *Store) DeleteHistory(ctx context.Context, key string) error {
	return s.deleteStream(ctx, historyName(key))
}

// replayBatch is how many chunks are in memory at a time while a history is copied.
const replayBatch = 16

// Replay reads a history from a time on (Unix nanoseconds) and returns since when it is
// whole. Chunks of one batch are handed to put together.
func (s *Store) Replay(ctx context.Context, key string, from int64, put func([][]byte) error) (whole int64, err error) {
	stream, err := s.js.Stream(ctx, historyName(key))
	if err != nil {
		return 0, fmt.Errorf("open history: %w", err)
	}
	info := stream.CachedInfo()
	whole = max(info.Created.UnixNano(), time.Now().Add(-info.Config.MaxAge).UnixNano())
	// A chunk is stored after its time was taken, so that none is missed.
	start := time.Unix(0, from)
	consumer, err := stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, DeliverPolicy: jetstream.DeliverByStartTimePolicy, OptStartTime: &start,
		MemoryStorage: true, InactiveThreshold: 2 * RequestTimeout,
	})
	if err != nil {
		return 0, fmt.Errorf("read history: %w", err)
	}
	defer func() {
		if gone := stream.DeleteConsumer(context.WithoutCancel(ctx), consumer.CachedInfo().Name); err == nil {
			err = gone
		}
	}()
	for left := consumer.CachedInfo().NumPending; left > 0; {
		batch, err := consumer.Fetch(int(min(left, replayBatch)), jetstream.FetchMaxWait(RequestTimeout))
		if err != nil {
			return 0, fmt.Errorf("read history: %w", err)
		}
		var chunks [][]byte
		got := uint64(0)
		for m := range batch.Messages() {
			got++
			if c, err := ReadChunk(m.Data()); err == nil && c.Published >= from {
				chunks = append(chunks, m.Data())
			}
		}
		if err := batch.Error(); err != nil {
			return 0, fmt.Errorf("read history: %w", err)
		}
		if got == 0 {
			break // the rest was too old by now
		}
		if err := put(chunks); err != nil {
			return 0, err
		}
		left -= min(left, got)
	}
	return whole, nil
}

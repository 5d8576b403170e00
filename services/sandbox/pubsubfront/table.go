package pubsubfront

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// openTable opens a stream that keeps the last value of each of its subjects,
// for what the front itself has to remember.
func (e *engine) openTable(ctx context.Context, name, subjects string, maxAge time.Duration) (*table, error) {
	stream, err := e.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:              name,
		Subjects:          []string{subjects},
		Storage:           jetstream.FileStorage,
		MaxMsgsPerSubject: 1,
		MaxAge:            maxAge,
		Duplicates:        time.Second,
	})
	if err != nil {
		return nil, fmt.Errorf("open stream %s: %w", name, err)
	}
	return &table{js: e.js, stream: stream}, nil
}

// table is a stream used as a map from subject to value.
type table struct {
	js     jetstream.JetStream
	stream jetstream.Stream
}

func (t *table) put(ctx context.Context, subject string, value []byte) error {
	if _, err := t.js.Publish(ctx, subject, value); err != nil {
		return fmt.Errorf("store %s: %w", subject, err)
	}
	return nil
}

// remove leaves nothing behind; subject may be a pattern.
func (t *table) remove(ctx context.Context, subject string) error {
	if err := t.stream.Purge(ctx, jetstream.WithPurgeSubject(subject)); err != nil {
		return fmt.Errorf("remove %s: %w", subject, err)
	}
	return nil
}

// each calls f for every value whose subject matches pattern.
func (t *table) each(ctx context.Context, pattern string, f func(subject string, value []byte) error) error {
	for seq := uint64(1); ; {
		m, err := t.stream.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(pattern))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", pattern, err)
		}
		if err := f(m.Subject, m.Data); err != nil {
			return err
		}
		seq = m.Sequence + 1
	}
}

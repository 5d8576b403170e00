package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Table is a stream used as a map from subject to value.
type Table struct {
	store  *Store
	stream jetstream.Stream
}

// tableName is the stream of the table that holds the subjects kind.>
func tableName(kind string) string { return strings.ToUpper(kind) }

// OpenTable opens a stream that keeps the last value of each of the subjects kind.>, for
// as long as maxAge if it is not zero.
func (s *Store) OpenTable(ctx context.Context, kind string, maxAge time.Duration) (*Table, error) {
	name := tableName(kind)
	stream, err := s.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:              name,
		Subjects:          []string{kind + ".>"},
		Storage:           jetstream.FileStorage,
		MaxMsgsPerSubject: 1,
		MaxAge:            maxAge,
		Duplicates:        time.Second,
	})
	if err != nil {
		return nil, fmt.Errorf("open stream %s: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables = append(s.tables, name)
	return &Table{store: s, stream: stream}, nil
}

// Put stores a value and returns when it is written.
func (t *Table) Put(ctx context.Context, subject string, value []byte) error {
	if err := t.store.Publish(ctx, []string{subject}, [][]byte{value}); err != nil {
		return fmt.Errorf("store %s: %w", subject, err)
	}
	return nil
}

// Remove leaves nothing behind; subject may be a pattern.
func (t *Table) Remove(ctx context.Context, subject string) error {
	if err := t.stream.Purge(ctx, jetstream.WithPurgeSubject(subject)); err != nil {
		return fmt.Errorf("remove %s: %w", subject, err)
	}
	return nil
}

// Each calls f for every value whose subject matches pattern.
func (t *Table) Each(ctx context.Context, pattern string, f func(subject string, value []byte) error) error {
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

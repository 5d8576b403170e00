package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Store is what exists: buckets, objects, notification configs and undelivered
// events, in memory and in the journal. Its lock is held for memory and one
// journal write, never while bodies move. Methods may be called concurrently.
type Store struct {
	now      func() time.Time
	log      *slog.Logger
	lock     *dirLock
	blobs    *blobs
	sessions *sessions
	outbox   *outbox
	deliver  func(*Event) // must not block; nil: events are not kept

	mu       sync.RWMutex
	journal  *journal
	buckets  map[string]*bucket
	pending  map[int64]*Event
	counters counters
	expired  time.Time // when soft-deleted objects were last looked through

	compaction compaction
}

// Open reads the data folder dir back, or makes it, and repairs what a crash left. One
// store at a time uses a folder. now is the clock, log is told of what was lost and of
// what is tried again. ctx only goes to the log.
func Open(ctx context.Context, dir string, now func() time.Time, log *slog.Logger) (_ *Store, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	s := &Store{now: now, log: log, buckets: map[string]*bucket{}, pending: map[int64]*Event{}}
	if s.lock, err = lockDir(dir); err != nil {
		return nil, fmt.Errorf("%s is in use: %w", dir, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	s.compaction.threshold = compactAfter
	s.compaction.report = func(err error) { log.ErrorContext(ctx, "journal not compacted", "error", err) }
	if err := s.load(dir); err != nil {
		return nil, err
	}
	if s.sessions, err = openSessions(s, filepath.Join(dir, "uploads")); err != nil {
		return nil, err
	}
	return s, nil
}

// Close ends the store; no call may be under way. Undelivered events stay for the next start.
func (s *Store) Close() error {
	if s.outbox != nil {
		s.outbox.close()
	}
	var errs []error
	if s.journal != nil {
		s.compaction.tasks.Wait()
		errs = append(errs, s.closeJournal())
	}
	if s.sessions != nil {
		s.sessions.close()
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// closeJournal ends writing.
func (s *Store) closeJournal() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal.broken = errors.New("the server is closed") // and so is the file, which cannot be mended
	if err := s.journal.file.Close(); err != nil {
		return fmt.Errorf("close the journal: %w", err)
	}
	return nil
}

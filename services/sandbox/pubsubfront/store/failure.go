package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
)

const (
	// doubtAfter is how long JetStream may take to answer before its stream is
	// examined.
	doubtAfter = 500 * time.Millisecond
	// roomBytes is the largest chunk, and some for JetStream's own files.
	roomBytes = maxChunkBytes + 1<<20
)

var errWrite = errors.New("jetstream failed to write")

// Alive is a context that ends, with the fault as its cause, when JetStream has failed to
// write. A stream that could not write, for instance because the disk is full, never
// writes again, and does not answer either: the store must be closed and started anew.
func (s *Store) Alive() context.Context { return s.alive }

// examine asks whether the stream of a subject has failed, and if so ends the store.
func (s *Store) examine(subject string) {
	health := s.server.Healthz(&natsserver.HealthzOptions{Account: natsserver.DEFAULT_GLOBAL_ACCOUNT, Stream: streamOf(subject), Details: true})
	for _, fault := range health.Errors {
		if fault.Type == natsserver.HealthzErrorStream {
			s.fail(fmt.Errorf("%w: %s", errWrite, fault.Error))
			return
		}
	}
}

// streamOf is the stream that keeps what is published to a subject.
func streamOf(subject string) string {
	kind, key, _ := strings.Cut(subject, ".")
	switch kind + "." {
	case queueSubjects:
		return queueName(key)
	case historySubjects:
		return historyName(key)
	}
	return tableName(kind)
}

// Room says whether the largest chunk can be written in dir.
func Room(dir string) (err error) {
	path := filepath.Join(dir, "room")
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("look for room: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(path)) }()
	if _, err := f.Write(make([]byte, roomBytes)); err != nil {
		return fmt.Errorf("look for room: %w", err)
	}
	return nil
}

// Package store keeps what the Pub/Sub front has to remember in NATS JetStream, which runs
// inside the process and listens on no port. It knows streams and bytes: a queue for each
// subscription, histories, and tables for records. What a message's delivery means is the
// business of package queue, and what a topic is that of the front.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Store is a running JetStream. Its methods may be called concurrently.
type Store struct {
	server *natsserver.Server
	// Chunks are written over one connection and read over another, so that a
	// reader of a long backlog does not delay a publisher.
	writes, reads *nats.Conn
	js            jetstream.JetStream
	log           *slog.Logger
	// alive ends when JetStream has failed to write (failure.go).
	alive context.Context
	fail  context.CancelCauseFunc

	mu     sync.Mutex
	tables []string // streams of the tables that were opened
}

const (
	// StartTimeout bounds a start, also of what is read back at it.
	StartTimeout = 30 * time.Second
	// RequestTimeout bounds one JetStream request: they are local, and a slower one
	// means a disk that hangs.
	RequestTimeout = 30 * time.Second
	// maxInFlight bounds the chunks that wait for JetStream's acknowledgement.
	maxInFlight = 1 << 14
)

// ErrNotFound is the error for a message that its stream does not hold any more.
var ErrNotFound = errors.New("not in the stream")

// Start opens the files in dir, which one process at a time may use.
func Start(dir string, log *slog.Logger) (*Store, error) {
	server, err := natsserver.NewServer(&natsserver.Options{
		ServerName: "pubsubfront",
		DontListen: true,
		JetStream:  true,
		StoreDir:   dir,
		MaxPayload: maxChunkBytes + 1<<20,
		// The only clients are this package's own. They read as fast as they
		// can; to cut one off for being slow would only lose a pull request.
		MaxPending:    1 << 30,
		WriteDeadline: time.Minute,
		NoSigs:        true,
	})
	if err != nil {
		return nil, fmt.Errorf("new nats server: %w", err)
	}
	server.SetLoggerV2(natsLog{log}, false, false, false)
	server.Start()
	s := &Store{server: server, log: log}
	s.alive, s.fail = context.WithCancelCause(context.Background())
	if !server.ReadyForConnections(StartTimeout) {
		s.Close()
		return nil, fmt.Errorf("nats server in %s not ready after %s", dir, StartTimeout)
	}
	if s.writes, err = s.connect("writes"); err == nil {
		s.reads, err = s.connect("reads")
	}
	if err == nil {
		s.js, err = jetstream.New(s.writes, jetstream.WithPublishAsyncMaxPending(maxInFlight),
			jetstream.WithDefaultTimeout(RequestTimeout))
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("connect to the nats server in the process: %w", err)
	}
	return s, nil
}

func (s *Store) connect(name string) (*nats.Conn, error) {
	return nats.Connect("", nats.Name(name), nats.InProcessServer(s.server), nats.MaxReconnects(-1),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			s.log.Error("nats connection failed", "connection", name, "error", err)
		}))
}

// Close ends JetStream and waits for its end.
func (s *Store) Close() {
	for _, nc := range []*nats.Conn{s.writes, s.reads} {
		if nc != nil {
			nc.Close()
		}
	}
	s.server.Shutdown()
	s.server.WaitForShutdown()
	s.fail(context.Canceled)
}

// Sweep deletes the streams that nobody owns: all but the tables that were opened and the
// queues and histories of the given keys.
func (s *Store) Sweep(ctx context.Context, queues, histories []string) error {
	s.mu.Lock()
	owned := slices.Clone(s.tables)
	s.mu.Unlock()
	for _, key := range queues {
		owned = append(owned, queueName(key))
	}
	for _, key := range histories {
		owned = append(owned, historyName(key))
	}
	slices.Sort(owned)
	names := s.js.StreamNames(ctx)
	var orphans []string
	for name := range names.Name() {
		if _, found := slices.BinarySearch(owned, name); !found {
			orphans = append(orphans, name)
		}
	}
	if err := names.Err(); err != nil {
		return fmt.Errorf("list streams: %w", err)
	}
	for _, name := range orphans {
		if err := s.deleteStream(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) deleteStream(ctx context.Context, name string) error {
	if err := s.js.DeleteStream(ctx, name); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("delete stream %s: %w", name, err)
	}
	return nil
}

// natsLog passes JetStream's log on. Its notices are a page of banner at each
// start, so they count as debug.
type natsLog struct{ log *slog.Logger }

func (l natsLog) Noticef(f string, a ...any) { l.write(slog.LevelDebug, f, a) }
func (l natsLog) Warnf(f string, a ...any)   { l.write(slog.LevelWarn, f, a) }
func (l natsLog) Errorf(f string, a ...any)  { l.write(slog.LevelError, f, a) }
func (l natsLog) Fatalf(f string, a ...any)  { l.write(slog.LevelError, f, a) }
func (l natsLog) Debugf(f string, a ...any)  {}
func (l natsLog) Tracef(f string, a ...any)  {}

func (l natsLog) write(level slog.Level, format string, args []any) {
	ctx := context.Background()
	if l.log.Enabled(ctx, level) {
		l.log.Log(ctx, level, "jetstream", "text", fmt.Sprintf(format, args...))
	}
}

package pubsubfront

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// engine is JetStream, in the process and without a port, with the few
// operations that the front needs.
type engine struct {
	server *natsserver.Server
	// Chunks are written over one connection and read over another, so that a
	// reader of a long backlog does not delay a publisher.
	writes, reads *nats.Conn
	js            jetstream.JetStream
	log           *slog.Logger
}

const (
	engineStart = 30 * time.Second
	// apiTimeout bounds one JetStream request: they are local, and a slower one
	// means a disk that hangs.
	apiTimeout = 30 * time.Second
	// maxInFlight bounds the chunks that wait for JetStream's acknowledgement.
	maxInFlight = 1 << 14
)

func startEngine(dir string, log *slog.Logger) (*engine, error) {
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
	e := &engine{server: server, log: log}
	if !server.ReadyForConnections(engineStart) {
		e.close()
		return nil, fmt.Errorf("nats server in %s not ready after %s", dir, engineStart)
	}
	if e.writes, err = e.connect("writes"); err == nil {
		e.reads, err = e.connect("reads")
	}
	if err == nil {
		e.js, err = jetstream.New(e.writes, jetstream.WithPublishAsyncMaxPending(maxInFlight),
			jetstream.WithDefaultTimeout(apiTimeout))
	}
	if err != nil {
		e.close()
		return nil, fmt.Errorf("connect to the nats server in the process: %w", err)
	}
	return e, nil
}

func (e *engine) connect(name string) (*nats.Conn, error) {
	return nats.Connect("", nats.Name(name), nats.InProcessServer(e.server), nats.MaxReconnects(-1),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			e.log.Error("nats connection failed", "connection", name, "error", err)
		}))
}

func (e *engine) close() {
	for _, nc := range []*nats.Conn{e.writes, e.reads} {
		if nc != nil {
			nc.Close()
		}
	}
	e.server.Shutdown()
	e.server.WaitForShutdown()
}

// queueName is the name of a subscription's stream and, with its prefix, of the
// one subject in it.
func queueName(key string) string    { return queuePrefix + key }
func queueSubject(key string) string { return "queue." + key }

const queuePrefix = "QUEUE_"

// openQueue creates the stream of a subscription or updates its retention.
func (e *engine) openQueue(ctx context.Context, key string, retention time.Duration) (jetstream.Stream, error) {
	stream, err := e.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:        queueName(key),
		Subjects:    []string{queueSubject(key)},
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
	return stream, nil
}

func (e *engine) deleteQueue(ctx context.Context, key string) error {
	if err := e.js.DeleteStream(ctx, queueName(key)); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("delete stream %s: %w", queueName(key), err)
	}
	return nil
}

const cursorName = "cursor"

// newCursor makes a consumer that begins with the oldest chunk in the queue, in
// place of an earlier one. See the package comment for why it does not outlive
// the process.
func (e *engine) newCursor(ctx context.Context, stream jetstream.Stream) error {
	err := stream.DeleteConsumer(ctx, cursorName)
	if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return fmt.Errorf("delete consumer: %w", err)
	}
	const forever = 10 * 365 * 24 * time.Hour
	_, err = stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		Name:          cursorName,
		AckPolicy:     jetstream.AckExplicitPolicy,
		DeliverPolicy: jetstream.DeliverAllPolicy,
		// Redelivery is the front's business. Should a chunk ever be lost
		// between JetStream and the front, this brings it back; chunks that the
		// front knows it ignores.
		AckWait:           time.Hour,
		MaxDeliver:        -1,
		MaxAckPending:     -1,
		InactiveThreshold: forever,
		MemoryStorage:     true,
	})
	if err != nil {
		return fmt.Errorf("create consumer: %w", err)
	}
	return nil
}

// publish stores every chunk under every subject and returns when all are
// written.
func (e *engine) publish(ctx context.Context, subjects []string, chunks [][]byte) error {
	var first [4]jetstream.PubAckFuture
	futures := first[:0]
	for _, subject := range subjects {
		for _, chunk := range chunks {
			f, err := e.js.PublishAsync(subject, chunk)
			if err != nil {
				return fmt.Errorf("publish to %s: %w", subject, err)
			}
			futures = append(futures, f)
		}
	}
	timeout := time.NewTimer(apiTimeout)
	defer timeout.Stop()
	for _, f := range futures {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			return fmt.Errorf("publish to %s: %w", f.Msg().Subject, err)
		case <-ctx.Done():
			return ctx.Err()
		case <-timeout.C:
			return fmt.Errorf("publish to %s: no answer in %s", f.Msg().Subject, apiTimeout)
		}
	}
	return nil
}

var ackBody = []byte("+ACK")

// ack removes chunks from their queue. It does not wait: an acknowledgement
// that is lost with the process means a redelivery.
func (e *engine) ack(replies []string) {
	for _, reply := range replies {
		if err := e.reads.Publish(reply, ackBody); err != nil {
			e.log.Error("acknowledging a chunk failed", "error", err)
		}
	}
}

// settle waits until JetStream has carried out every acknowledgement up to the
// given one, which it does in order and not at once: a chunk that was only about
// to be deleted when the server shut down would be delivered again. It repeats
// the acknowledgement, which is harmless, and asks for an answer.
func (e *engine) settle(ctx context.Context, reply string) error {
	if _, err := e.reads.RequestWithContext(ctx, reply, ackBody); err != nil {
		return fmt.Errorf("await acknowledgements: %w", err)
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

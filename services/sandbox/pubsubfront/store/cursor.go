package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// loadBatch and loadBytes bound one request of a reader, and with it what
	// a subscription whose subscriber went away still takes in.
	loadBatch = 64
	loadBytes = maxChunkBytes + 1<<20
	// loadExpiry ends a request that brought nothing, so that one lost with a
	// connection is made again.
	loadExpiry = 30 * time.Second

	cursorName = "cursor"
)

// pullRequest is the body of a request to a JetStream consumer
// ($JS.API.CONSUMER.MSG.NEXT). Requests are made by hand, with one inbox for the
// reader's whole life, because a chunk that arrived after the end of a library's
// Fetch would be gone until the consumer's ack wait ran out.
var pullRequest = fmt.Appendf(nil, `{"batch":%d,"max_bytes":%d,"expires":%d}`, loadBatch, loadBytes, loadExpiry)

// Arrival is a chunk as a reader meets it.
type Arrival struct {
	Seq     uint64
	Receipt string // what Ack takes
	Payload []byte
}

// Read hands every chunk of the queue to take, the oldest first, until ctx ends or the
// reading fails. It asks wait before each request, which returns when more is wanted.
func (q *Queue) Read(ctx context.Context, wait func(context.Context) error, take func(Arrival)) error {
	setup, cancel := context.WithTimeout(ctx, RequestTimeout)
	defer cancel()
	if err := q.newCursor(setup); err != nil {
		return err
	}

	nc := q.store.reads
	inbox := nc.NewInbox()
	// Room for everything that one request can bring and for the statuses of
	// earlier ones: NATS drops what a full channel cannot take.
	arrivals := make(chan *nats.Msg, 2*loadBatch)
	sub, err := nc.ChanSubscribe(inbox, arrivals)
	if err != nil {
		return fmt.Errorf("subscribe to inbox: %w", err)
	}
	defer sub.Unsubscribe()

	subject := "$JS.API.CONSUMER.MSG.NEXT." + queueName(q.key) + "." + cursorName
	for {
		if err := wait(ctx); err != nil {
			return err
		}
		if err := nc.PublishRequest(subject, inbox, pullRequest); err != nil {
			return fmt.Errorf("ask for chunks: %w", err)
		}
		if err := receive(ctx, arrivals, take); err != nil {
			return err
		}
	}
}

// newCursor makes a consumer that begins with the oldest chunk in the queue, in
// place of an earlier one. The front's package comment says why it does not outlive
// the process.
func (q *Queue) newCursor(ctx context.Context) error {
	err := q.stream.DeleteConsumer(ctx, cursorName)
	if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return fmt.Errorf("delete consumer: %w", err)
	}
	const forever = 10 * 365 * 24 * time.Hour
	_, err = q.stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		Name:          cursorName,
		AckPolicy:     jetstream.AckExplicitPolicy,
		DeliverPolicy: jetstream.DeliverAllPolicy,
		// Redelivery is the business of package queue. Should a chunk ever be lost
		// on the way there, this brings it back; chunks that are known there are
		// ignored.
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

// receive hands over what one request brings.
func receive(ctx context.Context, arrivals <-chan *nats.Msg, take func(Arrival)) error {
	lost := time.NewTimer(loadExpiry + RequestTimeout)
	defer lost.Stop()
	for got := 0; got < loadBatch; {
		select {
		case m := <-arrivals:
			if status := m.Header.Get("Status"); status != "" && len(m.Data) == 0 {
				description := m.Header.Get("Description")
				if description == batchCompleted {
					continue
				}
				return endOfRequest(status, description)
			}
			got++
			meta, err := m.Metadata()
			if err != nil {
				return fmt.Errorf("jetstream reply subject %q: %w", m.Reply, err)
			}
			take(Arrival{Seq: meta.Sequence.Stream, Receipt: m.Reply, Payload: m.Data})
		case <-lost.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// batchCompleted follows the last chunk of a request that was filled, whose end
// the reader has seen by counting. It is the next request that meets it; to take
// it for that one's end would leave two open, and in time more than the channel
// has room for.
const batchCompleted = "Batch Completed"

// endOfRequest tells a request's normal end (its time is over, or the next chunk
// is over its byte limit) from a consumer that is no more.
func endOfRequest(status, description string) error {
	if status == "408" || description == "Message Size Exceeds MaxBytes" {
		return nil
	}
	return fmt.Errorf("jetstream says %s %s", status, description)
}

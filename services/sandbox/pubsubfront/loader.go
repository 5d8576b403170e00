package pubsubfront

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// loadBatch and loadBytes bound one request of the loader, and with it what
	// a subscription whose subscriber went away still takes in.
	loadBatch = 64
	loadBytes = maxChunkBytes + 1<<20
	// loadExpiry ends a request that brought nothing, so that one lost with a
	// connection is made again.
	loadExpiry = 30 * time.Second
)

// pullRequest is the body of a request to a JetStream consumer
// ($JS.API.CONSUMER.MSG.NEXT). Requests are made by hand, with one inbox for the
// loader's whole life, because a chunk that arrived after the end of a library's
// Fetch would be gone until the consumer's ack wait ran out.
var pullRequest = fmt.Appendf(nil, `{"batch":%d,"max_bytes":%d,"expires":%d}`, loadBatch, loadBytes, loadExpiry)

// runLoader reads the stream ahead of the subscribers, as long as there are any.
func (s *subscription) runLoader(ctx context.Context) {
	defer s.stopped.Done()
	for ctx.Err() == nil {
		if err := s.loadFrom(ctx); err != nil && ctx.Err() == nil {
			s.engine.log.ErrorContext(ctx, "reading a subscription's stream failed", "subscription", s.name, "error", err)
			sleep(ctx, time.Second)
		}
	}
}

// loadFrom reads with a new consumer until ctx ends or the consumer fails.
func (s *subscription) loadFrom(ctx context.Context) error {
	setup, cancel := context.WithTimeout(ctx, apiTimeout)
	defer cancel()
	if err := s.engine.newCursor(setup, s.stream); err != nil {
		return err
	}

	nc := s.engine.reads
	inbox := nc.NewInbox()
	// Room for everything that one request can bring and for the statuses of
	// earlier ones: NATS drops what a full channel cannot take.
	arrivals := make(chan *nats.Msg, 2*loadBatch)
	sub, err := nc.ChanSubscribe(inbox, arrivals)
	if err != nil {
		return fmt.Errorf("subscribe to inbox: %w", err)
	}
	defer sub.Unsubscribe()

	subject := "$JS.API.CONSUMER.MSG.NEXT." + queueName(s.key) + "." + cursorName
	for {
		for !s.wantsMore() {
			select {
			case <-s.loadMore:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := nc.PublishRequest(subject, inbox, pullRequest); err != nil {
			return fmt.Errorf("ask for chunks: %w", err)
		}
		if err := s.receive(ctx, arrivals); err != nil {
			return err
		}
	}
}

// receive takes in what one request brings.
func (s *subscription) receive(ctx context.Context, arrivals <-chan *nats.Msg) error {
	lost := time.NewTimer(loadExpiry + apiTimeout)
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
			if err := s.arrive(m); err != nil {
				return err
			}
		case <-lost.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// batchCompleted follows the last chunk of a request that was filled, whose end
// the loader has seen by counting. It is the next request that meets it; to take
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

func (s *subscription) arrive(m *nats.Msg) error {
	meta, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("jetstream reply subject %q: %w", m.Reply, err)
	}
	seq := meta.Sequence.Stream
	done, err := s.load(seq, m.Reply, m.Data)
	if errors.Is(err, errChunk) {
		// It can never be delivered; to keep it would only end the loader over
		// and over.
		s.engine.log.Error("dropping a damaged chunk", "subscription", s.name, "sequence", seq, "error", err)
		done = true
	}
	if done {
		s.settled(m.Reply)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

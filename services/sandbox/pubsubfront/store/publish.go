package store

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Publish stores every chunk under every subject and returns when all are
// written.
func (s *Store) Publish(ctx context.Context, subjects []string, chunks [][]byte) error {
	var first [4]jetstream.PubAckFuture
	futures := first[:0]
	for _, subject := range subjects {
		for _, chunk := range chunks {
			f, err := s.js.PublishAsync(subject, chunk)
			if err != nil {
				return fmt.Errorf("publish to %s: %w", subject, err)
			}
			futures = append(futures, f)
		}
	}
	timeout, doubt := time.NewTimer(RequestTimeout), time.NewTicker(doubtAfter)
	defer timeout.Stop()
	defer doubt.Stop()
	for _, f := range futures {
		if err := s.await(ctx, f, timeout.C, doubt.C); err != nil {
			return err
		}
	}
	return nil
}

// await waits for JetStream's word on one message.
func (s *Store) await(ctx context.Context, f jetstream.PubAckFuture, timeout, doubt <-chan time.Time) error {
	for {
		select {
		case <-f.Ok():
			return nil
		case err := <-f.Err():
			return fmt.Errorf("publish to %s: %w", f.Msg().Subject, err)
		case <-ctx.Done():
			return ctx.Err()
		case <-s.alive.Done():
			return fmt.Errorf("publish to %s: %w", f.Msg().Subject, context.Cause(s.alive))
		case <-doubt:
			s.examine(f.Msg().Subject)
		case <-timeout:
			return fmt.Errorf("publish to %s: no answer in %s", f.Msg().Subject, RequestTimeout)
		}
	}
}

var ackBody = []byte("+ACK")

// Ack removes chunks from their queue; receipts are those that came with them. It does
// not wait: an acknowledgement that is lost with the process means a redelivery.
func (s *Store) Ack(receipts []string) {
	for _, receipt := range receipts {
		if err := s.reads.Publish(receipt, ackBody); err != nil {
			s.log.Error("acknowledging a chunk failed", "error", err)
		}
	}
}

// Settle waits until JetStream has carried out every acknowledgement up to the
// given one, which it does in order and not at once: a chunk that was only about
// to be deleted when the server shut down would be delivered again. It repeats
// the acknowledgement, which is harmless, and asks for an answer.
func (s *Store) Settle(ctx context.Context, receipt string) error {
	if _, err := s.reads.RequestWithContext(ctx, receipt, ackBody); err != nil {
		return fmt.Errorf("await acknowledgements: %w", err)
	}
	return nil
}

package main

import (
	"context"
	"database/sql"
)

// batchSize is the most messages that one transaction keeps: a commit waits for the disk, and
// thousands of messages a second cannot wait each for its own.
const batchSize = 1000

// batcher keeps messages from many callbacks together.
type batcher struct{ queue chan waiting }

// waiting is an entry whose message waits to be acknowledged.
type waiting struct {
	entry entry
	kept  chan<- error
}

// keep returns when the entry is on disk.
func (b batcher) keep(ctx context.Context, e entry) error {
	kept := make(chan error, 1)
	select {
	case b.queue <- waiting{e, kept}:
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-kept
}

// run writes what waits, as much as there is at a time, until ctx is done and nobody waits.
func (b batcher) run(ctx context.Context, s *store, changed chan<- struct{}) {
	for {
		var batch []waiting
		select {
		case first := <-b.queue:
			batch = append(batch, first)
		case <-ctx.Done():
			return
		}
		for len(batch) < batchSize {
			select {
			case next := <-b.queue:
				batch = append(batch, next)
				continue
			default:
			}
			break
		}
		write(context.WithoutCancel(ctx), s, batch)
		select {
		case changed <- struct{}{}:
		default: // the balance to come will know of it
		}
	}
}

// write keeps a batch. If that fails, each entry is kept by itself, so that one that cannot be
// kept does not hold up the others.
func write(ctx context.Context, s *store, batch []waiting) {
	err := s.put(ctx, together(batch))
	for _, w := range batch {
		if err != nil {
			w.kept <- s.put(ctx, w.entry)
		} else {
			w.kept <- nil
		}
	}
}

// together are entries of one transaction.
type together []waiting

func (t together) put(ctx context.Context, tx *sql.Tx) error {
	for _, w := range t {
		if err := w.entry.put(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

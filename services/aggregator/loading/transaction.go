package loading

import (
	"context"
	"errors"
	"fmt"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// tried is the number of the next transaction to be tried at an epoch: those that fail
// leave the epoch as it was.
type tried struct{ epoch, next int64 }

// startJob starts the job of a transaction, which awaitJob waits for. If there is one at this epoch
// that has not failed, it waits for that one and returns a notNow. It may be run again with the same
// files: those that the ledger holds are left out.
func (s *starSchema) startJob(ctx context.Context, b *batch, p *plan) (*bigquery.Job, error) {
	ctx, cancel := context.WithTimeout(ctx, s.transactions.Timeout)
	defer cancel()
	transaction, err := s.script.bringing(p.brought...)
	if err != nil {
		return nil, err
	}
	params := s.params(b, p)
	id := func(n int64) string { return topology.TransactionJob(s.transactions.Dataset, p.epoch, n) }
	if s.tried.epoch != p.epoch {
		s.tried = tried{epoch: p.epoch}
	}
	for {
		job, ours, err := s.transactions.Claim(ctx, transaction, params, id(s.tried.next))
		if err != nil {
			return nil, fmt.Errorf("begin the transaction: %w", err)
		}
		s.tried.next++
		if ours {
			return job, nil
		}
		if failed := job == nil || job.LastStatus().Done() && job.LastStatus().Err() != nil; !failed {
			if _, err := warehouse.Await(ctx, job); err != nil {
				return nil, fmt.Errorf("wait for another's transaction: %w", err)
			}
			return nil, &notNow{}
		}
		free, err := s.transactions.FirstFree(ctx, s.tried.next, id)
		if err != nil {
			return nil, fmt.Errorf("look for the transactions that have failed: %w", err)
		}
		// The last of them may still run.
		s.tried.next = max(s.tried.next, free-1)
	}
}

// awaitJob waits for what startJob started and returns the bytes that it was billed, which
// are some even if it fails. One that took too long is ended, so that it is billed no
// further; one that still runs when ctx is cancelled is left to end by itself. Whether
// either committed after all, the ledger tells.
func (s *starSchema) awaitJob(ctx context.Context, b *batch, job *bigquery.Job) (billed int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.transactions.Timeout)
	defer cancel()
	status, err := warehouse.Await(ctx, job)
	switch {
	case err == nil:
		err = status.Err()
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		status = warehouse.End(ctx, job)
	}
	if err != nil {
		err = fmt.Errorf("transaction of %s: %w", plural.Of(len(b.files), "file"), err)
		if s.tookTooLong(ctx, status, err) {
			err = errors.Join(errTooSlow, err)
		}
	}
	return warehouse.Billed(status), err
}

// tookTooLong tells whether a transaction was ended because of the time that it took: by its
// time limit, or from outside, as a person ends what has no end. If the time has gone otherwise,
// in an outage or behind other jobs, fewer files are no remedy.
func (s *starSchema) tookTooLong(ctx context.Context, status *bigquery.JobStatus, err error) bool {
	if ctx.Err() != nil || warehouse.HasReason(err, "timeout") {
		return warehouse.Ran(status) >= s.transactions.Timeout/2
	}
	return warehouse.HasReason(err, "stopped")
}

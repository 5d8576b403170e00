package queryjob

import (
	"context"
	"crypto/rand"
	"time"

	"cloud.google.com/go/bigquery"
)

// cancelTimeout bounds how long a caller whose time is up is held up to cancel its job.
const cancelTimeout = 5 * time.Second

// Wait runs a query to its end. If ctx ends first, the job is cancelled; the error of
// a job that failed is returned as any other. The status is that of a failed job too, as
// far as it is known: it tells what was billed in vain.
func Wait(ctx context.Context, client *bigquery.Client, q *bigquery.Query) (*bigquery.JobStatus, error) {
	job, err := start(ctx, client, q)
	if err != nil {
		return nil, err
	}
	status, err := job.Wait(ctx)
	if err != nil {
		return failed(ctx, job, err), err
	}
	return status, status.Err()
}

// failed is the status of a job whose wait ended with cause, or nil. A job that nobody
// waits for any more is cancelled first. Where BigQuery does not answer, it is not asked again.
func failed(ctx context.Context, job *bigquery.Job, cause error) *bigquery.JobStatus {
	asking, done := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer done()
	switch {
	case ctx.Err() != nil:
		if err := job.Cancel(asking); err != nil {
			return nil
		}
		_, _ = job.Wait(asking) // its failure is known
	case !answered(cause):
		return nil
	}
	status, err := job.Status(asking)
	if err != nil {
		return nil
	}
	return status
}

// Read runs a query and reads its rows. If ctx ends before there are rows, the job is
// cancelled. Unlike Query.Read it leaves the size of the first page to the caller.
func Read(ctx context.Context, client *bigquery.Client, q *bigquery.Query) (*bigquery.RowIterator, error) {
	job, err := start(ctx, client, q)
	if err != nil {
		return nil, err
	}
	rows, err := job.Read(ctx)
	if err != nil {
		release(ctx, job.Cancel)
		return nil, err
	}
	return rows, nil
}

// start begins a job under an id of our own: jobs.query, which Query.Read prefers,
// would tell the id too late to cancel by it.
func start(ctx context.Context, client *bigquery.Client, q *bigquery.Query) (*bigquery.Job, error) {
	q.JobID = "query_" + rand.Text()
	// BigQuery ends the job by itself if this process cannot, as after a SIGKILL.
	if deadline, ok := ctx.Deadline(); ok && q.JobTimeout == 0 {
		q.JobTimeout = max(time.Until(deadline), time.Millisecond)
	}
	job, err := q.Run(ctx)
	if err != nil {
		release(ctx, func(ctx context.Context) error { // it may have begun nevertheless
			begun, err := client.JobFromID(ctx, q.JobID)
			if err != nil {
				return err
			}
			return begun.Cancel(ctx)
		})
		return nil, err
	}
	return job, nil
}

// release cancels a job if ctx has ended. A failure has no remedy but the job's own
// time limit, and tells nothing that ctx's error does not.
func release(ctx context.Context, cancel func(context.Context) error) {
	if ctx.Err() == nil {
		return
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer done()
	_ = cancel(ctx)
}

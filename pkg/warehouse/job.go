package warehouse

import (
	"context"
	"crypto/rand"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
)

// cancelTimeout bounds how long a caller whose time is up is held up to cancel its job.
const cancelTimeout = 5 * time.Second

// Pauses between two looks at a job: a short query is not waited for much longer than it
// takes, a long one is not asked about all the time.
const (
	firstLook = 5 * time.Millisecond
	lastLook  = time.Second
)

// Attempts at work that fails for BigQuery's own sake, and the pause after the first,
// which grows fourfold.
const (
	attempts   = 4
	firstPause = 100 * time.Millisecond
)

// wait runs a query to its end: see Client.Run.
func wait(ctx context.Context, client *bigquery.Client, q *bigquery.Query) (*bigquery.JobStatus, error) {
	job, err := start(ctx, client, q)
	if err != nil {
		return nil, err
	}
	status, err := ended(ctx, job)
	if err != nil {
		return abandon(ctx, job), err
	}
	return status, status.Err()
}

// read runs a query and reads its rows: see Query. Unlike BigQuery's own Query.Read it
// leaves the size of the first page to the caller.
func read(ctx context.Context, client *bigquery.Client, q *bigquery.Query) (rows *bigquery.RowIterator, err error) {
	limit := q.JobTimeout
	err = persist(ctx, func(err error) bool { return fateOf(err) == again }, func() error {
		q.JobTimeout = limit
		rows, err = readOnce(ctx, client, q)
		return err
	})
	return rows, err
}

func readOnce(ctx context.Context, client *bigquery.Client, q *bigquery.Query) (*bigquery.RowIterator, error) {
	job, err := start(ctx, client, q)
	if err != nil {
		return nil, err
	}
	status, err := ended(ctx, job)
	if err != nil {
		abandon(ctx, job)
		return nil, err
	}
	if err := status.Err(); err != nil {
		return nil, err
	}
	return job.Read(ctx)
}

// persist does work that leaves nothing behind when it fails, and does it again, a few
// times, when it fails in a way that passes at once.
func persist(ctx context.Context, passesSoon func(error) bool, work func() error) error {
	for attempt, pause := 1, firstPause; ; attempt, pause = attempt+1, 4*pause {
		err := work()
		if err == nil || !passesSoon(err) || attempt == attempts {
			return err
		}
		if sleep.For(ctx, pause) != nil {
			return err
		}
	}
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
	switch {
	case err == nil:
		return job, nil
	case HasReason(err, "duplicate"):
		// The client has repeated the request, whose first answer was lost.
		return client.JobFromID(ctx, q.JobID)
	case ctx.Err() != nil: // it may have begun nevertheless
		asking, done := afterwards(ctx)
		defer done()
		// A failure has no remedy but the job's own time limit.
		if begun, err := client.JobFromID(asking, q.JobID); err == nil {
			_ = begun.Cancel(asking)
		}
	}
	return nil, err
}

// ended waits for a job's end and returns its status, or the last that is known. It asks jobs.get: jobs.getQueryResults,
// which the client's Job.Wait and Job.Read ask, answers with the failure of a job that has
// ended, and the client takes some of them for failures of the call and asks on.
func ended(ctx context.Context, job *bigquery.Job) (*bigquery.JobStatus, error) {
	for pause := firstLook; ; pause = min(pause*3/2, lastLook) {
		status, err := job.Status(ctx)
		if err != nil || status.Done() {
			return status, err
		}
		if err := sleep.For(ctx, pause); err != nil {
			return status, err
		}
	}
}

// abandon cancels a job that nobody waits for any more, if that is so, and returns its
// last status, or nil. Where it was BigQuery that did not answer, it is not asked again.
func abandon(ctx context.Context, job *bigquery.Job) *bigquery.JobStatus {
	if ctx.Err() == nil {
		return nil
	}
	asking, done := afterwards(ctx)
	defer done()
	if err := job.Cancel(asking); err != nil {
		return nil
	}
	status, err := ended(asking, job)
	if err != nil {
		return nil
	}
	return status
}

// afterwards is the time to clean up when ctx has ended.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
}

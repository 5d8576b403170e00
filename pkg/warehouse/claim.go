package warehouse

import (
	"context"
	"errors"
	"net/http"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// Claim begins a statement as the job of an id that others know too. BigQuery lets there be
// one job of an id, so that of several who claim it one begins, and ours tells whether
// it was this one; the others get the job that holds the id, to wait for it. Whose the job
// is cannot be told if an answer was lost: then it counts as that of another.
// The job is nil if it is another principal's, which is not this one's to look at. It may take
// as long as the client's Timeout, whoever waits for it.
func (c *Client) Claim(ctx context.Context, s sql.Statement, params Params, id string) (job *bigquery.Job, ours bool, err error) {
	q, err := c.query(s, params)
	if err != nil {
		return nil, false, err
	}
	q.JobID, q.JobTimeout = id, c.Timeout
	job, err = q.Run(ctx)
	if err == nil || !HasReason(err, "duplicate") {
		return job, err == nil, named(s, err)
	}
	if job, err = c.BigQuery.JobFromID(ctx, id); hasCode(err, http.StatusForbidden) {
		return nil, false, nil
	}
	return job, false, err
}

// FirstFree finds the first number whose id no job has, from a number on of which that is
// not known; below it all are held. It asks as often as the number found has digits, in
// base two, and not as often as there are jobs.
func (c *Client) FirstFree(ctx context.Context, from int64, id func(int64) string) (int64, error) {
	return firstFree(from, func(n int64) (bool, error) {
		_, err := c.BigQuery.JobFromID(ctx, id(n))
		switch {
		case err == nil, hasCode(err, http.StatusForbidden):
			return true, nil
		case hasCode(err, http.StatusNotFound):
			return false, nil
		default:
			return false, err
		}
	})
}

func firstFree(from int64, held func(int64) (bool, error)) (int64, error) {
	last, step := from-1, int64(1) // the last that is known to be held
	for {
		is, err := held(last + step)
		if err != nil {
			return 0, err
		}
		if !is {
			break
		}
		last, step = last+step, 2*step
	}
	for free := last + step; ; {
		if last+1 == free {
			return free, nil
		}
		middle := last + (free-last)/2
		is, err := held(middle)
		if err != nil {
			return 0, err
		}
		if is {
			last = middle
		} else {
			free = middle
		}
	}
}

// Await waits until a job has ended, and returns its status, whatever its outcome; the error
// is of the waiting, and the status then the last that is known. The job is left alone if ctx ends: see End.
func Await(ctx context.Context, job *bigquery.Job) (*bigquery.JobStatus, error) {
	return ended(ctx, job)
}

// End cancels a job that nobody waits for any more, though ctx has ended, and returns what
// became of it, or nil where BigQuery does not answer.
func End(ctx context.Context, job *bigquery.Job) *bigquery.JobStatus {
	asking, done := afterwards(ctx)
	defer done()
	if err := job.Cancel(asking); err != nil {
		return nil
	}
	status, _ := ended(asking, job)
	return status
}

// Succeeded asks whether the job of an id has ended well. A job that BigQuery does not know, because it is
// too old or somebody else's to see, is an error.
func (c *Client) Succeeded(ctx context.Context, id string) (bool, error) {
	job, err := c.BigQuery.JobFromID(ctx, id)
	if err != nil {
		return false, err
	}
	status := job.LastStatus()
	return status.Done() && status.Err() == nil, nil
}

// Ran is how long a job has run, until now if it has not ended; time in a queue does not count.
func Ran(status *bigquery.JobStatus) time.Duration {
	switch {
	case status == nil || status.Statistics == nil || status.Statistics.StartTime.IsZero():
		return 0
	case status.Statistics.EndTime.IsZero():
		return time.Since(status.Statistics.StartTime)
	default:
		return status.Statistics.EndTime.Sub(status.Statistics.StartTime)
	}
}

func hasCode(err error, code int) bool {
	call, ok := errors.AsType[*googleapi.Error](err)
	return ok && call.Code == code
}

// Package jobs runs statements and loads as BigQuery's jobs: it keeps their state, their
// result pages and their statistics, and gives them ids that make a repeated
// submission harmless.
//
// Limits: jobs live in memory and are forgotten at a restart; results are kept
// for the last jobs only.
package jobs

import (
	"context"
	"strings"
	"sync"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/billing"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
)

// Request is what a query job is asked to do, or a load job.
type Request struct {
	// Load is a load job's, which has no statement.
	Load *Load
	// Into is where the rows of a query go; nil: they are kept for its reader alone.
	Into    *Destination
	SQL     string
	Dataset string
	Params  map[string]dialect.Param
	DryRun  bool
	Timeout time.Duration
	// MaxBytesBilled is what the job may be billed, a script in all; 0: any.
	MaxBytesBilled int64
	// Configuration is shown again by jobs.get.
	Configuration *bq.JobConfiguration
	Labels        map[string]string
	// Internal marks what the front asks for by itself, which no fault befalls.
	Internal bool
}

// Job is a query or load job. Its fields but the outcome are fixed at creation.
type Job struct {
	ID       string
	Location string
	Parent   *Job
	Request  Request
	Created  time.Time

	// ctx ends with the job, its time limit or the store.
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}

	mu       sync.Mutex
	outcome  Outcome
	finished bool
	children []*Job
}

// Outcome is what became of a job.
type Outcome struct {
	Started, Ended time.Time
	// Err is why it failed, or nil.
	Err *fault.Fault
	// StatementType is the kind of the only statement, or SCRIPT.
	StatementType string
	Schema        *bq.TableSchema
	Result        *Result
	// Unread is why the result, which is in the destination, cannot be read here.
	Unread *fault.Fault
	// Loaded is what a load job did.
	Loaded *Loaded
	// Bytes are what it read, or would read.
	Bytes billing.Bytes
	// DML is set for statements that change rows.
	DML *bq.DmlStatistics
	// Target is the table that a DDL or DML statement changed.
	Target dialect.TableRef
}

// AffectedRows is the number of rows that a DML statement changed.
func (o *Outcome) AffectedRows() int64 {
	if o.DML == nil {
		return 0
	}
	return o.DML.InsertedRowCount + o.DML.UpdatedRowCount + o.DML.DeletedRowCount
}

// Wait waits until the job has ended or ctx has.
func (j *Job) Wait(ctx context.Context) bool {
	select {
	case <-j.done:
		return true
	default:
	}
	select {
	case <-j.done:
		return true
	case <-ctx.Done():
		return false
	}
}

// Cancel asks the job to stop.
func (j *Job) Cancel() { j.cancel() }

// Outcome returns what is known by now and whether the job has ended.
func (j *Job) Outcome() (Outcome, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.outcome, j.finished
}

// Children returns the jobs of a script's statements.
func (j *Job) Children() []*Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]*Job(nil), j.children...)
}

func (j *Job) finish(outcome Outcome) {
	j.mu.Lock()
	j.outcome, j.finished = outcome, true
	j.mu.Unlock()
	close(j.done)
	j.cancel()
}

// Result holds a query's rows in the REST API's form.
type Result struct {
	buf  []byte
	ends []int
}

// maxResult bounds one result in bytes. BigQuery's own limit for a result
// without destination is 10 GB; this one is what a sandbox may keep.
const maxResult = 256 << 20

// Rows is the number of rows.
func (r *Result) Rows() int {
	if r == nil {
		return 0
	}
	return len(r.ends)
}

// Page returns rows from a position on, joined by commas, up to a number of
// rows and of bytes, but at least one; and the position behind them.
func (r *Result) Page(from, maxRows, maxBytes int) ([]byte, int) {
	if from >= r.Rows() || maxRows == 0 {
		return nil, from
	}
	start := 0
	if from > 0 {
		start = r.ends[from-1] + 1
	}
	to := from + 1
	for to < len(r.ends) && to-from < maxRows && r.ends[to]-start <= maxBytes {
		to++
	}
	return r.buf[start:r.ends[to-1]], to
}

func (r *Result) size() int { return cap(r.buf) + 8*cap(r.ends) }

// validID is BigQuery's rule for job ids.
func validID(id string) bool {
	return len(id) <= 1024 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

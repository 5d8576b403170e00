package harness

import (
	"errors"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"
)

// AwaitJob waits for a job of the reporter's that names a table.
func (p *Pipeline) AwaitJob(t *testing.T, table string) *bigquery.Job {
	t.Helper()
	var found *bigquery.Job
	Await(t, "a job that names "+table, func() (bool, error) {
		for jobs := p.Bigquery.Jobs(t.Context()); ; {
			job, err := jobs.Next()
			if errors.Is(err, iterator.Done) {
				return false, nil
			}
			if err != nil {
				return false, err
			}
			config, err := job.Config()
			if err != nil {
				return false, err
			}
			query, ok := config.(*bigquery.QueryConfig)
			if ok && strings.Contains(query.Q, "by the reporter") && strings.Contains(query.Q, table) {
				found = job
				return true, nil
			}
		}
	})
	return found
}

// WantStopped waits for the end of a job, which must not be one of its own.
func (p *Pipeline) WantStopped(t *testing.T, job *bigquery.Job) {
	t.Helper()
	var status *bigquery.JobStatus
	Await(t, "the end of the job", func() (_ bool, err error) {
		status, err = job.Status(t.Context())
		return err == nil && status.Done(), err
	})
	fault, ok := errors.AsType[*bigquery.Error](status.Err())
	if !ok || fault.Reason != "stopped" && fault.Reason != "timeout" {
		t.Errorf("the job ended with %v", status.Err())
	}
}

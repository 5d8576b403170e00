package jobs

import (
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
)

// AnonymousDataset is the hidden dataset of the tables that hold the results of queries
// without a destination, by which clients read them through the Storage Read API. They are
// kept as long as their jobs.
const AnonymousDataset = "_anonymous"

const anonymousPrefix = "anon-"

// Anonymous names the table of the job's result, if it has one.
func (j *Job) Anonymous() (ref dialect.TableRef, ok bool) {
	outcome, finished := j.Outcome()
	if !finished || outcome.Result == nil || outcome.StatementType != string(dialect.Select) || j.Request.Into != nil {
		return dialect.TableRef{}, false
	}
	return dialect.TableRef{Dataset: AnonymousDataset, Table: anonymousPrefix + j.ID}, true
}

// Anonymous finds a result by its table.
func (s *Store) Anonymous(ref dialect.TableRef) (*Result, *bq.TableSchema, error) {
	id, named := strings.CutPrefix(ref.Table, anonymousPrefix)
	if job, err := s.Get(id); named && err == nil {
		if _, ok := job.Anonymous(); ok {
			outcome, _ := job.Outcome()
			return outcome.Result, outcome.Schema, nil
		}
	}
	return nil, nil, fault.NotFound("Table %s", s.tableName(ref))
}

// handResult gives a script's latest result to the job of its statement, and takes it from
// the one before: only the last one's is kept.
func handResult(before, latest *Job, outcome Outcome) {
	if before != nil {
		before.mu.Lock()
		before.outcome.Result = nil
		before.mu.Unlock()
	}
	latest.mu.Lock()
	defer latest.mu.Unlock()
	latest.outcome.Result, latest.outcome.Schema = outcome.Result, outcome.Schema
}

package jobs

import (
	"slices"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/faults"
)

// Faults tells what befalls a job of these labels, by the points that it has.
type Faults func(labels map[string]string, has ...faults.Point) faults.Ending

// ending is what befalls a job.
type ending struct {
	faults.Ending
	// index is that of the statement in whose stead the job fails, or -1.
	index int
}

// endingOf asks what befalls a job. What the front itself asks for is spared, and a dry
// run is no job.
func (s *Store) endingOf(job *Job, statements []dialect.Statement) ending {
	if s.options.Faults == nil || job.Request.Internal || job.Request.DryRun {
		return ending{index: -1}
	}
	has := []faults.Point{faults.Begin, faults.After}
	if len(statements) > 1 {
		has = append(has, faults.Middle)
	}
	commit := len(statements) - 1
	for commit >= 0 && statements[commit].Kind != dialect.Commit {
		commit--
	}
	if commit >= 0 {
		has = append(has, faults.Commit)
	}
	e := ending{Ending: s.options.Faults(job.Request.Labels, has...), index: -1}
	switch e.At {
	case faults.Middle:
		e.index = len(statements) / 2
	case faults.Commit:
		e.index = commit
	}
	return e
}

// failure is the job's if it ends at one of the points, or nil.
func (e *ending) failure(at ...faults.Point) error {
	if !slices.Contains(at, e.At) {
		return nil
	}
	return &fault.Fault{Status: e.Status, Reason: e.Reason, Message: e.Message}
}

package faults

import (
	"fmt"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// Point is where in a job a fault ends it.
type Point string

// Points of a job.
const (
	// Begin is before its first statement.
	Begin Point = "begin"
	// Middle is after half of a script's statements.
	Middle Point = "middle"
	// Commit is instead of a script's last COMMIT.
	Commit Point = "commit"
	// After is when all is done, and only the job's end is not told.
	After Point = "after"
)

var points = []Point{Begin, Middle, Commit, After}

// Ending is what befalls a job. The zero Ending is nothing.
type Ending struct {
	// Delay passes before the job begins.
	Delay time.Duration
	// At is where the job fails, or empty.
	At Point
	// Reason, Status and Message are of its failure.
	Reason  string
	Status  int
	Message string
}

// Job says what befalls a job of these labels, which has the points in question.
func (i *Injector) Job(labels map[string]string, has ...Point) Ending {
	if i.running.Load() == nil {
		return Ending{}
	}
	name := jobName(labels)
	s := i.strikeIf(name, func(r *rule) bool {
		return r.isOn("") && (r.effect == delay || r.effect == end && slices.Contains(has, r.point))
	})
	e := Ending{Delay: s.delay, At: s.point, Reason: s.reason, Status: s.status}
	if e.At != "" {
		e.Message = fmt.Sprintf("Injected fault: %s of %s, %s.", s.effect, name, e.At)
	}
	return e
}

// jobName is what rules name a job by.
func jobName(labels map[string]string) string {
	name := ""
	for _, key := range []string{warehouse.LabelService, warehouse.LabelTask, warehouse.LabelStatement} {
		if value := labels[key]; value != "" {
			name += "." + value
		}
	}
	if name == "" {
		name = ".unlabelled"
	}
	return "bigquery.job" + name
}

package probe

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// patience is how long a question may wait for its answer before the warehouse counts as
// not ready: longer than the dashboard's questions take, shorter than clients try again.
const patience = 5 * time.Second

// warehouseName is what the warehouse is called among the services.
const warehouseName = "bigquery"

// Pulse knows how the warehouse does from the questions that the pages ask anyway: one
// of its own would be billed. Safe for concurrent use.
type Pulse struct {
	now func() time.Time

	mu      sync.Mutex
	waiting map[*question]struct{}
	ended   time.Time // when the last answer or failure came; zero: none yet
	took    time.Duration
	failed  bool
}

type question struct{ asked time.Time }

// NewPulse makes the pulse of a warehouse that nobody has asked yet.
func NewPulse(now func() time.Time) *Pulse {
	return &Pulse{now: now, waiting: make(map[*question]struct{})}
}

// Ask notes a question; the function that it returns, its outcome. A question that was
// given up says nothing of the warehouse.
func (p *Pulse) Ask() (outcome func(error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := &question{asked: p.now()}
	p.waiting[q] = struct{}{}
	return func(err error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.waiting, q)
		if errors.Is(err, context.Canceled) {
			return
		}
		p.ended = p.now()
		p.took, p.failed = p.ended.Sub(q.asked), err != nil && !errors.Is(err, query.ErrTooManyRows)
	}
}

// state is the warehouse as one of the services.
func (p *Pulse) state() serviceState {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	var longest time.Duration
	for q := range p.waiting {
		longest = max(longest, now.Sub(q.asked))
	}
	s := serviceState{Service: warehouseName, State: serviceReady, Took: p.took.Milliseconds(), Metrics: []serviceCount{}}
	switch {
	case longest > patience:
		s.State, s.Detail = serviceNotReady, fmt.Sprintf("A question has waited for %v for its answer.", longest.Round(time.Second))
	case p.failed:
		s.State, s.Detail = serviceNotReady, fmt.Sprintf("The last question failed, %v ago.", now.Sub(p.ended).Round(time.Second))
	}
	return s
}

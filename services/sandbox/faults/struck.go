package faults

import (
	"encoding/json"
	"maps"
	"net/http"
	"sync"
)

// struck counts what has befallen calls since the process began, whatever the plan was.
type struck struct {
	mu    sync.Mutex
	kinds map[string]Kinds
}

// Kinds counts faults by their word in a plan: fail, lost, delay, drop, twice, again, end.
type Kinds map[string]uint64

// called notes a method that is called while there is a plan.
func (s *struck) called(method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kinds == nil {
		s.kinds = make(map[string]Kinds)
	}
	if s.kinds[method] == nil {
		s.kinds[method] = make(Kinds)
	}
}

// count notes a fault of a method that was called.
func (s *struck) count(method string, e effect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kinds[method][string(e)]++
}

// Struck tells how often each kind of fault struck each method since the process began. A
// method that was called under a plan and never struck is there without a count.
func (i *Injector) Struck() map[string]Kinds {
	i.struck.mu.Lock()
	defer i.struck.mu.Unlock()
	all := make(map[string]Kinds, len(i.struck.kinds))
	for method, kinds := range i.struck.kinds {
		all[method] = maps.Clone(kinds)
	}
	return all
}

// ServeStruck answers what Struck tells, as JSON.
func (i *Injector) ServeStruck(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(i.Struck()) // whoever asked is gone
}

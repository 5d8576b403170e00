package faults

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Injector applies the plan of the moment to all fronts. The zero Injector has
// no plan and costs a call next to nothing.
type Injector struct {
	running atomic.Pointer[running]
	struck  struck
}

// running is a plan with its counts.
type running struct {
	Plan
	over   chan struct{} // closed when another plan holds
	mu     sync.Mutex
	counts map[countKey]uint64 // calls seen
	struck []uint64            // by rule, of this plan
}

type countKey struct {
	rule   int
	method string
}

// Set replaces the plan; counts begin anew, and calls that are delayed go on. A plan
// without rules ends all faults.
func (i *Injector) Set(p Plan) {
	var next *running
	if len(p.rules) > 0 {
		next = &running{Plan: p, over: make(chan struct{}), counts: make(map[countKey]uint64), struck: make([]uint64, len(p.rules))}
	}
	if last := i.running.Swap(next); last != nil {
		close(last.over)
	}
}

func (r *rule) matches(method string) bool {
	ok, _ := path.Match(r.methods, method) // Parse checked the pattern
	return ok
}

// isOn tells whether the rule is for requests of a path ("": what has none).
func (r *rule) isOn(requested string) bool {
	if r.on == "" {
		return true
	}
	return slices.ContainsFunc(strings.Split(requested, "/"), func(element string) bool {
		ok, _ := path.Match(r.on, element)
		return ok
	})
}

// strike is what befalls one call. The zero strike is nothing.
type strike struct {
	effect effect
	failure
	point Point
	delay time.Duration
	over  <-chan struct{} // ends the delay before its time
}

// strike counts a call against the rules with one of the effects.
func (i *Injector) strike(method string, effects ...effect) strike {
	return i.strikePath(method, "", effects...)
}

// strikePath is strike for a request over HTTP.
func (i *Injector) strikePath(method, requested string, effects ...effect) strike {
	return i.strikeIf(method, func(r *rule) bool { return slices.Contains(effects, r.effect) && r.isOn(requested) })
}

// strikeIf counts a call against the rules in question. Delays add up; of the other
// effects the first rule that strikes decides.
func (i *Injector) strikeIf(method string, eligible func(*rule) bool) strike {
	r := i.running.Load()
	if r == nil {
		return strike{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := strike{over: r.over}
	i.struck.called(method)
	for n := range r.rules {
		rule := &r.rules[n]
		if !eligible(rule) || !rule.matches(method) || !r.strikes(n, method) {
			continue
		}
		if rule.effect == delay {
			s.delay += rule.delay
		} else if s.effect == "" {
			s.effect, s.failure, s.point = rule.effect, rule.failure, rule.point
		} else {
			continue
		}
		r.struck[n]++
		i.struck.count(method, rule.effect)
	}
	return s
}

// strikes counts a call and throws the dice for it.
func (r *running) strikes(n int, method string) bool {
	key := countKey{n, method}
	call := r.counts[key]
	r.counts[key] = call + 1
	rule := r.rules[n]
	if rule.first > 0 {
		return call < rule.first
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %d %s %d", r.seed, n, method, call)
	return rand.New(rand.NewPCG(h.Sum64(), call)).Float64() < rule.rate
}

// Twice says whether a message that is delivered for the first time is to be
// handed out twice at once.
func (i *Injector) Twice(subscription string) bool {
	return i.message(subscription, twice)
}

// Again says whether a message that is acknowledged for the first time is to
// be handed out once more.
func (i *Injector) Again(subscription string) bool {
	return i.message(subscription, again)
}

func (i *Injector) message(subscription string, e effect) bool {
	if i.running.Load() == nil {
		return false
	}
	return i.strike("pubsub.messages."+path.Base(subscription), e).effect != ""
}

// wait sleeps as long as a strike says, or until its plan or ctx ends.
func wait(ctx context.Context, s strike) {
	if s.delay == 0 {
		return
	}
	timer := time.NewTimer(s.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.over:
	case <-ctx.Done():
	}
}

// message is what a struck call says, so that nobody takes it for a real fault.
func (s strike) message(method string) string {
	return fmt.Sprintf("Injected fault: %s of %s.", s.effect, method)
}

// maxPlan bounds a plan sent over HTTP, in bytes.
const maxPlan = 64 << 10

// Serve shows the plan and how often each rule struck (GET), replaces it by the
// request's body (PUT), or ends it (DELETE).
func (i *Injector) Serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	switch r.Method {
	case http.MethodGet:
		fmt.Fprint(w, i.report())
	case http.MethodPut:
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPlan))
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		plan, err := Parse(string(text))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		i.Set(plan)
		fmt.Fprint(w, i.report())
	case http.MethodDelete:
		i.Set(Plan{})
	default:
		w.Header().Set("Allow", "GET, PUT, DELETE")
		http.Error(w, "GET, PUT or DELETE", http.StatusMethodNotAllowed)
	}
}

func (i *Injector) report() string {
	r := i.running.Load()
	if r == nil {
		return ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d\n", r.seed)
	for n, rule := range r.rules {
		fmt.Fprintf(&b, "%s\t(struck %d times)\n", rule.text, r.struck[n])
	}
	return b.String()
}

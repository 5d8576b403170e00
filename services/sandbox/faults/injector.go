package faults

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
)

// Injector applies the plan of the moment to all fronts. The zero Injector has
// no plan and costs a call next to nothing.
type Injector struct {
	running atomic.Pointer[running]
}

// running is a plan with its counts.
type running struct {
	Plan
	mu     sync.Mutex
	counts map[countKey]uint64 // calls seen
	struck []uint64            // by rule
}

type countKey struct {
	rule   int
	method string
}

// Set replaces the plan; counts begin anew. A plan without rules ends all faults.
func (i *Injector) Set(p Plan) {
	if len(p.rules) == 0 {
		i.running.Store(nil)
		return
	}
	i.running.Store(&running{Plan: p, counts: make(map[countKey]uint64), struck: make([]uint64, len(p.rules))})
}

func (r *rule) matches(method string) bool {
	ok, _ := path.Match(r.methods, method) // Parse checked the pattern
	return ok
}

// strike is what befalls one call. The zero strike is nothing.
type strike struct {
	effect effect
	code   codes.Code
	delay  time.Duration
}

// strike counts a call against the rules with one of the effects. Delays add
// up; of the other effects the first rule that strikes decides.
func (i *Injector) strike(method string, effects ...effect) strike {
	r := i.running.Load()
	if r == nil {
		return strike{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var s strike
	for n := range r.rules {
		rule := &r.rules[n]
		if !has(effects, rule.effect) || !rule.matches(method) || !r.strikes(n, method) {
			continue
		}
		if rule.effect == delay {
			s.delay += rule.delay
		} else if s.effect == "" {
			s.effect, s.code = rule.effect, rule.code
		} else {
			continue
		}
		r.struck[n]++
	}
	return s
}

func has(effects []effect, e effect) bool {
	for _, x := range effects {
		if x == e {
			return true
		}
	}
	return false
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

// wait sleeps as long as a strike says, or until ctx ends.
func wait(ctx context.Context, s strike) {
	if s.delay == 0 {
		return
	}
	timer := time.NewTimer(s.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
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

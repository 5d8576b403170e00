package incident

import (
	"context"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// Recorder keeps what the services of a sandbox export, scrape by scrape.
type Recorder struct {
	of        *stack.Stack
	recording *Recording
	series    map[string]*Series // by their labels
}

// NewRecorder begins a recording; interval is the time between two scrapes.
func NewRecorder(of *stack.Stack, interval time.Duration) *Recorder {
	return &Recorder{of: of, series: make(map[string]*Series), recording: &Recording{Start: time.Now().UTC(), Interval: interval}}
}

// Phase begins a phase with the next scrape.
func (r *Recorder) Phase(name string) {
	r.recording.Phases = append(r.recording.Phases, Phase{name, r.recording.Scrapes})
}

// Scrape asks all services that run, and the sandbox, once.
func (r *Recorder) Scrape(ctx context.Context) error {
	all, err := Families(ctx, r.of)
	if err != nil {
		return err
	}
	at := r.recording.Scrapes
	r.recording.Scrapes++
	seen := make(map[string]bool)
	for _, s := range samples(all) {
		seen[s.key] = true
		series, ok := r.series[s.key]
		if !ok {
			series = &Series{Labels: s.labels, Counter: s.counter}
			r.series[s.key] = series
			r.recording.Series = append(r.recording.Series, series)
		}
		series.set(at, &s.value)
	}
	for key, series := range r.series {
		if !seen[key] {
			series.set(at, nil)
		}
	}
	return nil
}

// Recording is what was recorded until now.
func (r *Recorder) Recording() *Recording { return r.recording }

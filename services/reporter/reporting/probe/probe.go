// Package probe tells the System page how the services and the warehouse do.
package probe

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
)

const (
	probeTimeout = 2 * time.Second
	// probeInterval bounds how often services are asked, however many pages are open.
	probeInterval = 2 * time.Second
	maxProbeBytes = 1 << 20
)

// The states of a service.
const (
	serviceReady       = "ready"
	serviceNotReady    = "not_ready"
	serviceUnreachable = "unreachable"
)

// serviceState is what a service says of itself.
type serviceState struct {
	Service string         `json:"service"`
	State   string         `json:"state"`
	Detail  string         `json:"detail,omitempty"`
	Took    int64          `json:"took_ms"`
	Metrics []serviceCount `json:"metrics"`
}

// serviceCount is a counter or gauge, summed over its labels, or the number and
// the mean of a histogram's observations.
type serviceCount struct {
	Name string   `json:"name"`
	Help string   `json:"help,omitempty"`
	Kind string   `json:"kind"`
	Sum  float64  `json:"value"`
	Mean *float64 `json:"mean,omitempty"`
}

// Probe asks the configured services how they are. Safe for concurrent use.
type Probe struct {
	urls   ServiceURLs
	pulse  *Pulse // of the warehouse, which the services' own readiness says nothing of
	client *http.Client
	now    func() time.Time
	log    *slog.Logger

	mu     sync.Mutex // held while services are asked: pages that ask meanwhile share the answer
	asked  time.Time
	states []serviceState
}

// New makes a Probe of these services, and of the warehouse.
func New(urls ServiceURLs, warehouse *Pulse, now func() time.Time, log *slog.Logger) *Probe {
	return &Probe{urls: urls, pulse: warehouse, client: &http.Client{Timeout: probeTimeout}, now: now, log: log}
}

// ServeHTTP answers /api/v1/services.
func (p *Probe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, fault := answer.ParseQuery(r.URL.RawQuery); fault != nil {
		fault.Send(w)
		return
	}
	states, asked := p.current(context.WithoutCancel(r.Context()))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(map[string]any{
		"as_of": asked.UTC(), "configured": len(p.urls) > 0, "rows": append(slices.Clone(states), p.pulse.state()),
	}); err != nil && r.Context().Err() == nil {
		p.log.ErrorContext(r.Context(), "service states not written", "error", err)
	}
}

func (p *Probe) current(ctx context.Context) ([]serviceState, time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.states != nil && p.now().Sub(p.asked) < probeInterval {
		return p.states, p.asked
	}
	names := slices.Sorted(maps.Keys(p.urls))
	states := make([]serviceState, len(names))
	var asking sync.WaitGroup
	for i, name := range names {
		asking.Go(func() { states[i] = p.ask(ctx, name, p.urls[name]) })
	}
	asking.Wait()
	p.states, p.asked = states, p.now()
	return p.states, p.asked
}

func (p *Probe) ask(ctx context.Context, name, base string) serviceState {
	started := time.Now()
	s := serviceState{Service: name, State: serviceReady, Metrics: []serviceCount{}}
	status, body, err := p.get(ctx, base+"/readyz")
	s.Took = time.Since(started).Milliseconds()
	switch {
	case err != nil:
		p.log.WarnContext(ctx, "service not reached", "service", name, "error", err)
		s.State, s.Detail = serviceUnreachable, "It does not answer."
		return s
	case status != http.StatusOK:
		s.State, s.Detail = serviceNotReady, answer.Clip(strings.TrimSpace(string(body)), 500)
	}
	if status, body, err = p.get(ctx, base+"/metrics"); err != nil || status != http.StatusOK {
		return s // its state is known all the same
	}
	if s.Metrics, err = readMetrics(body); err != nil {
		p.log.WarnContext(ctx, "metrics not understood", "service", name, "error", err)
		s.Metrics = []serviceCount{}
	}
	return s
}

func (p *Probe) get(ctx context.Context, address string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, nil, err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxProbeBytes))
	return resp.StatusCode, body, errors.Join(err, resp.Body.Close())
}

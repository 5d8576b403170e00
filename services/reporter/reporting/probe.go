package reporting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// ServiceURLs are the base addresses of other services' health and metrics, by
// the service's name.
type ServiceURLs map[string]string

// Decode implements envconfig.Decoder: name=url,name=url.
func (s *ServiceURLs) Decode(text string) error {
	*s = make(ServiceURLs)
	for entry := range strings.SplitSeq(text, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		name, address, ok := strings.Cut(entry, "=")
		parsed, err := url.Parse(address)
		if !ok || name == "" || err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
			return fmt.Errorf("%q is not of the form name=http://host:port", entry)
		}
		(*s)[name] = strings.TrimSuffix(address, "/")
	}
	return nil
}

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

// probe asks the configured services how they are. Safe for concurrent use.
type probe struct {
	urls   ServiceURLs
	pulse  *pulse // of the warehouse, which the services' own readiness says nothing of
	client *http.Client
	now    func() time.Time
	log    *slog.Logger

	mu     sync.Mutex // held while services are asked: pages that ask meanwhile share the answer
	asked  time.Time
	states []serviceState
}

func newProbe(urls ServiceURLs, warehouse *pulse, now func() time.Time, log *slog.Logger) *probe {
	return &probe{urls: urls, pulse: warehouse, client: &http.Client{Timeout: probeTimeout}, now: now, log: log}
}

// ServeHTTP answers /api/v1/services.
func (p *probe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if fault := refuseQuery(r.URL.RawQuery); fault != nil {
		writeProblem(w, http.StatusBadRequest, fault)
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

// refuseQuery is the fault of a query where none is taken.
func refuseQuery(rawQuery string) *problem {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return &problem{code: "invalid_query", message: "The query string is not well formed."}
	}
	for name := range values {
		return invalid(clip(name), "This endpoint has no such parameter.")
	}
	return nil
}

func (p *probe) current(ctx context.Context) ([]serviceState, time.Time) {
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

func (p *probe) ask(ctx context.Context, name, base string) serviceState {
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
		s.State, s.Detail = serviceNotReady, clipText(strings.TrimSpace(string(body)), 500)
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

func (p *probe) get(ctx context.Context, address string) (int, []byte, error) {
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

// readMetrics sums each family of the Prometheus text format over its labels.
func readMetrics(text []byte) ([]serviceCount, error) {
	reader := expfmt.NewTextParser(model.UTF8Validation)
	families, err := reader.TextToMetricFamilies(strings.NewReader(string(text)))
	if err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	counts := []serviceCount{}
	for _, name := range slices.Sorted(maps.Keys(families)) {
		family := families[name]
		c := serviceCount{Name: name, Help: family.GetHelp(), Kind: strings.ToLower(family.GetType().String())}
		var total float64
		for _, m := range family.GetMetric() {
			switch family.GetType() {
			case dto.MetricType_COUNTER:
				c.Sum += m.GetCounter().GetValue()
			case dto.MetricType_GAUGE:
				c.Sum += m.GetGauge().GetValue()
			case dto.MetricType_HISTOGRAM:
				c.Sum += float64(m.GetHistogram().GetSampleCount())
				total += m.GetHistogram().GetSampleSum()
			}
		}
		if family.GetType() == dto.MetricType_HISTOGRAM && c.Sum > 0 {
			mean := total / c.Sum
			c.Mean = &mean
		}
		// A number that JSON lacks says nothing.
		if !isRuntime(name) && !math.IsNaN(c.Sum) && !math.IsInf(c.Sum, 0) && (c.Mean == nil || !math.IsNaN(*c.Mean) && !math.IsInf(*c.Mean, 0)) {
			counts = append(counts, c)
		}
	}
	return counts, nil
}

// isRuntime tells metrics of Go's runtime and of the process from those of the service,
// which are what the page is about.
func isRuntime(name string) bool {
	return strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") && name != "process_uptime_seconds" && name != "process_resident_memory_bytes"
}

// clipText shortens a text that goes to a page.
func clipText(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "")
}

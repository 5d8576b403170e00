package monitoring

import (
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"

	"github.com/zackkki/ecomm_datapipeline/monitoring/incident"
)

const (
	// slower is how much more slowly the incident is played than it was recorded: what
	// took a second takes a minute, and everything that is measured in seconds with it.
	slower = 60
	// before and after are how long the healthy part is repeated, before the incident,
	// so that a week can be looked back on, and after it, so that alerts can end.
	before = 8 * 24 * time.Hour
	after  = 4 * 24 * time.Hour
	// healthyStep is the time between two scrapes of what is repeated.
	healthyStep = 4 * time.Minute
)

var incidentStart = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// TestAlertsFireAndClear plays the recorded incident to the rules: every alert fires in
// the phase that it is made for, none before anything is wrong, and all have ended when
// everything has been well again for long enough.
func TestAlertsFireAndClear(t *testing.T) {
	t.Parallel()
	recording, err := incident.Read("testdata/incident.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	groups := readGroups(t)
	var read [][]*labels.Matcher
	for _, g := range groups {
		for _, r := range g.Rules {
			for _, selector := range selectors(t, r.Expr) {
				read = append(read, selector.LabelMatchers)
			}
		}
	}
	p := play(t, recording, read)
	// The budget of a deployment is its owner's; here it lies between the pace of the
	// healthy part and that of the burst.
	_, burst := p.phase(t, incident.PhaseBurst)
	for _, g := range groups {
		for i := range g.Rules {
			if g.Rules[i].Alert == "BytesBilledOverBudget" {
				pace, ok := strings.CutSuffix(strings.TrimSpace(g.Rules[i].Expr), " > 1e12")
				healthy, bad := p.value(t, pace, incidentStart), p.value(t, pace, burst)
				if !ok || bad < 1.5*healthy {
					t.Errorf("the healthy pace is %g bytes a day, that of the burst %g, by %s", healthy, bad, g.Rules[i].Expr)
				}
				g.Rules[i].Expr = fmt.Sprintf("%s > %g", pace, (healthy+bad)/2)
			}
		}
	}
	p.evaluate(t, groups)

	fired := make(map[string]bool)
	for _, want := range []struct{ alert, severity, phase string }{
		{"DeadLetters", "page", incident.PhaseBadData},
		{"LedgerImbalance", "page", incident.PhaseBadData},
		{"QualityErrors", "ticket", incident.PhaseBadData},
		{"FilesQuarantined", "ticket", incident.PhaseBadData},
		{"CompletenessBudgetBurn", "page", incident.PhaseBadData},
		{"CompletenessBudgetBurn", "ticket", incident.PhaseBadData},
		{"ServiceMissing", "page", incident.PhaseWriter},
		{"MessagesOld", "page", incident.PhaseWriter},
		{"DeadLettersNotStored", "page", incident.PhaseWriter},
		{"SourceSilent", "ticket", incident.PhaseParser},
		{"FilesStuck", "page", incident.PhaseParser},
		{"ProcessingSlow", "ticket", incident.PhaseParser},
		{"FactsOutdated", "page", incident.PhaseWarehouse},
		{"LeaseOld", "page", incident.PhaseWarehouse},
		{"FreshnessBudgetBurn", "page", incident.PhaseWriter},
		{"FreshnessBudgetBurn", "ticket", incident.PhaseAppends},
		{"AvailabilityBudgetBurn", "page", incident.PhaseWarehouse},
		{"AvailabilityBudgetBurn", "ticket", incident.PhaseWarehouse},
		{"TransactionsFailing", "page", incident.PhaseRefusing},
		{"AppendsFailing", "page", incident.PhaseAppends},
		{"FilesOverBudget", "ticket", incident.PhaseBudget},
		{"ServiceCrashing", "page", incident.PhaseCrashes},
		{"BytesBilledOverBudget", "ticket", incident.PhaseBurst},
	} {
		name := want.alert + " " + want.severity
		fired[name] = true
		from, to := p.phase(t, want.phase)
		// An alert may need what follows a phase: a file that waited is late when it comes.
		to = to.Add(30 * time.Minute)
		if !slices.ContainsFunc(p.fired[name], func(at time.Time) bool { return !at.Before(from) && !at.After(to) }) {
			t.Errorf("%s did not fire between %s and %s (%s), but at %s", name, clock(from), clock(to), want.phase, clocks(p.fired[name]))
		}
	}
	for name, at := range p.fired {
		if !fired[name] {
			t.Errorf("%s fired, and no phase is there for it", name)
		}
		if at[0].Before(incidentStart) {
			t.Errorf("%s fired at %s, before anything was wrong", name, clock(at[0]))
		}
		if last := at[len(at)-1]; !last.Before(p.stop.Add(-time.Hour)) {
			t.Errorf("%s has not ended at %s", name, clock(last))
		}
	}
}

// player is the incident in a Prometheus.
type player struct {
	recording *incident.Recording
	engine    *promql.Engine
	memory    *memory
	end, stop time.Time              // of the incident, and of what follows
	fired     map[string][]time.Time // by alert and severity, when it was firing
}

func clock(at time.Time) string {
	return fmt.Sprintf("%+.0f min", at.Sub(incidentStart).Minutes())
}

func clocks(all []time.Time) string {
	if len(all) == 0 {
		return "no time"
	}
	return fmt.Sprintf("%s .. %s", clock(all[0]), clock(all[len(all)-1]))
}

func play(t *testing.T, r *incident.Recording, read [][]*labels.Matcher) *player {
	t.Helper()
	p := &player{recording: r, memory: newMemory(), fired: make(map[string][]time.Time),
		engine: promql.NewEngine(promql.EngineOpts{Logger: slog.New(slog.DiscardHandler), MaxSamples: 50_000_000, Timeout: time.Minute, Parser: promQL})}
	p.end = p.at(r.Scrapes)
	p.stop = p.end.Add(after)
	from, to, err := r.Phase(incident.PhaseHealthy)
	if err != nil {
		t.Fatal(err)
	}
	from += (to - from) / 4 // the start is not like the rest
	for _, s := range r.Series {
		set := labels.FromMap(slowLabels(s.Labels))
		if !slices.ContainsFunc(read, func(all []*labels.Matcher) bool { return matches(all, set) }) {
			continue
		}
		p.playSeries(s, from, to, func(at time.Time, value float64) { p.memory.add(set, at.UnixMilli(), value) })
	}
	return p
}

// at is when a scrape is played.
func (p *player) at(scrape int) time.Time {
	return incidentStart.Add(time.Duration(scrape) * p.recording.Interval * slower)
}

// playSeries repeats the scrapes from..to, plays all, and repeats from..to again. A
// counter goes on rising by what it rose in the healthy part.
func (p *player) playSeries(s *incident.Series, from, to int, put func(time.Time, float64)) {
	values := s.Expand(p.recording.Scrapes)
	kind := kindOf(s)
	played := func(scrape int, at time.Time, plus float64) {
		v := *values[scrape] + plus
		switch kind {
		case moment: // as long ago as it was
			ago := p.recording.Start.Add(time.Duration(scrape) * p.recording.Interval).Sub(time.UnixMicro(int64(*values[scrape] * 1e6)))
			put(at, float64(at.Add(-ago*slower).UnixMilli())/1000)
		case seconds:
			put(at, v*slower)
		default:
			put(at, v)
		}
	}
	repeat := func(start, stop time.Time, base float64) {
		if values[from] == nil || values[to] == nil {
			return
		}
		length := time.Duration(to-from) * p.recording.Interval * slower
		for at := start; at.Before(stop); at = at.Add(healthyStep) {
			rounds := at.Sub(start) / length
			scrape := from + int((at.Sub(start)%length)/(p.recording.Interval*slower))
			if values[scrape] == nil {
				continue
			}
			plus := 0.0
			if s.Counter {
				plus = base - *values[from] + float64(rounds)*(*values[to]-*values[from])
			}
			if kind == uptime {
				put(at, at.Sub(start).Seconds()+base)
				continue
			}
			played(scrape, at, plus)
		}
	}
	repeat(incidentStart.Add(-before), incidentStart, 0)
	last := math.NaN()
	for scrape, v := range values {
		if v != nil {
			switch at := p.at(scrape); kind {
			case uptime:
				put(at, *v*slower)
				last = *v * slower
			default:
				played(scrape, at, 0)
				last = *v
			}
		}
	}
	if !math.IsNaN(last) && values[len(values)-1] != nil {
		repeat(p.end, p.stop, last)
	}
}

// kinds of series, by how time is in them.
const (
	plain = iota
	seconds
	moment // a time, in seconds since 1970
	uptime // seconds that rise with time
)

func kindOf(s *incident.Series) int {
	name := s.Labels["__name__"]
	switch {
	case name == "process_uptime_seconds":
		return uptime
	case name == "pipeline_load_newest_seconds", name == "reporter_reports_newest_seconds":
		return moment
	case strings.HasSuffix(name, "_seconds"), strings.HasSuffix(name, "_seconds_sum"), strings.HasSuffix(name, "_message_age"):
		return seconds
	}
	return plain
}

// slowLabels stretches the bound of a bucket of seconds.
func slowLabels(set map[string]string) map[string]string {
	le, err := strconv.ParseFloat(set["le"], 64)
	if err != nil || math.IsInf(le, 1) || !strings.HasSuffix(set["__name__"], "_seconds_bucket") {
		return set
	}
	slow := make(map[string]string, len(set))
	for name, value := range set {
		slow[name] = value
	}
	slow["le"] = strconv.FormatFloat(le*slower, 'g', -1, 64)
	return slow
}

func (p *player) phase(t *testing.T, name string) (from, to time.Time) {
	t.Helper()
	first, last, err := p.recording.Phase(name)
	if err != nil {
		t.Fatal(err)
	}
	return p.at(first), p.at(last)
}

// ask evaluates an expression.
func (p *player) ask(t *testing.T, expression string, at time.Time) promql.Vector {
	t.Helper()
	query, err := p.engine.NewInstantQuery(t.Context(), p.memory, nil, expression, at)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	defer query.Close()
	result, err := query.Exec(t.Context()).Vector()
	if err != nil {
		t.Fatalf("%s at %s: %v", expression, clock(at), err)
	}
	return slices.Clone(result)
}

// value is that of an expression with one result.
func (p *player) value(t *testing.T, expression string, at time.Time) float64 {
	t.Helper()
	result := p.ask(t, expression, at)
	if len(result) != 1 {
		t.Fatalf("%s: %v", expression, result)
	}
	return result[0].F
}

// evaluate evaluates the rules as Prometheus would, every other minute of the incident
// and more rarely when nothing happens, and keeps what recording rules record. An
// alert fires when its expression has had a result with the same labels for long enough.
func (p *player) evaluate(t *testing.T, groups []rulefmt.RuleGroup) {
	t.Helper()
	since := make(map[string]map[string]time.Time) // by rule and labels, from when there was a result
	step := 2 * time.Minute
	for at := incidentStart.Add(-2 * time.Hour); at.Before(p.stop); at = at.Add(step) {
		if at.After(p.end.Add(8 * time.Hour)) {
			step = 30 * time.Minute
		}
		for _, g := range groups {
			for _, r := range g.Rules {
				result := p.ask(t, r.Expr, at)
				if r.Record != "" {
					for _, s := range result {
						set := labels.NewBuilder(s.Metric).Set(model.MetricNameLabel, r.Record)
						p.memory.add(set.Labels(), at.UnixMilli(), s.F)
					}
					continue
				}
				name := r.Alert + " " + r.Labels["severity"]
				active, firing := make(map[string]time.Time), false
				for _, s := range result {
					key := s.Metric.String()
					began, ok := since[name][key]
					if !ok {
						began = at
					}
					active[key] = began
					firing = firing || at.Sub(began) >= time.Duration(r.For)
				}
				since[name] = active
				if firing {
					p.fired[name] = append(p.fired[name], at)
				}
			}
		}
	}
}

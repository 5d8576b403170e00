package monitoring

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
)

// made is a series of a case that the incident does not have. value gives what is
// scraped at a time after incidentStart, and whether anything is.
type made struct {
	labels map[string]string
	value  func(at time.Duration) (float64, bool)
}

// between is a value that is scraped from..to.
func between(from, to time.Duration, value func(at time.Duration) float64) func(time.Duration) (float64, bool) {
	return func(at time.Duration) (float64, bool) { return value(at), at >= from && at < to }
}

func constant(v float64) func(time.Duration) float64 { return func(time.Duration) float64 { return v } }

// steps is a counter that rises by one at each of the times.
func steps(times ...time.Duration) func(time.Duration) float64 {
	return func(at time.Duration) float64 {
		n := 0.0
		for _, t := range times {
			if at >= t {
				n++
			}
		}
		return n
	}
}

// restarts are the labels of GKE's count for a container.
func restarts(namespace, container string) map[string]string {
	return map[string]string{"__name__": restartCount, "monitored_resource": "k8s_container", "cluster_name": "order-pipeline",
		"namespace_name": namespace, "container_name": container, "pod_name": container + "-1"}
}

// held are the series of a file whose transaction would be too much until the end, with an
// alarm every hour: the count of that first, then what else sees it waiting.
func held(alarm string, until time.Duration) []made {
	const id = "files-parsed.aggregator"
	hours := []time.Duration{}
	for at := time.Duration(0); at < until; at += time.Hour {
		hours = append(hours, at)
	}
	since := func(at time.Duration) float64 {
		if at < 0 || at >= until {
			return 0
		}
		return at.Seconds()
	}
	return []made{
		{map[string]string{"__name__": alarm, "service": "aggregator"}, between(-24*time.Hour, 2*until, steps(hours...))},
		{map[string]string{"__name__": "pipeline_messages_oldest_lease_seconds", "service": "aggregator", "subscription": id}, between(-24*time.Hour, 2*until, since)},
		{map[string]string{"__name__": "pubsub_googleapis_com:subscription_oldest_unacked_message_age", "subscription_id": id}, between(-24*time.Hour, 2*until, since)},
		{map[string]string{"__name__": "pipeline_messages_in_hand", "subscription": id}, between(-24*time.Hour, until, constant(1))},
		{map[string]string{"__name__": "pipeline_load_newest_seconds"}, between(-24*time.Hour, 2*until, func(at time.Duration) float64 {
			return float64(incidentStart.Add(at).Unix()) - since(at)
		})},
	}
}

const (
	overBudget = "pipeline_transaction_over_budget_total"
	overTime   = "pipeline_transaction_over_time_total"
)

// TestAlertsOnMadeSeries evaluates alerts on what takes longer than the incident, or
// what the embedded cloud has not: from when to when each of them fires.
func TestAlertsOnMadeSeries(t *testing.T) {
	t.Parallel()
	const day, minute = 24 * time.Hour, time.Minute
	moment := func(at time.Duration) float64 { return float64(incidentStart.Add(at).Unix()) }
	for name, tt := range map[string]struct {
		alert    string
		length   time.Duration
		series   []made
		from, to time.Duration // when it fires; the same: never
	}{
		"the daily reports fail one night": {
			alert: "ReportsOutdated ticket", length: 60 * time.Hour,
			series: []made{{map[string]string{"__name__": "reporter_reports_newest_seconds"}, between(-day, 60*time.Hour, func(at time.Duration) float64 {
				switch made := at - 10*minute; {
				case made < 0:
					return moment(-day)
				case made < 2*day: // of the second night there are none
					return moment(0)
				default:
					return moment(2 * day)
				}
			})}},
			from: 30*time.Hour + 15*minute, to: 2*day + 10*minute,
		},
		"an expectation is broken one night, and the reporter is restarted": {
			alert: "ExpectationsBroken ticket", length: 30 * time.Hour,
			series: []made{
				{map[string]string{"__name__": "reporter_expectations_broken", "severity": "warning"}, between(-day, 30*time.Hour, constant(4))},
				{map[string]string{"__name__": "reporter_expectations_broken", "severity": "error", "pod": "first"}, between(-day, 10*time.Hour, func(at time.Duration) float64 {
					return min(1, max(0, at.Seconds()))
				})},
				{map[string]string{"__name__": "reporter_expectations_broken", "severity": "error", "pod": "second"}, between(10*time.Hour, 30*time.Hour, func(at time.Duration) float64 {
					if at < day {
						return 2
					}
					return 0
				})},
			},
			from: 6 * minute, to: day,
		},
		"nothing is loaded, and the aggregator is restarted": {
			alert: "FactsOutdated page", length: 4 * time.Hour,
			series: []made{
				{map[string]string{"__name__": "pipeline_load_newest_seconds", "pod": "first"}, between(-day, 90*minute, func(at time.Duration) float64 { return moment(min(at, 0)) })},
				{map[string]string{"__name__": "pipeline_messages_in_hand", "subscription": "files-parsed.aggregator", "pod": "first"}, between(-day, 90*minute, constant(1))},
				{map[string]string{"__name__": "pipeline_messages_in_hand", "subscription": "files-parsed.aggregator", "pod": "second"}, between(90*minute, 4*time.Hour, constant(1))},
				{map[string]string{"__name__": "pipeline_load_newest_seconds", "pod": "second"}, between(3*time.Hour, 4*time.Hour, moment)},
			},
			from: 50 * minute, to: 3 * time.Hour,
		},
		"a file is held, and loaded when it may cost more: the lease": {
			alert: "LeaseOld page", length: 12 * time.Hour, series: held(overBudget, 6*time.Hour),
		},
		"a file is held, and loaded when it may cost more: the message": {
			alert: "MessagesOld page", length: 12 * time.Hour, series: held(overBudget, 6*time.Hour),
		},
		"a file is held, and loaded when it may cost more: the facts": {
			alert: "FactsOutdated page", length: 12 * time.Hour, series: held(overBudget, 6*time.Hour),
		},
		"a file is held, and loaded when it may take longer: the lease": {
			alert: "LeaseOld page", length: 12 * time.Hour, series: held(overTime, 6*time.Hour),
		},
		"a file is held, and loaded when it may take longer: the message": {
			alert: "MessagesOld page", length: 12 * time.Hour, series: held(overTime, 6*time.Hour),
		},
		"a file is held, and loaded when it may take longer: the facts": {
			alert: "FactsOutdated page", length: 12 * time.Hour, series: held(overTime, 6*time.Hour),
		},
		"a file is held, and nobody tries it any more": {
			alert: "MessagesOld page", length: 12 * time.Hour, series: held(overBudget, 12*time.Hour)[1:],
			from: 50 * minute, to: 12 * time.Hour,
		},
		"a file takes too long, and is loaded when it may": {
			alert: "FilesOverTime ticket", length: 12 * time.Hour, series: held(overTime, 6*time.Hour),
			from: minute, to: 7 * time.Hour, // two hours after the last alarm
		},
		"a service ends before it is scraped": {
			alert: "ServiceCrashing page", length: 3 * time.Hour,
			series: []made{
				{restarts("order-pipeline", "writer"), between(-day, 3*time.Hour, steps(0, 5*minute, 10*minute, 15*minute, 20*minute))},
				{restarts("order-pipeline", "parser"), between(-day, 3*time.Hour, steps(0, 60*minute, 120*minute))},
				{restarts("another", "writer"), between(-day, 3*time.Hour, steps(90*minute, 91*minute, 92*minute, 93*minute))},
			},
			from: 10 * minute, to: 38 * minute,
		},
		"a loop waits for an answer that never comes, and its pod is replaced": {
			alert: "LoopStalled page", length: 4 * time.Hour,
			series: []made{
				{map[string]string{"__name__": "pipeline_loop_allowed_seconds", "service": "aggregator", "loop": "loading", "pod": "first"}, between(-day, 2*time.Hour, constant(900))},
				{map[string]string{"__name__": "pipeline_loop_silence_seconds", "service": "aggregator", "loop": "loading", "pod": "first"}, between(-day, 2*time.Hour, func(at time.Duration) float64 {
					return max(0, at.Seconds()) // until then it turned
				})},
				{map[string]string{"__name__": "pipeline_loop_allowed_seconds", "service": "aggregator", "loop": "loading", "pod": "second"}, between(2*time.Hour, 4*time.Hour, constant(900))},
				{map[string]string{"__name__": "pipeline_loop_silence_seconds", "service": "aggregator", "loop": "loading", "pod": "second"}, between(2*time.Hour, 4*time.Hour, constant(600))},
			},
			from: 17 * minute, to: 2 * time.Hour,
		},
		"a right is taken away and given back, while pods come and go": {
			alert: "NotReceiving page", length: 4 * time.Hour,
			series: []made{
				{map[string]string{"__name__": "pipeline_messages_receiving", "service": "parser", "subscription": "files-landed.parser", "pod": "first"}, between(-day, 4*time.Hour, func(at time.Duration) float64 {
					if at >= 0 && at < 2*time.Hour {
						return 0
					}
					return 1
				})},
				{map[string]string{"__name__": "pipeline_messages_receiving", "service": "parser", "subscription": "files-landed.parser", "pod": "second"}, between(30*minute, 2*time.Hour, constant(0))},
				{map[string]string{"__name__": "pipeline_messages_receiving", "service": "writer", "subscription": "orders-validated.writer", "pod": "ending"}, between(-day, 4*time.Hour, constant(0))},
				{map[string]string{"__name__": "pipeline_messages_receiving", "service": "writer", "subscription": "orders-validated.writer", "pod": "working"}, between(-day, 4*time.Hour, constant(1))},
			},
			from: 5 * minute, to: 2 * time.Hour,
		},
		"dear questions, and no transaction": {
			alert: "BytesBilledOverBudget ticket", length: 4 * time.Hour,
			series: []made{
				{map[string]string{"__name__": "pipeline_transaction_billed_bytes_total"}, between(-day, 4*time.Hour, constant(0))},
				{map[string]string{"__name__": "pipeline_query_billed_bytes_total", "purpose": "completeness"}, between(-day, 4*time.Hour, func(at time.Duration) float64 {
					return max(0, at.Hours()) * 84e9 // of which half in an hour is the budget
				})},
			},
			from: 45 * minute, to: 4 * time.Hour,
		},
		"a release replaces the pods": {
			alert: "ServiceCrashing page", length: 3 * time.Hour,
			series: []made{
				{map[string]string{"__name__": "process_uptime_seconds", "service": "writer", "pod": "old"}, between(-day, 0, func(at time.Duration) float64 { return (day + at).Seconds() })},
				{map[string]string{"__name__": "process_uptime_seconds", "service": "writer", "pod": "new"}, between(0, 3*time.Hour, time.Duration.Seconds)},
				{restarts("order-pipeline", "writer"), between(-day, 3*time.Hour, steps(0))},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &player{memory: newMemory(), fired: make(map[string][]time.Time), end: incidentStart.Add(tt.length), stop: incidentStart.Add(tt.length),
				engine: promql.NewEngine(promql.EngineOpts{Logger: slog.New(slog.DiscardHandler), MaxSamples: 1_000_000, Timeout: time.Minute, Parser: promQL})}
			for _, s := range tt.series {
				set := labels.FromMap(s.labels)
				for at := -2 * day; at < tt.length; at += minute {
					if v, ok := s.value(at); ok {
						p.memory.add(set, incidentStart.Add(at).UnixMilli(), v)
					}
				}
			}
			p.evaluate(t, []rulefmt.RuleGroup{{Rules: rulesOf(t, tt.alert)}})
			fired := p.fired[tt.alert]
			if tt.from == tt.to {
				if len(fired) > 0 {
					t.Errorf("it fires %s", clocks(fired))
				}
				return
			}
			// Rules are evaluated every other minute, and a range reaches back a scrape more.
			const grain = 5 * minute
			if len(fired) == 0 || fired[0].Sub(incidentStart.Add(tt.from)).Abs() > grain || fired[len(fired)-1].Sub(incidentStart.Add(tt.to)).Abs() > grain {
				t.Errorf("it fires %s, want %s .. %s", clocks(fired), clock(incidentStart.Add(tt.from)), clock(incidentStart.Add(tt.to)))
			}
		})
	}
}

// rulesOf are the rules of an alert and severity.
func rulesOf(t *testing.T, alert string) (found []rulefmt.Rule) {
	t.Helper()
	for _, g := range readGroups(t) {
		for _, r := range g.Rules {
			if r.Alert+" "+r.Labels["severity"] == alert {
				found = append(found, r)
			}
		}
	}
	if len(found) == 0 {
		t.Fatalf("there is no alert %s", alert)
	}
	return found
}

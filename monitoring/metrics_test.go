package monitoring

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/zackkki/ecomm_datapipeline/monitoring/incident"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

var update = flag.Bool("update", false, "write metrics.md anew")

// TestMetrics runs the pipeline until every instrument has been used and holds what it
// exports against the page of metrics, in both directions, and against every name in a
// rule, in the dashboard and in a page.
func TestMetrics(t *testing.T) {
	t.Parallel()
	families := exported(t)
	page := metricsPage(families)
	if *update {
		if err := os.WriteFile("metrics.md", []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile("metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(written) != page {
		t.Error("metrics.md is not what the services export; write it with: go test ./monitoring -run TestMetrics -update")
	}

	known := make(map[string]bool)
	for _, of := range families {
		for name, family := range of {
			known[name] = true
			if family.GetType() == dto.MetricType_HISTOGRAM {
				known[name+"_bucket"], known[name+"_sum"], known[name+"_count"] = true, true, true
			}
		}
	}
	recorded := make(map[string]bool)
	for _, g := range readGroups(t) {
		for _, r := range g.Rules {
			recorded[r.Record] = true
		}
	}
	check := func(where, name string) {
		if !known[name] && !recorded[name] && name != restartCount {
			t.Errorf("%s names %s, which nothing exports", where, name)
		}
	}
	for _, g := range readGroups(t) {
		for _, r := range g.Rules {
			for _, selector := range selectors(t, r.Expr) {
				check(r.Alert+r.Record, selector.Name)
			}
		}
	}
	for _, expression := range dashboardQueries(t) {
		for _, selector := range selectors(t, expression) {
			check("the dashboard", selector.Name)
		}
	}
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	runbooks, err := filepath.Glob("runbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	metric := regexp.MustCompile(`\b(pipeline|reporter|pubsub_googleapis_com)[_:][a-z0-9_:]+\b`)
	guides, err := filepath.Glob("../*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	rooms, err := filepath.Glob("../*/*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Concat(pages, runbooks, guides, rooms, []string{"../README.md"}) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range metric.FindAllString(string(text), -1) {
			if name != topology.Reporter+"_daily" && !strings.HasPrefix(name, "pipeline_fence") {
				check(path, name)
			}
		}
	}
}

// TestCountersAreBornAtZero: an alert sees a counter rise only from a value that was scraped
// before, so that each that one reads is there before anything is counted.
func TestCountersAreBornAtZero(t *testing.T) {
	t.Parallel()
	families, err := incident.Families(t.Context(), startSandbox(t, "all"))
	if err != nil {
		t.Fatal(err)
	}
	exists := func(selector *parser.VectorSelector) bool {
		for service, of := range families {
			for _, m := range of[selector.Name].GetMetric() {
				set := map[string]string{model.MetricNameLabel: selector.Name, "service": service}
				for _, pair := range m.GetLabel() {
					set[pair.GetName()] = pair.GetValue()
				}
				if matches(selector.LabelMatchers, labels.FromMap(set)) {
					return true
				}
			}
		}
		return false
	}
	looked := 0
	for _, g := range readGroups(t) {
		for _, r := range g.Rules {
			// How long something took is not known before it has happened.
			for _, selector := range selectors(t, r.Expr) {
				if !strings.HasSuffix(selector.Name, "_total") {
					continue
				}
				looked++
				if !exists(selector) {
					t.Errorf("%s%s reads %s, which is not there at the start", r.Alert, r.Record, selector)
				}
			}
		}
	}
	if looked < 20 {
		t.Errorf("only %d counters are read", looked)
	}
	for _, r := range rulesOf(t, "AppendsFailing page") {
		for _, selector := range selectors(t, r.Expr) {
			if !strings.HasSuffix(selector.Name, "_total") {
				t.Errorf("AppendsFailing reads %s, which is not there at the start", selector)
			}
		}
	}
	outcomes := make(map[string]bool)
	for _, m := range families[topology.Aggregator]["pipeline_records_completed_total"].GetMetric() {
		outcomes[m.GetLabel()[0].GetValue()+" "+m.GetLabel()[1].GetValue()] = true
	}
	for _, kind := range topology.Kinds() {
		for _, became := range []string{"loaded", "duplicate", "rejected", "held"} {
			if name := topology.KindFolder(kind) + " " + became; !outcomes[name] {
				t.Errorf("no record is counted as %s at the start", name)
			}
		}
	}
}

// TestEverySubscriptionHasItsAlarm checks that the series which the alerts of dead
// letters read exist for every subscription in the code, from the start.
func TestEverySubscriptionHasItsAlarm(t *testing.T) {
	t.Parallel()
	families := exported(t)
	series := func(service, name, label string) (values []string) {
		for _, m := range families[service][name].GetMetric() {
			for _, pair := range m.GetLabel() {
				if pair.GetName() == label {
					values = append(values, pair.GetValue())
				}
			}
		}
		return values
	}
	letters := series(topology.Writer, "pipeline_dead_letters_total", "subscription")
	waiting := series("", "pubsub_googleapis_com:subscription_num_undelivered_messages", "subscription_id")
	stored := alertSelector(t, "DeadLettersNotStored")
	for _, subscription := range topology.Subscriptions() {
		if !slices.Contains(letters, subscription) {
			t.Errorf("DeadLetters does not see those of %s", subscription)
		}
		dead := topology.DeadLetterSubscription(subscription)
		if !slices.Contains(waiting, dead) || !stored.MatchString(dead) {
			t.Errorf("DeadLettersNotStored does not see %s", dead)
		}
	}
}

// alertSelector is the pattern that an alert looks for in subscription_id.
func alertSelector(t *testing.T, alert string) *regexp.Regexp {
	t.Helper()
	for _, g := range readGroups(t) {
		for _, r := range g.Rules {
			if r.Alert != alert {
				continue
			}
			for _, m := range selectors(t, r.Expr)[0].LabelMatchers {
				if m.Name == "subscription_id" {
					return regexp.MustCompile("^(?:" + m.Value + ")$")
				}
			}
		}
	}
	t.Fatalf("%s looks at no subscription_id", alert)
	return nil
}

// exported are the families of a pipeline all of whose instruments have been used.
func exported(t *testing.T) map[string]map[string]*dto.MetricFamily {
	t.Helper()
	s := startSandbox(t, "all")
	if err := incident.Use(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	// The last word of a file is the watcher's.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticks := time.NewTicker(50 * time.Millisecond)
	defer ticks.Stop()
	for {
		families, err := incident.Families(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range families[topology.Watcher]["pipeline_files_put_away_total"].GetMetric() {
			if m.GetCounter().GetValue() > 0 {
				return families
			}
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			t.Fatal("no file was put away")
		}
	}
}

// restartCount is GKE's. The embedded cloud has no containers, and exports none.
const restartCount = "kubernetes_io:container_restart_count"

// metricsPage lists what is exported.
func metricsPage(families map[string]map[string]*dto.MetricFamily) string {
	type row struct{ kind, help, labels, services string }
	rows := make(map[string]*row)
	for _, service := range append(slices.Clone(incident.Services), "") {
		for name, family := range families[service] {
			if strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "promhttp_") ||
				strings.HasPrefix(name, "process_") && name != "process_uptime_seconds" {
				continue
			}
			var labels []string
			for _, m := range family.GetMetric() {
				for _, pair := range m.GetLabel() {
					if !slices.Contains(labels, pair.GetName()) {
						labels = append(labels, pair.GetName())
					}
				}
			}
			slices.Sort(labels)
			if service == "" {
				service = "Cloud Monitoring"
			}
			if old := rows[name]; old != nil {
				old.services += ", " + service
				continue
			}
			rows[name] = &row{strings.ToLower(family.GetType().String()), family.GetHelp(), strings.Join(labels, ", "), service}
		}
	}
	rows[restartCount] = &row{"counter", "Restarts of a container, as GKE counts them; not in the sandbox",
		"cluster_name, container_name, monitored_resource, namespace_name, pod_name", "Cloud Monitoring"}
	var names []string
	for name := range rows {
		names = append(names, name)
	}
	slices.Sort(names)
	var page strings.Builder
	page.WriteString(metricsHead)
	for _, name := range names {
		r := rows[name]
		if strings.Count(r.services, ",") == len(incident.Services)-1 {
			r.services = "all"
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s | %s |\n", name, r.kind, r.labels, r.services, r.help)
	}
	return page.String()
}

const metricsHead = `# Metrics

Every service serves these at ` + "`/metrics`" + `, in Prometheus's format, on the port of its health. The names
come from OpenTelemetry's: ` + "`pipeline.files.claimed`" + ` in the code is ` + "`pipeline_files_claimed_total`" + ` here, and
a unit of seconds or bytes becomes a part of the name. A scrape adds ` + "`service`, `pod` and `container`" + `. Go's
own ` + "`go_*` and `process_*`" + ` are served too. Those of Cloud Monitoring are Google's, of subscriptions and
containers; the sandbox serves those of the subscriptions on its own port.

The page is written by a test from what running services export:
` + "`go test ./monitoring -run TestMetrics -update`" + `.

| name | type | labels | service | what it says |
|---|---|---|---|---|
`

// dashboardQueries gives every expression in the Grafana dashboard.
func dashboardQueries(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var board any
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	var all []string
	var walk func(any)
	walk = func(node any) {
		switch node := node.(type) {
		case map[string]any:
			if expression, ok := node["expr"].(string); ok {
				all = append(all, grafanaVariable.ReplaceAllString(expression, "5m"))
			}
			for _, child := range node {
				walk(child)
			}
		case []any:
			for _, child := range node {
				walk(child)
			}
		}
	}
	walk(board)
	if len(all) == 0 {
		t.Fatal("the dashboard asks nothing")
	}
	return all
}

// grafanaVariable is what Grafana replaces by a length of time.
var grafanaVariable = regexp.MustCompile(`\$__rate_interval|\$__interval|\$__range`)

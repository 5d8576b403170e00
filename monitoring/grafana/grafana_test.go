package main

import (
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/zackkki/ecomm_datapipeline/monitoring/grafana/dashboard"
)

var update = flag.Bool("update", false, "write ../dashboard.json")

func TestDashboardIsCurrent(t *testing.T) {
	t.Parallel()
	const file = "../dashboard.json"
	want, err := render()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("dashboard.json is not what the program prints; run go test ./monitoring/grafana -update (-printed +committed):\n%s", diff)
	}
}

// duration is what Grafana puts a length of time in the place of.
var duration = regexp.MustCompile(`\$__(rate_interval|interval|range)\b`)

func TestQueriesParse(t *testing.T) {
	t.Parallel()
	promql := parser.NewParser(parser.Options{})
	for _, q := range dashboard.Queries() {
		if _, err := promql.ParseExpr(duration.ReplaceAllString(q, "5m")); err != nil {
			t.Errorf("%s: %v", q, err)
		}
	}
}

// TestBoard looks at what Grafana would make of the dashboard: every panel lies on the
// grid beside the others, asks the chosen source, and every query reached it.
func TestBoard(t *testing.T) {
	t.Parallel()
	text, err := render()
	if err != nil {
		t.Fatal(err)
	}
	type place struct{ X, Y, W, H int }
	var board struct {
		Panels []struct {
			Title, Type string
			GridPos     place
			Datasource  struct{ UID string }
			Targets     []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	var queries []string
	taken := make(map[[2]int]string)
	for _, p := range board.Panels {
		at := p.GridPos
		if at.W < 1 || at.H < 1 || at.X < 0 || at.X+at.W > 24 {
			t.Errorf("panel %q lies at %+v", p.Title, at)
		}
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				if other, ok := taken[[2]int{x, y}]; ok {
					t.Fatalf("panels %q and %q lie on each other", other, p.Title)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		if p.Datasource.UID != "${datasource}" {
			t.Errorf("panel %q asks %q", p.Title, p.Datasource.UID)
		}
		for _, target := range p.Targets {
			queries = append(queries, target.Expr)
		}
	}
	if !slices.Equal(queries, dashboard.Queries()) {
		t.Errorf("queries (-meant +in the dashboard):\n%s", cmp.Diff(dashboard.Queries(), queries))
	}
}

// panel is one of the board as Grafana gets it.
type panel struct {
	Title, Type, Description string
	Targets                  []struct{ Expr string }
	FieldConfig              struct {
		Defaults struct {
			Thresholds struct {
				Steps []struct {
					Value *float64
					Color string
				}
			}
		}
	}
}

func panels(t *testing.T) (all []panel) {
	t.Helper()
	text, err := render()
	if err != nil {
		t.Fatal(err)
	}
	var board struct{ Panels []panel }
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	for _, p := range board.Panels {
		if p.Type != "row" {
			all = append(all, p)
		}
	}
	return all
}

// TestPanelsSayWhatTheyShow: every panel has a description, and one that looks at a window
// has it in its title. A rate over $__rate_interval is none: its unit is per second.
func TestPanelsSayWhatTheyShow(t *testing.T) {
	t.Parallel()
	words := map[string]string{"[5m]": "5 min", "[1h]": "hour", "[1d]": "1 day", "ratio_rate3d": "3 days", "[$__range]": "time shown", "[$__rate_interval]": ""}
	window := regexp.MustCompile(`\[[^\]]+\]|ratio_rate\w+`)
	for _, p := range panels(t) {
		if p.Description == "" {
			t.Errorf("panel %q has no description", p.Title)
		}
		for _, target := range p.Targets {
			for _, found := range window.FindAllString(target.Expr, -1) {
				if word, ok := words[found]; !ok || !strings.Contains(p.Title, word) {
					t.Errorf("panel %q looks at %s and does not say so", p.Title, found)
				}
			}
		}
	}
}

// TestOneDeploymentAtATime: every query keeps to the project, cluster and namespace that are
// chosen, and no more than one of each can be: a sum over several hides each of them.
func TestOneDeploymentAtATime(t *testing.T) {
	t.Parallel()
	promql := parser.NewParser(parser.Options{})
	for _, q := range dashboard.Queries() {
		expr, err := promql.ParseExpr(duration.ReplaceAllString(q, "5m"))
		if err != nil {
			t.Fatal(err)
		}
		parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
			selector, ok := node.(*parser.VectorSelector)
			if !ok {
				return nil
			}
			want := map[string]string{"project_id": "$project", "cluster": "$cluster", "namespace": "$namespace"}
			if strings.HasPrefix(selector.Name, "pubsub_googleapis_com:") {
				want = map[string]string{"project_id": "$project"}
			}
			for _, m := range selector.LabelMatchers {
				if want[m.Name] == m.Value {
					delete(want, m.Name)
				}
			}
			if len(want) > 0 {
				t.Errorf("%s asks whatever %v", q, want)
			}
			return nil
		})
	}
	text, err := render()
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Templating struct {
			List []struct {
				Name, AllValue    string
				Multi, IncludeAll bool
			}
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range board.Templating.List {
		names = append(names, v.Name)
		if several := v.Name == "service"; v.Multi != several || v.IncludeAll != several {
			t.Errorf("variable %s: several %v, all %v", v.Name, v.Multi, v.IncludeAll)
		}
	}
	if want := []string{"datasource", "project", "cluster", "namespace", "service"}; !slices.Equal(names, want) {
		t.Errorf("variables %v, want %v", names, want)
	}
}

// TestSpentBudgetsAreRed: what is left of a budget is red below zero, and green only where
// much is left.
func TestSpentBudgetsAreRed(t *testing.T) {
	t.Parallel()
	found := 0
	for _, p := range panels(t) {
		if !strings.Contains(p.Title, "budget left") {
			continue
		}
		found++
		color := func(value float64) (now string) {
			for _, step := range p.FieldConfig.Defaults.Thresholds.Steps {
				if step.Value == nil || value >= *step.Value {
					now = step.Color
				}
			}
			return now
		}
		for value, want := range map[float64]string{-5: "red", -0.01: "red", 0: "orange", 0.1: "orange", 0.5: "green", 1: "green"} {
			if got := color(value); got != want {
				t.Errorf("%s: %v is %s, want %s", p.Title, value, got, want)
			}
		}
	}
	if found != 3 {
		t.Errorf("%d budgets, want those of the three objectives", found)
	}
}

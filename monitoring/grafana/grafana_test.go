package main

import (
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"slices"
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

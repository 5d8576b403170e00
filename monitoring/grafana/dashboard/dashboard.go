// Package dashboard is the Grafana dashboard of the pipeline: its rows and panels, and
// how they become Grafana's model. It asks only for metrics that the services export, for
// Cloud Monitoring's of Pub/Sub under the names that Managed Prometheus gives them, and
// for what the rules of this module record.
package dashboard

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

const (
	statHeight   = 4
	seriesHeight = 8

	// scarce is the share of a budget below which it is time to look.
	scarce = 0.25
)

// Build makes the dashboard, in Grafana's first schema: every Grafana in use can import
// and provision it, which is not so of the second, that the SDK prefers.
//
//lint:ignore SA1019 see above
func Build() (dashboard.Dashboard, error) {
	//lint:ignore SA1019 see above
	b := dashboard.NewDashboardBuilder("Order pipeline").
		Uid("order-pipeline").
		Description("Written by `go run ./monitoring/grafana`: change the program, not this file.").
		Tags([]string{"order-pipeline"}).
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Timezone("utc").
		Time("now-6h", "now").
		Refresh("1m").
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Prometheus").Type("prometheus")).
		WithVariable(one("project", "Project", `label_values(process_uptime_seconds, project_id)`)).
		WithVariable(one("cluster", "Cluster", `label_values(process_uptime_seconds{project_id=~"$project"}, cluster)`)).
		WithVariable(one("namespace", "Namespace", `label_values(process_uptime_seconds{project_id=~"$project", cluster=~"$cluster"}, namespace)`)).
		WithVariable(one("service", "Service", `label_values(process_uptime_seconds{`+here+`}, service)`).Multi(true).IncludeAll(true).AllValue(".*"))
	for _, r := range rows() {
		b.WithRow(dashboard.NewRowBuilder(r.title))
		for _, p := range r.panels {
			if p.stat {
				b.WithPanel(number(p))
			} else {
				b.WithPanel(graph(p))
			}
		}
	}
	board, err := b.Build()
	if err != nil {
		return board, fmt.Errorf("build the dashboard: %w", err)
	}
	return board, nil
}

// Queries are the PromQL expressions of all panels, in their order, with Grafana's
// variables as they stand there.
func Queries() []string {
	var all []string
	for _, r := range rows() {
		for _, p := range r.panels {
			for _, q := range p.queries {
				all = append(all, q.expr)
			}
		}
	}
	return all
}

// source is the data source that the variable at the top names.
func source() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}
}

// one is a variable of a label's values; one of them is shown: a metrics scope may hold
// several deployments, and a sum over them says nothing of any. Where a label is not
// known, as in the sandbox, its variable is empty and matches what lacks it.
func one(name, label, query string) *dashboard.QueryVariableBuilder {
	return dashboard.NewQueryVariableBuilder(name).
		Label(label).
		Datasource(source()).
		Query(dashboard.StringOrMap{String: cog.ToPtr(query)}).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
		Sort(dashboard.VariableSortAlphabeticalAsc)
}

func target(q query, instant bool) *prometheus.DataqueryBuilder {
	t := prometheus.NewDataqueryBuilder().Datasource(source()).Expr(q.expr).LegendFormat(q.legend)
	if instant {
		return t.Instant()
	}
	return t.Range()
}

func number(p panel) *stat.PanelBuilder {
	steps := []dashboard.Threshold{{Color: "green"}}
	switch {
	case p.left:
		steps = []dashboard.Threshold{{Color: "red"}, {Value: cog.ToPtr(0.0), Color: "orange"}, {Value: cog.ToPtr(scarce), Color: "green"}}
	case p.alarm > 0:
		steps = append(steps, dashboard.Threshold{Value: &p.alarm, Color: "red"})
	}
	b := stat.NewPanelBuilder().
		Title(p.title).Description(p.says).
		Datasource(source()).
		Unit(p.unit).NoValue("none").
		Span(p.width).Height(statHeight).
		GraphMode(common.BigValueGraphModeNone).
		ColorMode(common.BigValueColorModeValue).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		Thresholds(dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(steps))
	for _, q := range p.queries {
		b.WithTarget(target(q, true))
	}
	return b
}

func graph(p panel) *timeseries.PanelBuilder {
	b := timeseries.NewPanelBuilder().
		Title(p.title).Description(p.says).
		Datasource(source()).
		Unit(p.unit).Min(0).
		Span(p.width).Height(seriesHeight).
		FillOpacity(10).
		ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	if p.stacked {
		b.Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal))
	}
	for _, q := range p.queries {
		b.WithTarget(target(q, false))
	}
	return b
}

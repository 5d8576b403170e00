package reports

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/oracle"
)

// comparePageSums compares what the page sums up of the reports with the model: the
// tiles, the regions and categories, the unusual days and the tiers.
func comparePageSums(t *testing.T, root *html.Node, date civil.Date, want map[string]oracle.Sheet) {
	t.Helper()
	var total *big.Rat
	var today []string
	series := map[string][][]string{}
	var unusual [][]string
	for _, row := range want["revenue-trends"] {
		get := cellsOf("revenue-trends", row)
		level, newest := get("level"), get("period_end") == date.String()
		switch {
		case level == "region_category":
		case get("granularity") == "week" && newest && level == "total":
			total = rat(get("revenue"))
		case get("granularity") == "week" && newest:
			series[level] = append(series[level], row)
		case get("granularity") == "day":
			if newest && level == "total" {
				today = row
			}
			day, err := time.Parse(time.DateOnly, get("period_start"))
			if err != nil {
				t.Fatal(err)
			}
			if get("anomaly") != "" && date.DaysSince(civil.DateOf(day)) < 28 {
				scope := strings.ToUpper(level[:1]) + level[1:]
				unusual = append(unusual, []string{get("period_start"), day.Format("Mon 2 Jan"), scope, words(get("region") + get("category")), shown(get("revenue"), 2), shown(get("expected_revenue"), 2), get("anomaly")})
			}
		}
	}
	for level, head := range map[string]string{"region": "Region", "category": "Category"} {
		list := series[level]
		slices.SortStableFunc(list, func(a, b []string) int {
			return rat(cellsOf("revenue-trends", b)("revenue")).Cmp(rat(cellsOf("revenue-trends", a)("revenue")))
		})
		var rows [][]string
		for _, row := range list {
			get := cellsOf("revenue-trends", row)
			share := new(big.Rat).Quo(rat(get("revenue")), total)
			rows = append(rows, []string{
				words(get(level)), get("orders"), shown(get("revenue"), 2), shown(get("completed_revenue"), 2),
				changeText(get("change_ratio")), percentText(share), "", "",
			})
		}
		if diff := gocmp.Diff(rows, tableRows(root, "revenue", head)); diff != "" || len(rows) < 3 {
			t.Errorf("%s table of the page (-want +got):\n%s", level, diff)
		}
	}
	slices.SortStableFunc(unusual, func(a, b []string) int { return strings.Compare(b[0], a[0]) })
	if diff := gocmp.Diff(unusualDays(unusual), tableRows(root, "revenue", "Day")); diff != "" {
		t.Errorf("unusual days of the page (-want +got):\n%s", diff)
	}
	comparePageTiers(t, root, want["churn-risk"])
	comparePageForecast(t, root, want["forecast"])
	comparePageTiles(t, root, today, want)
}

// unusualDays has one row for what is unusual in the same way on one day: that of the
// total, if there is one, and how many regions and categories go with it.
func unusualDays(unusual [][]string) [][]string {
	var days [][]string
	with := map[string]map[string]int{}
	for _, row := range unusual {
		event, scope := row[0]+row[6], row[2]
		if with[event] == nil {
			with[event] = map[string]int{}
			days = append(days, append(slices.Clone(row), event))
			continue
		}
		with[event][scope]++
	}
	days = days[:min(15, len(days))]
	for i, row := range days {
		var others []string
		for _, of := range [][3]string{{"Region", "region", "regions"}, {"Category", "category", "categories"}} {
			if n := with[row[7]][of[0]]; n > 0 {
				others = append(others, fmt.Sprint(n, " ", of[min(n, 2)]))
			}
		}
		days[i] = append(slices.Clone(row[1:7]), strings.Join(others, ", "))
	}
	return days
}

func comparePageTiers(t *testing.T, root *html.Node, sheet oracle.Sheet) {
	t.Helper()
	type tier struct {
		levels        map[string]int
		value, atRisk *big.Rat
	}
	tiers := make(map[string]*tier)
	for _, row := range sheet {
		get := cellsOf("churn-risk", row)
		if tiers[get("customer_tier")] == nil {
			tiers[get("customer_tier")] = &tier{map[string]int{}, new(big.Rat), new(big.Rat)}
		}
		of := tiers[get("customer_tier")]
		if get("segment") == "one_time" {
			of.levels["once"]++
			continue
		}
		of.levels[get("risk_level")]++
		of.value.Add(of.value, rat(get("lifetime_value")))
		of.atRisk.Add(of.atRisk, rat(get("value_at_risk")))
	}
	var names []string
	for name := range tiers {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(tiers[b].atRisk.Cmp(tiers[a].atRisk), tiers[b].value.Cmp(tiers[a].value), cmp.Compare(a, b))
	})
	var rows [][]string
	for _, name := range names {
		of := tiers[name]
		high, medium, low := of.levels["high"], of.levels["medium"], of.levels["low"]
		rows = append(rows, []string{
			words(name), fmt.Sprint(high + medium + low), fmt.Sprint(high), fmt.Sprint(medium), fmt.Sprint(low),
			shown(of.value.FloatString(9), 2), shown(of.atRisk.FloatString(9), 2), fmt.Sprint(of.levels["once"]),
		})
	}
	if diff := gocmp.Diff(rows, tableRows(root, "churn", "Tier")); diff != "" {
		t.Errorf("tiers of the page (-want +got):\n%s", diff)
	}
}

// comparePageForecast compares the sums and the days of the forecast with the model.
func comparePageForecast(t *testing.T, root *html.Node, sheet oracle.Sheet) {
	t.Helper()
	rounded := func(r *big.Rat) string {
		whole, _, _ := strings.Cut(shown(r.FloatString(0), 1), ".")
		return whole
	}
	share := func(text string) string {
		if text == "" {
			return "–"
		}
		return shown(new(big.Rat).Mul(rat(text), big.NewRat(100, 1)).FloatString(9), 1) + " %"
	}
	var sums, days [][]string
	for i := 0; i < len(sheet); i += 28 {
		orders, units, revenue := new(big.Rat), new(big.Rat), new(big.Rat)
		get := cellsOf("forecast", sheet[i])
		name := get("category")
		if name == "" {
			name = "All categories"
		}
		for _, row := range sheet[i : i+28] {
			cell := cellsOf("forecast", row)
			orders.Add(orders, rat(cell("orders")))
			units.Add(units, rat(cell("units")))
			revenue.Add(revenue, rat(cell("revenue")))
			day, err := time.Parse(time.DateOnly, cell("forecast_date"))
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				days = append(days, []string{
					day.Format("Mon 2 Jan"), rounded(rat(cell("orders"))), rounded(rat(cell("units"))),
					shown(cell("revenue"), 2), shown(cell("revenue_low"), 2), shown(cell("revenue_high"), 2),
				})
			}
		}
		sums = append(sums, []string{words(name), rounded(orders), rounded(units), shown(revenue.FloatString(2), 2), share(get("revenue_wape")), share(get("revenue_naive_wape"))})
	}
	if diff := gocmp.Diff(sums, tableRows(root, "forecast", "Series")); diff != "" || len(sums) < 3 {
		t.Errorf("forecast of the page (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(days, tableRows(root, "forecast", "Day to come")); diff != "" {
		t.Errorf("days of the forecast on the page (-want +got):\n%s", diff)
	}
}

func comparePageTiles(t *testing.T, root *html.Node, today []string, want map[string]oracle.Sheet) {
	t.Helper()
	count := func(id, column, value string) int {
		n := 0
		for _, row := range want[id] {
			if cellsOf(id, row)(column) == value {
				n++
			}
		}
		return n
	}
	atRisk, levels := new(big.Rat), map[string]int{}
	for _, row := range want["churn-risk"] {
		if get := cellsOf("churn-risk", row); get("segment") == "repeat" {
			levels[get("risk_level")]++
			atRisk.Add(atRisk, rat(get("value_at_risk")))
		}
	}
	// Whether a product has run out is an alert, how badly a severity.
	out, critical, warning, short := count("inventory-alerts", "alert", "out_of_stock"), 0, 0, new(big.Rat)
	for _, row := range want["inventory-alerts"] {
		get := cellsOf("inventory-alerts", row)
		short.Add(short, rat(get("revenue_at_risk")))
		switch {
		case get("alert") != "low_cover":
		case get("severity") == "critical":
			critical++
		default:
			warning++
		}
	}
	get := cellsOf("revenue-trends", today)
	tiles := []string{
		fmt.Sprintf("%s%s to the same day a week before; %s orders", shown(get("revenue"), 2), changeText(get("change_ratio")), get("orders")),
		fmt.Sprintf("%d + %dout of stock + critical; %s at risk in 14 days; %d warnings, %d unknown products", out, critical, shown(short.FloatString(9), 2), warning, count("inventory-alerts", "alert", "unknown_product")),
		fmt.Sprintf("%d + %dhigh + medium risk; %s at risk in 90 days; %d one-time buyers", levels["high"], levels["medium"],
			shown(atRisk.FloatString(9), 2), count("churn-risk", "segment", "one_time")),
		fmt.Sprintf("%d + %derrors + warnings; %d checks passed", count("data-quality", "status", "error"), count("data-quality", "status", "warning"), count("data-quality", "status", "ok")),
	}
	var got []string
	for node := range root.Descendants() {
		if node.Data == "dd" && len(got) < len(tiles) {
			got = append(got, textOf(node))
		}
	}
	if diff := gocmp.Diff(tiles, got); diff != "" {
		t.Errorf("tiles of the page (-want +got):\n%s", diff)
	}
}

// comparePageAudit compares the audit's tables with the model; what a check is called
// there is for a person, and left out here.
func comparePageAudit(t *testing.T, root *html.Node, sheet oracle.Sheet) {
	t.Helper()
	var attention, gaps, volume, fresh [][]string
	outcomes := make(map[string][]string)
	for _, row := range sheet {
		get := cellsOf("data-quality", row)
		figures := []string{unitText(get("value"), get("unit")), get("expectation"), get("status")}
		bad := get("status") == "warning" || get("status") == "error"
		switch section := get("section"); {
		case section == "completeness" && get("value") != "1":
			gaps = append(gaps, []string{get("table_name"), get("subject"), figures[0], "", figures[1], figures[2]})
		case section == "volume":
			expected := figures[1]
			if expected == "" {
				expected = "–"
			}
			volume = append(volume, []string{figures[0], expected, figures[2]})
		case section == "freshness" && get("unit") == "hours" && get("table_name") != "order_keys":
			fresh = append(fresh, figures)
		case section == "ledger" && get("subject") != "" && get("table_name") == "file_ledger":
			kind := get("subject")
			outcomes[kind] = append(outcomes[kind], figures[0])
		}
		if bad && get("section") != "findings" && get("section") != "completeness" {
			attention = append(attention, append([]string{get("table_name"), get("subject")}, figures...))
		}
	}
	got := make(map[string][]string)
	for _, row := range tableRows(root, "quality", "Kind") {
		got[row[0]] = row[1:]
	}
	if diff := gocmp.Diff(outcomes, got); diff != "" {
		t.Errorf("ledger of the page (-want +got):\n%s", diff)
	}
	unnamed := func(rows [][]string) [][]string {
		for i := range rows {
			rows[i] = rows[i][1:]
		}
		return rows
	}
	for _, c := range []struct {
		name      string
		want, got [][]string
	}{
		{"attention", attention, unnamed(tableRows(root, "quality", "Check"))},
		{"gaps", gaps, tableRows(root, "quality", "Table", "Column")},
		{"volume", volume, unnamed(tableRows(root, "quality", "Measure", "On the day"))},
		{"freshness", fresh, unnamed(tableRows(root, "quality", "Measure", "Found"))},
	} {
		if diff := gocmp.Diff(c.want, c.got); diff != "" || len(c.want) == 0 {
			t.Errorf("%s of the page, %d rows (-want +got):\n%s", c.name, len(c.want), diff)
		}
	}
}

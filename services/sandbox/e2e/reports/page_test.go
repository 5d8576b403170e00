package reports

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/oracle"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/reportcheck"
)

// pageElements are all that a report's page consists of.
var pageElements = strings.Fields(`html head main meta title style body header p h1 h2 h3 nav ul li a dl div dt dd small section table caption
	thead tbody tr th td bdi span svg rect line text polyline footer`)

// pageAttributes are all that they carry: nothing that runs, loads or styles.
var pageAttributes = strings.Fields(`lang charset http-equiv content name class id href download scope colspan aria-label aria-hidden role
	viewbox width height x y x1 x2 y1 y2 dy text-anchor points preserveaspectratio tabindex`)

// comparePage reads the page as a browser does: hostile names are text, nothing else
// came out of them, and the figures are the model's.
func comparePage(t *testing.T, p *harness.Pipeline, date civil.Date, want map[string]oracle.Sheet) {
	t.Helper()
	response, err := http.Get(fmt.Sprintf("%s/reports/%s/index.html", p.Dashboard, date))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if policy := response.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'") {
		t.Errorf("policy of the page: %s", policy)
	}
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(content)))
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]int)
	for node := range root.Descendants() {
		switch node.Type {
		case html.CommentNode:
			t.Errorf("a comment: %s", node.Data)
		case html.ElementNode:
			if node.Namespace == "" { // a chart's marks have titles, too
				counts[node.Data]++
			}
			if !slices.Contains(pageElements, strings.ToLower(node.Data)) {
				t.Errorf("an element of another kind: %s", node.Data)
			}
			for _, a := range node.Attr {
				if !slices.Contains(pageAttributes, strings.ToLower(a.Key)) {
					t.Errorf("<%s> has %s=%q", node.Data, a.Key, a.Val)
				}
				if a.Key == "href" && !strings.HasPrefix(a.Val, "#") && reportcheck.ReportColumns[strings.TrimSuffix(a.Val, ".csv")] == nil {
					t.Errorf("a link to %q", a.Val)
				}
			}
		}
	}
	if counts["style"] != 1 || counts["title"] != 1 || counts["body"] != 1 {
		t.Errorf("elements %v", counts)
	}
	comparePageTables(t, root, want)
	comparePageSums(t, root, date, want)
	comparePageAudit(t, root, want["data-quality"])
}

func comparePageTables(t *testing.T, root *html.Node, want map[string]oracle.Sheet) {
	t.Helper()
	column := func(id string, row []string, name string) string {
		return row[slices.Index(reportcheck.ReportColumns[id], name)]
	}

	var customers, once [][]string
	for _, row := range want["churn-risk"] {
		get := func(name string) string { return column("churn-risk", row, name) }
		usual := "–"
		if get("usual_interval_days") != "" {
			usual = shown(get("usual_interval_days"), 1) + " d"
		}
		who := []string{words(get("customer_name") + " " + get("customer_id")), shown(get("value_at_risk"), 2), percentText(rat(get("risk_score")))}
		last := []string{get("last_order_date"), get("days_since_last_order")}
		worth := []string{shown(get("lifetime_value"), 2), words(get("customer_tier"))}
		if get("segment") == "one_time" {
			once = append(once, slices.Concat(who, last, worth))
			continue
		}
		customers = append(customers, slices.Concat(who, []string{get("risk_level")}, last, []string{usual, get("orders")}, worth))
	}
	if len(customers) == 0 || len(once) == 0 {
		t.Fatal("no customers: the test tests nothing")
	}
	if diff := cmp.Diff(customers[:min(25, len(customers))], tableRows(root, "churn", "Customer")); diff != "" {
		t.Errorf("customers of the page (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(once[:min(10, len(once))], tableRows(root, "churn", "Bought once")); diff != "" {
		t.Errorf("one-time buyers of the page (-want +got):\n%s", diff)
	}

	var short, unknown [][]string
	for _, row := range want["inventory-alerts"] {
		get := func(name string) string { return column("inventory-alerts", row, name) }
		if get("alert") == "unknown_product" {
			unknown = append(unknown, []string{get("product_id"), get("units_7d"), get("units_28d"), shown(get("revenue_28d"), 2)})
			continue
		}
		ahead := get("forecast_per_day")
		if ahead == "" {
			ahead = get("demand_per_day")
		}
		alert := map[string]string{"out_of_stock": "out of stock", "low_cover": "runs short"}[get("alert")]
		short = append(short, []string{
			words(get("product_name") + " " + get("product_id")), shown(get("revenue_at_risk"), 2), alert, get("stock_out_date"),
			strings.Replace(get("stock_left"), "-", "−", 1), shown(get("demand_per_day"), 1), shown(ahead, 1), shown(get("days_of_cover"), 1), words(get("category")),
		})
	}
	if len(short) == 0 || len(unknown) == 0 {
		t.Fatal("no alerts: the test tests nothing")
	}
	if diff := cmp.Diff(short[:min(25, len(short))], tableRows(root, "inventory", "Product", "Revenue at risk")); diff != "" {
		t.Errorf("alerts of the page (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(unknown[:min(10, len(unknown))], tableRows(root, "inventory", "Product", "Units, 7 d")); diff != "" {
		t.Errorf("unknown products of the page (-want +got):\n%s", diff)
	}

	var weeks [][]string
	for _, row := range want["revenue-trends"] {
		get := func(name string) string { return column("revenue-trends", row, name) }
		if get("granularity") != "week" {
			continue
		}
		if get("level") == "total" && len(weeks) < 8 {
			weeks = append(weeks, []string{get("period_end"), get("orders"), shown(get("revenue"), 2), shown(get("completed_revenue"), 2), changeText(get("change_ratio"))})
		}
	}
	if diff := cmp.Diff(weeks, tableRows(root, "revenue", "7 days up to")); diff != "" {
		t.Errorf("weeks of the page (-want +got):\n%s", diff)
	}

	findings := make(map[string][]string)
	for _, row := range want["data-quality"] {
		get := func(name string) string { return column("data-quality", row, name) }
		key := get("subject") + " " + get("table_name")
		switch get("check_name") {
		case "found_on_day":
			findings[key] = []string{get("subject"), get("table_name"), get("value"), "", get("status")}
		case "found_in_total":
			findings[key][3] = get("value")
		}
	}
	got := make(map[string][]string)
	for _, row := range tableRows(root, "quality", "Rule") {
		got[row[0]+" "+row[1]] = row
	}
	if diff := cmp.Diff(findings, got); diff != "" {
		t.Errorf("findings of the page (-want +got):\n%s", diff)
	}
}

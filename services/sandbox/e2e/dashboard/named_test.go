package dashboard

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query/querytest"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// hostileID tries a path as shownName tries the page.
const hostileID = "../a/b?c=d#e%2F<img src=x onerror=alert(1)>&\"' שלום"

// newestFirst are the lines of orders by time, those of one instant by id.
func newestFirst(lines []saleLine) []saleLine {
	lines = slices.Clone(lines)
	slices.SortFunc(lines, func(a, b saleLine) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(b.Order, a.Order)) })
	return lines
}

func wantProductDays(lines []saleLine) (want []harness.JsonRow) {
	groups := groupBy(lines, func(l saleLine) string { return civil.DateOf(l.At).String() })
	days := make([]string, 0, len(groups))
	for day := range groups {
		days = append(days, day)
	}
	slices.Sort(days)
	for _, day := range days {
		g := groups[day]
		want = append(want, harness.JsonRow{"order_date": day, "order_lines": float64(g.lines), "units": float64(g.units), "revenue": amountText(g.sold), "total_revenue": amountText(g.ordered)})
	}
	return want
}

func wantProductOrders(lines []saleLine) (want []harness.JsonRow) {
	groups := groupBy(lines, func(l saleLine) string { return l.Order })
	for _, l := range newestFirst(lines) {
		if g := groups[l.Order]; g != nil {
			want = append(want, harness.JsonRow{"order_id": l.Order, "order_timestamp": l.At.Format(time.RFC3339Nano), "payment_status": l.Status, "units": float64(g.units), "total_revenue": amountText(g.ordered)})
			delete(groups, l.Order)
		}
	}
	return want
}

func wantCustomerOrders(lines []saleLine) (want []harness.JsonRow) {
	for _, l := range newestFirst(lines) {
		if l.line == 1 {
			revenue := groupBy([]saleLine{l}, func(saleLine) bool { return true })[true].revenue
			want = append(want, harness.JsonRow{"order_id": l.Order, "order_timestamp": l.At.Format(time.RFC3339Nano), "payment_status": l.Status, "total_revenue": amountText(l.Total), "revenue": amountText(revenue)})
		}
	}
	return want
}

// TestProductsAndCustomers compares the pages of products and customers, and what stands behind them, with sums over the
// same lines in Go, and follows the links that lead to them.
func TestProductsAndCustomers(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, topology.Reporter)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	lines := makeSales(today)
	for i := range lines {
		switch lines[i].product.StringVal {
		case "product-1":
			lines[i].product.StringVal = hostileID
		case "product-0":
			lines[i].name.StringVal = shownName
		}
		if lines[i].customer.StringVal == "customer-3" {
			lines[i].customer.StringVal = hostileID
		}
	}
	for _, l := range lines {
		p.Insert(t, "fact_orders", l.Columns())
	}
	for _, h := range hourRows(lines) {
		p.Insert(t, "agg_hourly_metrics", h)
	}
	for _, c := range categoryRows(lines) {
		p.Insert(t, "agg_category_revenue", c)
	}
	landed := today.Add(-time.Hour)
	p.Insert(t, "dim_products", []harness.Column{
		{"product_id", hostileID}, {"product_name", shownName}, {"category", bigquery.NullString{}}, {"price", querytest.Numeric(t, "12.5")}, {"stock_level", 140},
		{"is_active", false}, {"content_hash", "h"}, {"file_id", "f"}, {"landed_at", landed}, {"updated_at", landed},
	})
	p.Insert(t, "dim_customers", []harness.Column{
		{"customer_id", hostileID}, {"name", shownName}, {"email", "secret@example.com"}, {"registration_date", civil.DateOf(landed)}, {"customer_tier", "gold"},
		{"is_active", true}, {"content_hash", "h"}, {"file_id", "f"}, {"landed_at", landed}, {"updated_at", landed},
	})
	// Facts that no aggregator has loaded: provisioning gives their days the aggregates.
	if _, err := provision.Provision(t.Context(), p.Endpoints, provision.Options{}); err != nil {
		t.Fatal(err)
	}
	yesterday := civil.DateOf(today).AddDays(-1)
	older := yesterday.AddDays(-1)
	for _, report := range []string{"inventory-alerts", "churn-risk"} {
		for _, day := range []civil.Date{older, yesterday} {
			p.Insert(t, "report_runs", []harness.Column{{"report_date", day}, {"report", report}, {"row_count", 1}, {"data_through", today}, {"parameters", ""}})
		}
	}
	for i, day := range []civil.Date{older, yesterday} {
		p.Insert(t, "report_inventory_alerts", []harness.Column{
			{"report_date", day}, {"position", 1}, {"product_id", hostileID}, {"category", "none"}, {"alert", "low_cover"}, {"severity", "warning"}, {"stock_level", 140},
			{"units_7d", 3}, {"units_28d", 60}, {"units_per_day_7d", querytest.Numeric(t, "1")}, {"units_per_day_28d", querytest.Numeric(t, "2")}, {"demand_per_day", querytest.Numeric(t, "2")},
			{"days_of_cover", querytest.Numeric(t, "10")}, {"revenue_28d", querytest.Numeric(t, "5")}, {"stock_left", 20 + i}, {"stock_out_date", yesterday.AddDays(10)}, {"revenue_at_risk", querytest.Numeric(t, "125")}, {"forecast_per_day", querytest.Numeric(t, "2.1")},
		})
		p.Insert(t, "report_churn_risk", []harness.Column{
			{"report_date", day}, {"position", 1}, {"customer_id", hostileID}, {"customer_tier", "gold"}, {"first_order_date", older}, {"last_order_date", older},
			{"days_since_last_order", i}, {"orders", 2}, {"order_days", 2}, {"lifetime_value", querytest.Numeric(t, "10")}, {"completed_value", querytest.Numeric(t, "10")},
			{"expected_interval_days", querytest.Numeric(t, "44.5")}, {"risk_score", querytest.Numeric(t, "0.612")}, {"risk_level", "medium"}, {"segment", "repeat"},
			{"expected_value", querytest.Numeric(t, "5")}, {"value_at_risk", querytest.Numeric(t, "3.06")},
		})
	}

	from, to := today.AddDate(0, 0, -4), today.AddDate(0, 0, -1)
	period := "?from=" + civil.DateOf(from).String() + "&to=" + civil.DateOf(to).AddDays(-1).String()
	check := func(t *testing.T, path, key string, want []harness.JsonRow) {
		t.Helper()
		if diff := gocmp.Diff(want, p.Ask(t, path, key), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", key, path, diff)
		}
	}
	// pages asks for the rows two at a time.
	pages := func(t *testing.T, path string, want []harness.JsonRow) {
		t.Helper()
		var got []harness.JsonRow
		for token := ""; ; {
			var answer struct {
				Rows          []harness.JsonRow `json:"rows"`
				NextPageToken string            `json:"next_page_token"`
			}
			p.AskInto(t, path+"limit=2"+token, &answer)
			got = append(got, answer.Rows...)
			if answer.NextPageToken == "" {
				break
			}
			token = "&page_token=" + answer.NextPageToken
		}
		if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("the pages of %s (-want +got):\n%s", path, diff)
		}
	}
	of := func(lines []saleLine, keep func(saleLine) bool) []saleLine {
		return slices.DeleteFunc(slices.Clone(lines), func(l saleLine) bool { return !keep(l) })
	}
	for _, id := range []string{"product-0", "product-2", hostileID} {
		t.Run("product "+id[:9], func(t *testing.T) {
			t.Parallel()
			sold := of(between(lines, from, to), func(l saleLine) bool { return l.product.StringVal == id })
			g := groupBy(sold, func(saleLine) bool { return true })[true]
			if g == nil || len(g.Orders) < 3 {
				t.Fatalf("few orders of %s: the test tests nothing", id)
			}
			want := harness.JsonRow{
				"product_id": id, "product_name": map[string]any{"product-0": shownName, "product-2": nil, hostileID: shownName}[id], "category": map[string]string{"product-0": "Books", "product-2": "unknown", hostileID: "none"}[id],
				"price": nil, "stock_level": nil, "is_active": nil, "catalog_landed_at": nil,
				"order_lines": float64(g.lines), "units": float64(g.units), "revenue": amountText(g.sold), "total_revenue": amountText(g.ordered),
			}
			stock := harness.JsonRow{
				"report_date": yesterday.String(), "alert": nil, "severity": nil, "stock_level": nil, "stock_left": nil, "units_28d": nil, "demand_per_day": nil,
				"days_of_cover": nil, "stock_out_date": nil, "revenue_at_risk": nil, "forecast_per_day": nil,
			}
			if id == hostileID {
				want["price"], want["stock_level"], want["is_active"], want["catalog_landed_at"] = "12.50", 140.0, false, landed.Format(time.RFC3339)
				stock = harness.JsonRow{
					"report_date": yesterday.String(), "alert": "low_cover", "severity": "warning", "stock_level": 140.0, "stock_left": 21.0, "units_28d": 60.0, "demand_per_day": "2.00",
					"days_of_cover": "10.00", "stock_out_date": yesterday.AddDays(10).String(), "revenue_at_risk": "125.00", "forecast_per_day": "2.10",
				}
			}
			path := "products/" + url.PathEscape(id)
			check(t, path+period, "product", []harness.JsonRow{want})
			check(t, path+period, "days", wantProductDays(sold))
			check(t, path+period, "stock", []harness.JsonRow{stock})
			pages(t, path+period+"&", wantProductOrders(sold))
		})
	}
	for _, id := range []string{"customer-1", hostileID} {
		t.Run("customer "+id[:10], func(t *testing.T) {
			t.Parallel()
			placed := of(lines, func(l saleLine) bool { return l.customer.StringVal == id })
			g := groupBy(placed, func(saleLine) bool { return true })[true]
			if g == nil || len(g.Orders) < 3 {
				t.Fatalf("few orders of %s: the test tests nothing", id)
			}
			orders := wantCustomerOrders(placed)
			want := harness.JsonRow{
				"customer_id": id, "customer_name": nil, "customer_tier": "unknown", "registration_date": nil, "is_active": nil,
				"orders": float64(len(g.Orders)), "order_days": float64(len(wantProductDays(placed))), "paid_orders": float64(g.paidOrders), "revenue": amountText(g.revenue), "avg_order_value": revenueAverageOf(g),
				"total_revenue": amountText(g.total), "first_order_at": orders[len(orders)-1]["order_timestamp"], "last_order_at": orders[0]["order_timestamp"],
			}
			churn := harness.JsonRow{
				"report_date": yesterday.String(), "risk_level": nil, "risk_score": nil, "segment": nil, "days_since_last_order": nil, "usual_interval_days": nil,
				"expected_interval_days": nil, "lifetime_value": nil, "expected_value": nil, "value_at_risk": nil,
			}
			if id == hostileID {
				want["customer_name"], want["customer_tier"], want["registration_date"], want["is_active"] = shownName, "gold", civil.DateOf(landed).String(), true
				churn = harness.JsonRow{
					"report_date": yesterday.String(), "risk_level": "medium", "risk_score": "0.612", "segment": "repeat", "days_since_last_order": 1.0, "usual_interval_days": nil,
					"expected_interval_days": "44.50", "lifetime_value": "10.00", "expected_value": "5.00", "value_at_risk": "3.06",
				}
			}
			path := "customers/" + url.PathEscape(id)
			check(t, path, "customer", []harness.JsonRow{want})
			check(t, path, "churn", []harness.JsonRow{churn})
			pages(t, path+"?", orders)
			if _, body := p.Fetch(t, "/api/v1/"+path); strings.Contains(string(body), "secret@") {
				t.Error("the answer holds the e-mail address")
			}
		})
	}
	t.Run("refusals", func(t *testing.T) {
		t.Parallel()
		for path, want := range map[string]int{
			"products/nothing": http.StatusNotFound, "customers/nothing": http.StatusNotFound, "products/%00": http.StatusBadRequest, "customers/%ff": http.StatusBadRequest,
			"products/" + strings.Repeat("x", 4097): http.StatusBadRequest, "customers/" + strings.Repeat("x", 4097): http.StatusBadRequest,
			"products/product-0?tier=gold": http.StatusBadRequest, "customers/customer-1?from=2026-01-01": http.StatusBadRequest,
			// Known, but not of this time.
			"products/product-0?from=2001-01-01&to=2001-01-02": http.StatusNotFound, "products/" + url.PathEscape(hostileID) + "?from=2001-01-01&to=2001-01-02": http.StatusOK,
		} {
			if got, body := p.Fetch(t, "/api/v1/"+path); got != want {
				t.Errorf("%.60s: status %d, want %d: %s", path, got, want, body)
			}
		}
	})
	t.Run("browser", func(t *testing.T) {
		b := openBrowser(t, p.Dashboard)
		overview := "/" + period
		within := between(lines, from, to)
		ordersOf := func(f salesFilter) string {
			return grouped(fmt.Sprint(len(groupBy(f.lines(within), func(l saleLine) string { return l.Order }))))
		}
		chosen := `[...document.querySelectorAll("#chosen a")].map((a) => a.textContent).join()`
		click := func(within, text string) {
			t.Helper()
			b.settle(t, within)
			if !eval[bool](t, b, fmt.Sprintf(`(() => { const link = [...document.querySelectorAll(%q)].find((a) => a.textContent === %s); link?.click(); return link?.tagName === "A" && link.href !== ""; })()`, within, quote(t, text))) {
				t.Fatalf("no link %q in %s", text, within)
			}
		}
		for _, way := range []struct {
			within, text, chip string
			filter             salesFilter
		}{
			{"#categories .label a", "Books", "Category: Books", salesFilter{category: "Books"}},
			{"#tiers .label a", "gold", "Tier: gold", salesFilter{tier: "gold"}},
			{"#countries a", "West", "Region: West", salesFilter{region: "West"}},
			{"#countries a", "California", "State: California", salesFilter{state: "CA"}},
			{"#map details a", "Texas (TX)", "State: Texas", salesFilter{state: "TX"}},
			{"#countries a", "France", "Region: France", salesFilter{region: "France"}},
		} {
			b.open(t, overview)
			before := b.text(t, `[data-tile="orders"] .figure`)
			click(way.within, way.text)
			b.until(t, "the orders of "+way.chip, fmt.Sprintf(`%s === %q && %s === %q`, figure("orders"), ordersOf(way.filter), chosen, "Remove the filter "+way.chip))
			if got := eval[string](t, b, "location.search"); got != period+"&"+way.filter.query() {
				t.Errorf("%s: the address says %s", way.chip, got)
			}
			if !eval[bool](t, b, `document.activeElement.closest("#chosen") !== null`) {
				t.Errorf("%s: the focus is lost", way.chip)
			}
			b.do(t, chromedp.KeyEvent(kb.Enter))
			b.until(t, "no filter", fmt.Sprintf(`%s === %q && document.querySelector("#chosen a") === null && location.search === %q`, figure("orders"), before, period))
			b.do(t, chromedp.NavigateBack())
			b.until(t, "the filter again", fmt.Sprintf(`%s === %q`, figure("orders"), ordersOf(way.filter)))
		}
		b.open(t, overview)
		b.until(t, "the parts of the revenue", `document.querySelector("#bridge a")`)
		click("#bridge a", b.text(t, "#bridge a:nth-of-type(1)"))
		b.until(t, "all orders", `new URLSearchParams(location.search).get("revenue") === "all"`)

		// From the overview to a product, to an order of it.
		b.open(t, overview)
		click("#products .label a", shownName)
		b.until(t, "the product", `document.querySelector("h1").textContent === `+quote(t, shownName)+` && document.getElementById("days") !== null`)
		b.settle(t, "the product")
		for _, id := range []string{"product-0", hostileID} {
			b.open(t, "/products/"+url.PathEscape(id)+period)
			sold := of(within, func(l saleLine) bool { return l.product.StringVal == id })
			g := groupBy(sold, func(saleLine) bool { return true })[true]
			got := eval[map[string]string](t, b, `Object.fromEntries([...document.querySelectorAll("#product .tile")].map((tile) => [tile.dataset.tile, tile.querySelector(".figure .exact")?.textContent ?? tile.querySelector(".figure").textContent]))`)
			want := map[string]string{"revenue": dollars(g.sold), "units": grouped(fmt.Sprint(g.units)), "price": "–", "left": "–", "out": "–"}
			if id == hostileID {
				want["price"], want["left"], want["out"] = "$12.50", "21", yesterday.AddDays(10).In(time.UTC).Format("2 Jan 2006")
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("figures of %s (-model +page):\n%s", id, diff)
			}
			if rows := eval[int](t, b, `document.querySelectorAll("#days tbody tr").length`); rows != len(wantProductDays(sold)) {
				t.Errorf("%s: %d days in the table", id, rows)
			}
			orders := eval[[]string](t, b, `[...document.querySelectorAll("#orders tbody a")].map((a) => a.textContent + " " + a.getAttribute("href"))`)
			for i, want := range wantProductOrders(sold) {
				if i < 20 && orders[i] != fmt.Sprintf("%s /orders/%s", want["order_id"], want["order_id"]) {
					t.Errorf("%s: order %d is %q, want %v", id, i, orders[i], want["order_id"])
				}
			}
			if n := eval[int](t, b, `document.querySelectorAll("main img, main script").length`); n != 0 {
				t.Errorf("%s: %d elements were made of the name", id, n)
			}
		}
		if got := b.text(t, "#stock"); !strings.Contains(got, "low cover") || !strings.Contains(got, "$125.00") {
			t.Errorf("the stock of the product is %q", got)
		}
		b.do(t, chromedp.KeyEvent(kb.Tab))
		b.open(t, "/customers/"+url.PathEscape(hostileID))
		placed := of(lines, func(l saleLine) bool { return l.customer.StringVal == hostileID })
		g := groupBy(placed, func(saleLine) bool { return true })[true]
		for tile, want := range map[string]string{"orders": grouped(fmt.Sprint(len(g.Orders))), "revenue": dollars(g.revenue)} {
			if got := eval[string](t, b, fmt.Sprintf(`document.querySelector('[data-tile=%q] .figure').textContent`, tile)); got != want {
				t.Errorf("%s of the customer: %q, want %q", tile, got, want)
			}
		}
		if got := b.text(t, "main"); !strings.Contains(got, "61.2%") || !strings.Contains(got, shownName) || strings.Contains(got, "secret@") {
			t.Errorf("the customer's page says %q", got)
		}
		if n := eval[int](t, b, `document.querySelectorAll("main img, main script").length`); n != 0 {
			t.Errorf("%d elements were made of the customer's name", n)
		}
		// The reports' tables lead there, too.
		b.open(t, "/reports?report=churn-risk&date="+yesterday.String())
		b.do(t, chromedp.Click(`#preview tbody a`))
		b.until(t, "the customer of the report", `document.querySelector("h1").textContent === `+quote(t, shownName))
		b.settle(t, "the customer of the report")
		b.open(t, "/reports?report=inventory-alerts&date="+yesterday.String())
		b.do(t, chromedp.Click(`#preview tbody a`))
		b.until(t, "the product of the report", `document.querySelector("h1").textContent === `+quote(t, shownName)+` && document.getElementById("days") !== null`)
		b.settle(t, "the product of the report")
		b.expect("/api/v1/") // the browser logs each 404
		for path, want := range map[string]string{"/products/nothing": "No such product", "/customers/nothing": "No such customer"} {
			b.open(t, path)
			if got := b.text(t, "h1"); got != want {
				t.Errorf("%s is headed %q", path, got)
			}
		}
	})
}

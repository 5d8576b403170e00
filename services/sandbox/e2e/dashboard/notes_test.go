package dashboard

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestNotes shows annotations and goals on the overview, while it is open, under filters and to the cent, on a clock that is put
// back meanwhile.
func TestNotes(t *testing.T) {
	t.Parallel()
	const zone = "America/New_York"
	config := harness.NewConfig(t.TempDir(), topology.Reporter)
	config.Variables["TIME_ZONE"] = zone
	p := harness.StartWith(t, config)
	clock, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2025, 11, 5, 0, 0, 0, 0, clock)
	lines := makeSales(end)
	for _, l := range lines {
		local := l
		local.At = l.At.In(clock)
		_, offset := local.At.Zone()
		p.Insert(t, "fact_orders", append(local.Columns(), harness.Column{"utc_offset_seconds", offset}))
	}
	for _, h := range hourRows(lines) {
		p.Insert(t, "agg_hourly_metrics", h)
	}
	if _, err := provision.Provision(t.Context(), p.Endpoints, provision.Options{}); err != nil {
		t.Fatal(err)
	}
	write := func(args ...string) {
		t.Helper()
		if out, err := p.Pipelinectl(t, args...); err != nil {
			t.Fatalf("pipelinectl %q: %v\n%s", args, err, out)
		}
	}
	// The days' figures by the model.
	const days = 7
	var revenue, orders [days]*big.Rat
	for i := range days {
		start := time.Date(2025, 10, 29+i, 0, 0, 0, 0, clock)
		revenue[i], orders[i] = new(big.Rat), new(big.Rat)
		if g := groupBy(between(lines, start, start.AddDate(0, 0, 1)), func(saleLine) string { return "" })[""]; g != nil {
			revenue[i], orders[i] = g.revenue, new(big.Rat).SetInt64(int64(len(g.Orders)))
		}
	}
	reached := func(figures []*big.Rat, goal *big.Rat) (n int) {
		for _, f := range figures {
			if f.Cmp(goal) >= 0 {
				n++
			}
		}
		return n
	}
	sum := func(figures []*big.Rat) *big.Rat {
		total := new(big.Rat)
		for _, f := range figures {
			total.Add(total, f)
		}
		return total
	}

	b := openBrowser(t, p.Dashboard)
	b.inject(t, `const every = window.setInterval; window.setInterval = (f, ms) => every(f, ms === 60000 ? 200 : ms);`)
	const period = "from=2025-10-20&to=2025-11-04"
	b.open(t, "/?"+period)
	b.until(t, "nothing is noted", `document.getElementById("notes").textContent === "No annotations and no goals here."`)

	// What is written while the page is open appears, with nothing that lands.
	write("annotations", "add", "--by", "Ann", "--on", "2025-11-02", "--hour", "3", shownName)
	write("annotations", "add", "--by", shownName, "--on", "2025-10-31", "--until", "2025-11-01", "Halloween")
	write("annotations", "add", "--by", "Ann", "--on", "2025-10-30", "--category", "Books", "Only books")
	write("annotations", "add", "--by", "Ann", "--on", "2025-11-05", "Not in the period")
	b.until(t, "the annotations", `document.querySelector("#notes button")?.textContent === "3 annotations"`)
	exact := revenue[3] // one day reaches it to the last billionth
	write("goals", "set", "--from", "2025-10-29", "revenue", exact.FloatString(9))
	write("goals", "set", "--from", "2025-10-29", "--until", "2025-11-04", "orders", orders[4].FloatString(0))
	write("goals", "set", "--from", "2025-11-01", "--per", "month", "orders", new(big.Rat).Add(sum(orders[3:]), big.NewRat(1, 1)).FloatString(0))
	write("goals", "set", "--from", "2025-11-01", "--per", "month", "revenue", "0.000000001")
	write("goals", "set", "--from", "2025-11-01", "--category", "Books", "orders", "1")
	b.until(t, "the goals", `document.querySelectorAll("#notes ul li").length === 4 && document.querySelectorAll("#hours .plot-label .goal").length === 2`)
	goals := eval[[]string](t, b, `[...document.querySelectorAll("#notes ul li")].map((n) => n.textContent)`)
	for i, want := range []string{
		fmt.Sprintf("a day: reached on %d of %d days", reached(revenue[:], exact), days),
		fmt.Sprintf("of %s (", "$0.00"),
		fmt.Sprintf("Orders goal, %s a day: reached on %d of %d days", orders[4].FloatString(0), reached(orders[:], orders[4]), days),
		fmt.Sprintf("Orders in November 2025: %s of ", sum(orders[3:]).FloatString(0)),
	} {
		if !strings.Contains(goals[i], want) {
			t.Errorf("goal %d: %q, want %q", i, goals[i], want)
		}
	}
	if !strings.HasSuffix(goals[1], " reached") || !strings.HasSuffix(goals[3], " missed by 1") {
		t.Errorf("the month's goals: %q and %q", goals[1], goals[3])
	}
	if title := b.text(t, "#hours-title"); title != "Orders and revenue per day" {
		t.Errorf("the chart is of %q, whose goals are of days", title)
	}

	// By keys: the list, a day of it, and the day in the chart.
	b.do(t, chromedp.Focus("#notes button"), chromedp.KeyEvent(kb.Enter))
	if got := eval[[]string](t, b, `[...document.querySelectorAll("#noted li")].map((n) => n.innerText.replace(/\s+/g, " "))`); !slices.Equal(got, []string{
		"1 30 Oct 2025 Only books in Books, by Ann", "2 31 Oct 2025 – 1 Nov 2025 Halloween by " + shownName, "3 2 Nov 2025, 03:00 " + shownName + " by Ann",
	}) {
		t.Errorf("the list: %q", got)
	}
	if got := eval[string](t, b, `document.activeElement.textContent + " " + document.activeElement.getAttribute("aria-expanded")`); got != "3 annotations true" {
		t.Errorf("the focus is at %q", got)
	}
	b.do(t, chromedp.Focus("#hours .frame"))
	for range 3 {
		eval[bool](t, b, `document.querySelector("#hours .frame").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }))`)
	}
	b.until(t, "the day and what is said of it", fmt.Sprintf(`document.querySelector("#hours .hint").textContent.startsWith("2 Nov ") && document.querySelector("#hours .hint").textContent.endsWith("Goal %s orders; " + %s)
		&& document.querySelector("#hours .tip .noted").textContent === "3 " + %[2]s`, orders[4].FloatString(0), quote(t, shownName)))
	if n := eval[int](t, b, `document.querySelectorAll("main img, main script").length`); n != 0 {
		t.Errorf("%d elements were made of a text", n)
	}

	// Filters: a category's goal and remarks are under that category alone, and none under any other filter.
	for query, want := range map[string]string{
		"category=Books":          "3 annotations|Orders goal, 1 a day: reached on ",
		"category=Sports":         "2 annotations|",
		"status=completed":        "3 annotations|",
		"region=West":             "3 annotations|",
		"revenue=all":             "3 annotations|Orders goal, ",
		"category=Books&tier=mob": "3 annotations|",
	} {
		b.open(t, "/?"+period+"&"+query)
		b.until(t, "the notes", `document.querySelector("#notes button")`)
		got := eval[string](t, b, `document.querySelector("#notes button").textContent + "|" + [...document.querySelectorAll("#notes ul li")].map((n) => n.textContent).join("|")`)
		if !strings.HasPrefix(got, want) || strings.HasSuffix(want, "|") && got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	b.open(t, "/?"+period)
	b.do(t, chromedp.Click("#notes button"), chromedp.Click("#noted a"))
	b.until(t, "the day alone", `location.search === "?from=2025-10-30&to=2025-10-30" && document.querySelector("#notes button").textContent === "1 annotation"`)
	b.settle(t, "the day")

	t.Run("pace", func(t *testing.T) { keepsPace(t, b) })
}

// keepsPace asks the module itself how a month is, at moments of it.
func keepsPace(t *testing.T, b *browser) {
	b.until(t, "the module", `(window.ofNotes ??= (import(document.querySelector("script[type=module]").src.replace("overview.js", "notes.js")).then((m) => { window.ofNotes = m; }), {})).Notes`)
	for _, tt := range []struct{ now, goal, revenue, want string }{
		{"2026-02-01T12:00:00Z", "2800.00", "0.00", "$0.00 of $2,800.00 (0.0%), 0 of 28 days over"},
		{"2026-02-15T12:00:00Z", "2800.00", "1400.00", "$1,400.00 of $2,800.00 (50.0%), 14 of 28 days over on track"},
		{"2026-02-15T12:00:00Z", "2800.00", "1399.99", "14 of 28 days over behind by $0.01"},
		{"2026-02-08T12:00:00Z", "0.000000003", "0.00", "7 of 28 days over behind by $0.00"},
		{"2026-02-28T23:00:00Z", "2800.00", "2700.00", "27 of 28 days over on track"},
		{"2026-03-01T12:00:00Z", "99999999999999.99", "99999999999999.98", "(100.0%) missed by $0.01"},
		{"2026-03-01T12:00:00Z", "99999999999999.99", "99999999999999.99", "(100.0%) reached"},
	} {
		got := eval[string](t, b, fmt.Sprintf(`(() => {
			const address = { get: () => "", period: () => ({ params: { from: "2026-02-01", to: "2026-02-28" } }) };
			const node = document.createElement("p");
			const n = new window.ofNotes.Notes(node, address, () => ({ key: "" }), () => Date.parse(%q));
			n.show({ annotations: [], goals: [{ metric: "revenue", period: "month", category: null, from_date: "2026-01-01", until_date: null, amount: %q }] });
			const m = n.month();
			n.figures = { of: JSON.stringify(m.params), head: { revenue: %q, orders: 1 } };
			n.tell();
			return node.textContent;
		})()`, tt.now, tt.goal, tt.revenue))
		if !strings.HasPrefix(got, "Revenue in February 2026: $") || !strings.HasSuffix(got, tt.want) {
			t.Errorf("%s of %s on %s: %q, want %q", tt.revenue, tt.goal, tt.now, got, tt.want)
		}
	}
}

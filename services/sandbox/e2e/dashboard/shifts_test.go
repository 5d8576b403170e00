package dashboard

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// mostShift is how much of a page may move by itself, as layout shift (https://web.dev/articles/cls counts it;
// up to 0.1 is good there).
const mostShift = 0.02

// watchShifts collects what moves without the reader's doing, with where from and to; slowed has the API's answers take their time.
const watchShifts = `{
	let entries = [];
	const name = (node) => node === null ? "gone" : (node.closest?.("[id]")?.id ?? "") + " " + node.nodeName + " " + (node.className ?? "");
	const place = (r) => [r.x, r.y, r.width, r.height].map(Math.round).join();
	const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
	observer.observe({ type: "layout-shift", buffered: true });
	window.takeShifts = () => new Promise((told) => requestAnimationFrame(() => requestAnimationFrame(() => {
		const all = [...entries, ...observer.takeRecords()];
		entries = [];
		told({
			score: all.filter((e) => !e.hadRecentInput).reduce((sum, e) => sum + e.value, 0),
			moved: all.flatMap((e) => e.sources.map((s) => name(s.node) + " " + place(s.previousRect) + " -> " + place(s.currentRect))),
		});
	})));
}`

const slowed = `{
	const { fetch } = window;
	window.fetch = async (...asked) => {
		await new Promise((resume) => setTimeout(resume, 300));
		return fetch(...asked);
	};
}`

type shifts struct {
	Score float64  `json:"score"`
	Moved []string `json:"moved"`
}

// nothingMoves loads every page with an empty cache and slow answers, and changes filters: nothing that the reader
// looks at may be pushed away.
func nothingMoves(t *testing.T, p *harness.Pipeline, b *browser) {
	for _, line := range [][]string{{"annotations", "add", "a sale"}, {"goals", "set", "revenue", "1000"}, {"goals", "set", "orders", "10"}, {"goals", "set", "--per", "month", "revenue", "100000"}} {
		if out, err := p.Pipelinectl(t, line...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	defer func() { // the pages that others read are without
		p.MustQuery(t, "DELETE FROM dashboard_annotations WHERE TRUE")
		p.MustQuery(t, "DELETE FROM dashboard_goals WHERE TRUE")
	}()
	added := b.inject(t, watchShifts+slowed)
	defer b.remove(t, added)
	id := func(query string) string {
		return url.PathEscape(p.MustQuery(t, query)[0][0].(string))
	}
	pages := []string{
		"/?from=2020-01-01&to=2020-01-02", "/as-of", "/as-of?from=2020-01-01&to=2020-01-02", "/?period=7d&status=completed", "/files?verdict=quarantined",
		"/files/" + id("SELECT file_id FROM file_ledger WHERE verdict = 'loaded' AND rejected > 0 ORDER BY landing_name LIMIT 1"),
		"/files/" + id("SELECT file_id FROM file_ledger WHERE verdict = 'quarantined' ORDER BY landing_name LIMIT 1"),
		"/orders/" + id("SELECT MIN(order_id) FROM fact_orders"), "/products/" + id("SELECT MIN(product_id) FROM fact_orders"), "/customers/" + id("SELECT MIN(customer_id) FROM fact_orders"), "/quality?rule=invalid_utf8",
	}
	for _, shown := range dashboardPages {
		pages = append(pages, shown.path)
	}
	period := func(key string) func() {
		return func() {
			b.do(t, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('#periods [data-key=%q]').click()`, key)))
		}
	}
	back := func() {
		b.do(t, chromedp.Evaluate[chromedp.Void](`new Promise((gone) => (addEventListener("popstate", () => gone(), { once: true }), history.back()))`, chromedp.EvalAwaitPromise))
	}
	changes := map[string][]func(){
		"/?from=2020-01-01&to=2020-01-02": {period("7d"), back},
		"/": {
			func() { b.choose(t, "status", "completed") }, func() { b.choose(t, "tier", "gold") }, func() { b.choose(t, "status", "") }, func() { b.choose(t, "tier", "") },
			period("90d"), period("1d"),
		},
		"/as-of":     {func() { b.choose(t, "status", "completed") }, func() { b.choose(t, "status", "") }, period("90d")},
		"/files":     {func() { b.choose(t, "kind", "products") }, func() { b.choose(t, "kind", "") }, period("1d")},
		"/quality":   {func() { b.choose(t, "severity", "error") }, func() { b.choose(t, "severity", "") }, period("31d")},
		"/customers": {period("7d"), period("90d")},
		"/system":    {period("1d"), period("7d")},
	}
	for _, width := range []int64{1440, 768, 390} {
		b.resize(t, width)
		for _, path := range pages {
			b.open(t, path)
			b.holdsStill(t, fmt.Sprintf("%s at %d pixels, loaded", path, width))
			for i, change := range changes[path] {
				change()
				b.settle(t, path)
				b.holdsStill(t, fmt.Sprintf("%s at %d pixels, change %d", path, width, i+1))
			}
		}
	}
	// What is pushed down is seen.
	eval[bool](t, b, `(document.querySelector("main").prepend(document.createElement("div")), document.querySelector("main > div").style.height = "20rem", true)`)
	if got := b.takeShifts(t); got.Score < mostShift {
		t.Errorf("a page that is pushed down by half a screen moves by %v", got)
	}
	if _, err := chromedp.Call(b.ctx, emulation.ClearDeviceMetricsOverride, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
}

func (b *browser) holdsStill(t *testing.T, what string) {
	t.Helper()
	if got := b.takeShifts(t); got.Score > mostShift {
		t.Errorf("%s: what is there moves by %.3f, %.3f at most:\n%s", what, got.Score, mostShift, strings.Join(got.Moved, "\n"))
	}
}

// takeShifts is what has moved since it was asked last.
func (b *browser) takeShifts(t *testing.T) shifts {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, *harness.Deadline)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[shifts]("takeShifts()", chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// inject has a script run in every page that is opened, before the page's own.
func (b *browser) inject(t *testing.T, script string) page.AddScriptToEvaluateOnNewDocumentResult {
	t.Helper()
	added, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	if err != nil {
		t.Fatal(err)
	}
	return added
}

// remove takes an injected script back.
func (b *browser) remove(t *testing.T, added page.AddScriptToEvaluateOnNewDocumentResult) {
	t.Helper()
	if _, err := chromedp.Call(b.ctx, page.RemoveScriptToEvaluateOnNewDocument, page.RemoveScriptToEvaluateOnNewDocumentParams(added)); err != nil {
		t.Fatal(err)
	}
}

// resize gives the tab the size of a screen; a narrow one is a phone's.
func (b *browser) resize(t *testing.T, width int64) {
	t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: 844, DeviceScaleFactor: 1, Mobile: width < 500,
	}); err != nil {
		t.Fatal(err)
	}
}

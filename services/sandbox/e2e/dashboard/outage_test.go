package dashboard

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestOutageInBrowser: what the warehouse cannot renew stays, dimmed, with the time at which
// it was so; the page says so by itself, and heals by itself.
func TestOutageInBrowser(t *testing.T) {
	t.Parallel()
	sandbox, _ := harness.StartStack(t, harness.NewConfig(t.TempDir(), "all"))
	p := harness.Connect(t, sandbox.Endpoints(), sandbox.DashboardURL())
	p.Land(t, "orders/a.json", harness.OrderFile(t, 75, 100, nil))
	p.AwaitFiles(t, 1)
	b := openBrowser(t, p.Dashboard)
	b.open(t, "/?period=7d")
	before := eval[string](t, b, figure("orders"))

	b.expect("/api/v1/") // an answer may fail before the outage ends, which the browser logs
	harness.FaultsCall(t, http.MethodPut, sandbox.FaultsURL(), "bigquery.jobs.* fail unavailable")
	b.choose(t, "status", "completed")
	const stale = `document.querySelectorAll(".panel[data-stale] .stale, .tiles[data-stale]").length`
	b.until(t, "all that is shown is old", stale+` === document.querySelectorAll(".panel, .tiles").length`)
	b.until(t, "since when", `/^As of \d/.test(document.getElementById("live-text").textContent)`)
	if got := eval[string](t, b, figure("orders")); got != before {
		t.Errorf("during the outage the page shows %s orders, before %s", got, before)
	}
	harness.FaultsCall(t, http.MethodDelete, sandbox.FaultsURL())
	b.settle(t, "the page after the outage")
	if n := eval[int](t, b, stale); n != 0 {
		t.Errorf("%d parts of the page are old after the outage", n)
	}

	b.open(t, "/system")
	b.until(t, "the warehouse among the services", `[...document.querySelectorAll(".services h3")].some((h) => h.textContent === "bigqueryready")`)
}

// TestAddressesInBrowser: an address that asks for what there is not says how to mend it.
func TestAddressesInBrowser(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "reporter")
	b := openBrowser(t, p.Dashboard)
	b.expect("/") // the browser logs each 400 and 404
	for _, path := range []string{"/?from=2026-11-03&to=2026-11-01", "/quality?from=2026-11-03&to=2026-11-01", "/files?from=x&to=2026-11-01"} {
		b.open(t, path)
		b.until(t, "the way back", `document.querySelector('main a[href="'+location.pathname+'"]')?.textContent.startsWith("Open the page without")`)
		eval[bool](t, b, `(document.querySelector('main a[href="'+location.pathname+'"]').click(), true)`)
		b.until(t, "the page without its period", `location.search === ""`)
		b.settle(t, "the page without its period")
	}
	b.do(t, chromedp.Navigate(b.base+"/no/such/page"))
	b.until(t, "a page for it", `document.querySelector("h1")?.textContent === "No such page" && document.querySelectorAll('main a[href="/quality"]').length === 1`)
}

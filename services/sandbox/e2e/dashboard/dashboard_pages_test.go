package dashboard

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// dashboardPages are the pages of the navigation, in its order.
var dashboardPages = []struct{ path, title string }{
	{"/", "Overview"}, {"/customers", "Customers"}, {"/files", "Files"}, {"/quality", "Quality"}, {"/profile", "Profile"}, {"/dead-letters", "Dead letters"}, {"/reports", "Morning"}, {"/system", "System"},
}

// hiddenEntries are the entries of the navigation that are not wholly in sight, or are too wide for their place or too
// small for a finger.
const hiddenEntries = `[...document.querySelectorAll(".pages a")].filter((a) => {
	const place = a.getBoundingClientRect(), name = a.querySelector("span").getBoundingClientRect();
	return place.left < 0 || place.right > innerWidth || place.bottom > innerHeight || name.left < place.left || name.right > place.right || place.height < 32 ||
		document.elementFromPoint(place.x + place.width / 2, place.y + place.height / 2)?.closest("a") !== a;
}).map((a) => a.textContent)`

// showsFaults proves that the test would see what it says does not happen.
func showsFaults(t *testing.T, b *browser) {
	b.open(t, "/files")
	for _, fault := range []struct{ complaint, provoke string }{
		{"Content Security Policy", `document.body.setAttribute("style", "color: red")`},
		{"console.error", `console.error("provoked")`},
		{"exception", `setTimeout(() => { throw new Error("provoked") })`},
		{"another host", `location.href = "http://127.0.0.1:1/"`}, // the last: it leaves the page
	} {
		eval[bool](t, b, "("+fault.provoke+", true)")
		harness.Await(t, "the complaint about "+fault.complaint, func() (bool, error) { return b.forgive(fault.complaint) > 0, nil })
	}
}

// roomForTen holds the navigation to all that it may come to have.
func roomForTen(t *testing.T, b *browser) {
	for _, width := range []int64{1440, 768, 390} {
		b.resize(t, width)
		b.open(t, "/files")
		eval[bool](t, b, `((all) => { while (all.children.length < 10) all.append(all.querySelector('[href="/dead-letters"]').cloneNode(true)); return true; })(document.querySelector(".pages"))`)
		if out := eval[[]string](t, b, hiddenEntries); len(out) > 0 {
			t.Errorf("at %d pixels a navigation of ten entries hides %q", width, out)
		}
		if width == 390 {
			eval[bool](t, b, `(document.querySelector(".pages a:last-child span").textContent = "Unbreakablylong", true)`)
			if out := eval[[]string](t, b, hiddenEntries); len(out) == 0 {
				t.Error("an entry that is wider than its place is not found")
			}
		}
	}
}

// everyPage opens all pages on a desktop and on a phone: more of them than a browser
// opens connections to a host, so that a page that is left must not keep its stream.
func everyPage(t *testing.T, p *harness.Pipeline, b *browser) {
	roomForTen(t, b)
	added := b.inject(t, watchShifts)
	for _, width := range []int64{1440, 768, 390} {
		b.resize(t, width)
		for _, shown := range dashboardPages {
			b.open(t, shown.path)
			if got := b.text(t, "h1"); got != shown.title {
				t.Errorf("%s is headed %q, want %q", shown.path, got, shown.title)
			}
			if got := b.text(t, `nav [aria-current="page"]`); got != shown.title {
				t.Errorf("%s: the navigation is at %q", shown.path, got)
			}
			b.holdsStill(t, fmt.Sprintf("%s at %d pixels", shown.path, width))
			if out := eval[[]string](t, b, hiddenEntries); len(out) > 0 {
				t.Errorf("%s at %d pixels: the navigation hides %q", shown.path, width, out)
			}
			if n := eval[int](t, b, `document.querySelectorAll('[data-state="error"], .stale').length`); n != 0 {
				t.Errorf("%s: %d panels have failed", shown.path, n)
			}
			if wide := eval[int64](t, b, `document.documentElement.scrollWidth`); wide > width {
				t.Errorf("%s is %d pixels wide on a screen of %d", shown.path, wide, width)
			}
		}
	}
	b.remove(t, added)
	if _, err := chromedp.Call(b.ctx, emulation.ClearDeviceMetricsOverride, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	harness.Await(t, "one open stream", func() (bool, error) {
		_, text := p.Fetch(t, "/metrics")
		return strings.Contains(string(text), "\nreporter_event_streams 1\n"), nil
	})
	// A page to which the reader returns is live again.
	eval[bool](t, b, "(history.back(), true)")
	b.until(t, "the page before", `document.querySelector("h1").textContent === "Morning"`)
	b.settle(t, "the page before")
}

// worksByKeyboard does with keys alone what others do with the mouse.
func worksByKeyboard(t *testing.T, b *browser) {
	focus := func(selector string) {
		t.Helper()
		for range 60 {
			if eval[bool](t, b, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
				if !eval[bool](t, b, `document.activeElement.matches(":focus-visible")`) {
					t.Errorf("%s does not show that it has the focus", selector)
				}
				return
			}
			b.do(t, chromedp.KeyEvent(kb.Tab))
		}
		t.Fatalf("the tab key does not lead to %s", selector)
	}
	b.open(t, "/?period=7d")
	b.do(t, chromedp.KeyEvent(kb.Tab))
	if got := eval[string](t, b, "document.activeElement.textContent"); got != "Skip to the content" {
		t.Errorf("the first stop of the keyboard is %q", got)
	}
	b.do(t, chromedp.KeyEvent(kb.Enter))
	b.until(t, "the content has the focus", `document.activeElement.id === "main"`)

	focus(`#periods [data-key="90d"]`)
	b.do(t, chromedp.KeyEvent(kb.Enter))
	b.until(t, "90 days", `location.search === "?period=90d"`)
	focus(`#filters [name="status"]`)
	b.do(t, chromedp.KeyEvent("f"))
	b.until(t, "failed orders", `location.search === "?period=90d&status=failed"`)
	b.settle(t, "the overview")
	if !eval[bool](t, b, `document.getElementById("revenue").hidden`) {
		t.Error("with a status chosen there is another choice of orders")
	}
	focus(`#clear`)
	b.do(t, chromedp.KeyEvent(kb.Enter))
	b.until(t, "no filter", `location.search === "?period=90d"`)
	b.settle(t, "the overview")
	focus(`#revenue input`)
	b.do(t, chromedp.KeyEvent(kb.ArrowRight))
	b.until(t, "the value of all orders", `location.search === "?period=90d&revenue=all"`)
	b.settle(t, "the overview")

	focus(`#hours .frame`)
	b.do(t, chromedp.KeyEvent(kb.End))
	b.until(t, "the last hours are read out", `document.querySelector("#hours .hint").ariaLive === "polite" && document.querySelector("#hours .hint").textContent.endsWith(" orders") && !document.querySelector("#hours .tip").hidden`)
	last := b.text(t, "#hours .hint")
	b.do(t, chromedp.KeyEvent(kb.ArrowLeft))
	if got := b.text(t, "#hours .hint"); got == last {
		t.Errorf("the arrow key stays at %q", got)
	}
	focus(`#map .body summary`)
	b.do(t, chromedp.KeyEvent(kb.Enter))
	b.until(t, "the states as a table", `document.querySelector("#map .body details").open && document.querySelectorAll("#map tbody tr").length >= 10`)

	b.open(t, "/files")
	focus(`nav a[href="/quality"]`)
	b.do(t, chromedp.KeyEvent(kb.Enter))
	b.until(t, "the page of quality", `document.querySelector("h1").textContent === "Quality"`)
	b.settle(t, "the page of quality")
	focus(`#rules button`)
	b.do(t, chromedp.KeyEvent(kb.Enter))
	b.until(t, "one rule", `new URLSearchParams(location.search).has("rule")`)
	b.settle(t, "the findings of one rule")
}

func changesColours(t *testing.T, b *browser) {
	b.open(t, "/files")
	ground := `getComputedStyle(document.body).backgroundColor`
	seen := map[string]bool{eval[string](t, b, ground): true}
	for range 2 {
		b.do(t, chromedp.Click("#theme"))
		seen[eval[string](t, b, ground)] = true
	}
	if len(seen) != 2 {
		t.Errorf("the grounds of system, light and dark are %v", seen)
	}
	if theme := eval[string](t, b, "localStorage.theme"); theme != "dark" {
		t.Errorf("the choice is kept as %q", theme)
	}
	// A chart is drawn, not styled: it must be drawn again, in the other colours.
	b.open(t, "/quality")
	const drawn = `document.querySelector("canvas").toDataURL()`
	charts := map[string]string{"dark": eval[string](t, b, drawn)}
	for _, next := range []string{"system", "light"} { // the system's are light
		b.do(t, chromedp.Click("#theme"))
		charts[next] = eval[string](t, b, drawn)
	}
	if charts["dark"] == charts["light"] || charts["system"] != charts["light"] {
		t.Errorf("of the charts dark and light are equal: %t, system and light: %t", charts["dark"] == charts["light"], charts["system"] == charts["light"])
	}
	b.do(t, chromedp.Click("#theme"))
	// The next page has the colours before it is painted: no script of it has run yet.
	b.open(t, "/system")
	if theme := eval[string](t, b, "document.documentElement.dataset.theme"); theme != "dark" {
		t.Errorf("the next page is %q", theme)
	}
}

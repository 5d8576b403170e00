package dashboard

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// shownName tries the page as hostileName tries the API; it is a line, for a
// browser does not show line breaks.
const shownName = "<img src=x onerror=alert(1)><script>alert(2)</script> & \"' שלום 🎉"

// TestDashboardInBrowser opens every page in a real browser and holds what it
// shows against the model of the same files.
func TestDashboardInBrowser(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	contents := map[string][]byte{
		"products/products.csv":          hostileCatalog(t, harness.ProductFile(t, 3), 1, 2),
		"customers/customers.csv":        hostileCatalog(t, harness.CustomerFile(t, 3), 4),
		"orders/" + shownName + ".json":  harness.OrderFile(t, 71, 400, generate.Shares{rules.InvalidUTF8: 0.02, rules.MissingField: 0.02, rules.AmountMismatch: 0.02}),
		"orders/conflicts.json":          harness.OrderFile(t, 72, 200, generate.Shares{rules.DuplicateOrderConflict: 0.05}),
		"orders/broken \u202egz.json.gz": []byte("\x1f\x8b and no more"),
		"orders/spellings.json":          spellingsFile(),
	}
	for name, content := range contents {
		p.Land(t, name, content)
	}
	p.AwaitFiles(t, len(contents))
	b := openBrowser(t, p.Dashboard)

	t.Run("faults are seen", func(t *testing.T) { showsFaults(t, b) })
	t.Run("every page", func(t *testing.T) { everyPage(t, p, b) })
	t.Run("nothing moves", func(t *testing.T) { nothingMoves(t, p, b) })
	t.Run("figures", func(t *testing.T) {
		b.open(t, "/?period=7d")
		checkFigures(t, b, shownFigures(t, p, contents, ""))
		if n := eval[int](t, b, `document.querySelectorAll(".us path[data-step]:not([data-step='0'])").length`); n < 10 {
			t.Errorf("%d states of the map are coloured", n)
		}
		for _, panel := range []string{"#map", "#countries"} {
			rows := eval[[]string](t, b, fmt.Sprintf(`[...document.querySelectorAll(%q)].map((r) => r.textContent).filter((r) => r.startsWith("Wyoming"))`, panel+" tbody tr"))
			if len(rows) != 1 || !strings.Contains(rows[0], "3") || !strings.Contains(rows[0], "$2,750,000") {
				t.Errorf("%s says of Wyoming's three orders of $2,750,000.30: %q", panel, rows)
			}
		}
	})
	t.Run("charts", func(t *testing.T) {
		for path, canvases := range map[string]int{"/?period=7d": 2, "/quality": 1, "/system": 1} {
			b.open(t, path)
			// Both charts: how much of each canvas is painted.
			painted := eval[[]int](t, b, `[...document.querySelectorAll("canvas")].map((c) =>
				c.getContext("2d").getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 0).length)`)
			if len(painted) != canvases {
				t.Fatalf("%s: %d charts, want %d", path, len(painted), canvases)
			}
			for i, n := range painted {
				if n < 500 {
					t.Errorf("%s: only %d pixels of chart %d are painted", path, n, i)
				}
			}
		}
	})
	t.Run("filters", func(t *testing.T) {
		b.open(t, "/?period=7d")
		b.choose(t, "status", "completed")
		b.choose(t, "tier", "gold")
		if got := eval[string](t, b, "location.search"); got != "?period=7d&status=completed&tier=gold" {
			t.Errorf("the address says %s", got)
		}
		b.until(t, "orders of the filter", fmt.Sprintf(`%s === %q`, figure("orders"), shownFigures(t, p, contents, "gold")["orders"]))
		b.do(t, chromedp.NavigateBack())
		b.until(t, "one filter less", `document.querySelector("#filters [name=tier]").value === "" && document.querySelector("#filters [name=status]").value === "completed"`)
		// The address alone brings the filters back.
		b.open(t, "/?period=7d&tier=gold&status=completed")
		checkFigures(t, b, shownFigures(t, p, contents, "gold"))
		b.do(t, chromedp.Click("#clear"))
		b.until(t, "the filters are gone", `location.search === "?period=7d"`)
		b.do(t, chromedp.Click(`#revenue input[value="all"] + span`))
		b.until(t, "the value of all orders", fmt.Sprintf(`%s === %q`, figure("revenue"), shownFigures(t, p, contents, "")["ordered value"]))
	})
	t.Run("hostile names", func(t *testing.T) {
		for _, path := range []string{"/?period=7d", "/files", "/files?search=" + url.QueryEscape(shownName), "/quality?rule=invalid_utf8", "/?period=7d&category=" + url.QueryEscape(shownName)} {
			b.open(t, path)
			if !eval[bool](t, b, fmt.Sprintf("document.querySelector('main').textContent.includes(%s)", quote(t, shownName))) {
				t.Errorf("%s does not show the name as it is", path)
			}
			if n := eval[int](t, b, `document.querySelectorAll("main img, main script").length`); n != 0 {
				t.Errorf("%s: %d elements were made of a name", path, n)
			}
		}
	})
	t.Run("drill down", func(t *testing.T) {
		b.open(t, "/quality?rule=invalid_utf8")
		b.do(t, chromedp.Click(".findings a"))
		b.until(t, "the record's bytes", `document.querySelector("#record .bytes")?.dataset.kind === "hex"`)
		b.settle(t, "the file")
		if got := b.text(t, "#record .bytes"); !strings.HasPrefix(got, "000000  7b 22") {
			t.Errorf("the dump begins %.60q", got)
		}
		if got := b.text(t, "#file-name"); !strings.Contains(got, "alert(1)") {
			t.Errorf("the file is called %q", got)
		}
		// Its findings stand in the period that the link names, however old they are.
		day := p.MustQuery(t, "SELECT loaded_at FROM file_ledger WHERE landing_name LIKE '%שלום%'")[0][0].(time.Time).Format(time.DateOnly)
		found := strings.Fields(b.text(t, "#rules .hint"))[0]
		b.do(t, chromedp.Click(`#rules a[href^="/quality"]`))
		b.until(t, "the findings of the file", `document.querySelector("h1").textContent === "Quality"`)
		b.settle(t, "the findings of the file")
		if got := eval[string](t, b, "location.search"); !strings.HasSuffix(got, "&from="+day+"&to="+day) || !strings.HasPrefix(got, "?file=") {
			t.Errorf("the link goes to %q, the file was loaded on %s", got, day)
		}
		if got := b.text(t, "#timeline .hint"); !strings.HasPrefix(got, found+" findings") {
			t.Errorf("the chart shows %q, the file has %s findings", got, found)
		}
		// A rule that a late catalog has closed findings of says so after its number: "12, 3 closed".
		if sum := eval[int](t, b, `[...document.querySelectorAll("#rules tbody tr")].reduce((n, r) => n + Number(r.cells[2].textContent.split(", ")[0].replaceAll(",", "")), 0)`); grouped(fmt.Sprint(sum)) != found {
			t.Errorf("the rules count %d findings, the file has %s", sum, found)
		}
		b.do(t, chromedp.Click("#clear"))
		b.until(t, "the findings of all files", fmt.Sprintf("location.search === %q", "?from="+day+"&to="+day))
		b.open(t, "/files?verdict=quarantined")
		b.do(t, chromedp.Click("tbody a"))
		b.until(t, "the reason", `document.querySelector("#stages")?.innerText.includes("Quarantined: unreadable file.")`)
		b.expect("/api/v1/files/nothing") // the browser logs each 404
		b.open(t, "/files/nothing")
		b.until(t, "no such file", `document.querySelector("main").innerText.includes("The ledger holds no such file")`)
	})
	t.Run("dead letters", func(t *testing.T) {
		b.open(t, "/dead-letters")
		if got := b.text(t, "#letters"); !strings.Contains(got, "No dead letters in this period") {
			t.Errorf("the page says %q", got)
		}
	})
	t.Run("keyboard", func(t *testing.T) { worksByKeyboard(t, b) })
	t.Run("morning", func(t *testing.T) { readsTheMorning(t, p, b) })
	t.Run("colours", func(t *testing.T) { changesColours(t, b) })
	// The last two change the figures.
	t.Run("live", func(t *testing.T) {
		b.open(t, "/?period=7d")
		eval[bool](t, b, "window.unchanged = true")
		contents["orders/live.json"] = harness.OrderFile(t, 73, 150, nil)
		p.Land(t, "orders/live.json", contents["orders/live.json"])
		p.AwaitFiles(t, len(contents))
		want := shownFigures(t, p, contents, "")
		b.until(t, "the new orders", fmt.Sprintf(`%s === %q`, figure("orders"), want["orders"]))
		b.settle(t, "the overview")
		checkFigures(t, b, want)
		if !eval[bool](t, b, "window.unchanged === true") {
			t.Error("the page was loaded again")
		}
		b.until(t, "readers of the screen are told", `document.getElementById("announcer").textContent === "A file has completed; the figures are current."`)
	})
	t.Run("a file arrives", func(t *testing.T) {
		b.open(t, "/files/nothing")
		shown := `[...document.querySelectorAll("main section")].filter((s) => !s.hidden).map((s) => s.id).join()`
		if got := eval[string](t, b, shown); got != "stages" {
			t.Errorf("of a file that the ledger does not hold the page shows %q", got)
		}
		p.Insert(t, "file_ledger", harness.LedgerRow("nothing", "orders/late.json", time.Now().UTC(), time.Second))
		p.Land(t, "orders/next.json", harness.OrderFile(t, 74, 10, nil))
		b.until(t, "the file that has arrived", fmt.Sprintf(`%s === "stages,counts,rules,refused"`, shown))
		b.settle(t, "the file")
		if got := b.text(t, "#counts"); !strings.Contains(got, "Records") || b.text(t, "#file-name") != "late.json loaded" {
			t.Errorf("the page of %q says of its records %q", b.text(t, "#file-name"), got)
		}
		p.AwaitFiles(t, len(contents)+2)
	})
}

// spellingsFile has an order of each way to write one state, which no other file has.
func spellingsFile() []byte {
	var file bytes.Buffer
	for i, place := range [][2]string{{"WY", "US"}, {" wy", "usa "}, {"WY", "United States of America"}} {
		total := []string{"900000.10", "850000.10", "1000000.10"}[i]
		fmt.Fprintf(&file, `{"order_id":"spelt-%d","customer_id":"C-1","order_timestamp":%q,"items":[{"product_id":"P-1","quantity":1,"unit_price":%s}],`+
			`"total_amount":%[3]s,"payment_status":"completed","shipping_address":{"street":"","city":"","state":%q,"zipcode":"","country":%q}}`+"\n",
			i, time.Now().UTC().Add(-time.Minute).Format(time.RFC3339), total, place[0], place[1])
	}
	return file.Bytes()
}

// hostileCatalog replaces columns of a catalog's first three rows by the name.
func hostileCatalog(t *testing.T, content []byte, columns ...int) []byte {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:4] {
		for _, c := range columns {
			row[c] = shownName
		}
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// figure is the expression for what a tile says: a figure that is shown in a short
// form is said in full to those who hear the page.
func figure(tile string) string {
	return fmt.Sprintf(`((f) => (f.querySelector(".exact") ?? f).textContent)(document.querySelector('[data-tile="%s"] .figure'))`, tile)
}

func checkFigures(t *testing.T, b *browser, want map[string]string) {
	t.Helper()
	got := map[string]string{"ordered value": want["ordered value"]} // behind a switch
	for tile := range want {
		if tile != "ordered value" {
			got[tile] = eval[string](t, b, figure(tile))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-model +page):\n%s", diff)
	}
}

// choose sets one of the filters, as a reader does.
func (b *browser) choose(t *testing.T, name, value string) {
	t.Helper()
	b.do(t, chromedp.SetValue("#filters [name="+name+"]", value))
	eval[bool](t, b, fmt.Sprintf(`document.querySelector("#filters [name=%s]").dispatchEvent(new Event("input", { bubbles: true }))`, name))
}

// expect names faults that a test is about to provoke, now or later.
func (b *browser) expect(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = part
}

// forgive takes back the faults that a test has provoked, and tells how many.
func (b *browser) forgive(of string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.faults)
	b.faults = slices.DeleteFunc(b.faults, func(fault string) bool { return strings.Contains(fault, of) })
	return before - len(b.faults)
}

func quote(t *testing.T, text string) string {
	t.Helper()
	literal, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(literal)
}

// shownFigures are the figures of the model, as the overview writes them; with a
// tier, of its completed orders.
func shownFigures(t *testing.T, p *harness.Pipeline, contents map[string][]byte, tier string) map[string]string {
	t.Helper()
	warehouse := model(t, p, contents)
	orders, paid, customers := 0, int64(0), map[string]bool{}
	revenue, ordered := new(big.Rat), new(big.Rat)
	for key, f := range warehouse.Facts {
		if key.Line != 1 || tier != "" && (f.Tier != tier || f.Status != "completed") {
			continue
		}
		orders++
		if f.CustomerID != "" {
			customers[f.CustomerID] = true
		}
		ordered.Add(ordered, f.Total.Rat())
		switch f.Status {
		case "completed", "partially_refunded", "refunded":
			paid++
			revenue.Add(revenue, f.Revenue().Rat())
		}
	}
	if paid == 0 {
		t.Fatal("the model holds no such order that was paid")
	}
	if tier != "" { // with a status chosen, the page shows what those orders are worth
		revenue = ordered
	}
	return map[string]string{
		"orders": grouped(fmt.Sprint(orders)), "customers": grouped(fmt.Sprint(len(customers))),
		"revenue": dollars(revenue), "ordered value": dollars(ordered),
		"aov": dollars(new(big.Rat).Quo(revenue, big.NewRat(paid, 1))),
	}
}

// dollars is an amount to the cent, half away from zero.
func dollars(r *big.Rat) string {
	whole, cents, _ := strings.Cut(r.FloatString(2), ".")
	return "$" + grouped(whole) + "." + cents
}

func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

package dashboard

import (
	"cmp"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestComparison compares what a period is compared with, of every choice, with sums over the same lines in Go; and
// what the page shows of it. The clock is put back within the period, within last year's, and in neither of the others.
func TestComparison(t *testing.T) {
	t.Parallel()
	const zone = "America/New_York"
	config := harness.NewConfig(t.TempDir(), topology.Reporter)
	config.Variables["TIME_ZONE"] = zone
	p := harness.StartWith(t, config)
	clock, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	midnight := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, clock)
	}
	type period struct {
		from, to time.Time
		words    string
	}
	current := period{midnight(2025, 10, 28), midnight(2025, 11, 5), "28 Oct 2025 – 4 Nov 2025"}
	others := map[string]period{
		"previous": {midnight(2025, 10, 20), midnight(2025, 10, 28), "20 Oct 2025 – 27 Oct 2025"},
		"weekdays": {midnight(2025, 10, 14), midnight(2025, 10, 22), "14 Oct 2025 – 21 Oct 2025"},
		"year":     {midnight(2024, 10, 29), midnight(2024, 11, 6), "29 Oct 2024 – 5 Nov 2024"},
	}
	var lines []saleLine
	add := func(name string, sales []saleLine) {
		for _, l := range sales {
			l.Order = name + " " + l.Order
			lines = append(lines, l)
		}
	}
	add("now", makeSales(current.to.UTC()))
	for name, other := range others {
		sales := makeSales(other.to.UTC())
		// The last moment is in the period, and the next one is not.
		sales[0].At, sales[len(sales)-1].At = other.to.UTC().Add(-time.Microsecond), other.from.UTC()
		for i := range sales {
			if sales[i].Order == sales[0].Order {
				sales[i].At = sales[0].At
			}
			if sales[i].Order == sales[len(sales)-1].Order {
				sales[i].At = sales[len(sales)-1].At
			}
		}
		add(name, slices.DeleteFunc(sales, func(l saleLine) bool { return len(l.Order)%2 == len(name)%2 })) // as many as no other has
	}
	for _, l := range lines {
		local := l
		local.At = l.At.In(clock)
		_, offset := local.At.Zone()
		p.Insert(t, "fact_orders", append(local.Columns(), harness.Column{"utc_offset_seconds", offset}))
	}
	for _, h := range hourRows(lines) {
		p.Insert(t, "agg_hourly_metrics", h)
	}
	// Facts that no aggregator has loaded: provisioning gives their days the aggregates.
	if _, err := provision.Provision(t.Context(), p.Endpoints, provision.Options{}); err != nil {
		t.Fatal(err)
	}
	loaded := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, delay := range fileDelays {
		p.Insert(t, "file_ledger", harness.LedgerRow(fmt.Sprintf("file-%d", i), "orders/a.json", loaded, delay))
	}

	for _, choice := range []string{"", "previous", "weekdays", "year", "none"} {
		for name, filter := range map[string]salesFilter{"all": {}, "category": {category: "Books"}, "status": {status: "completed"}, "nothing": {region: "Atlantis"}} {
			t.Run(cmp.Or(choice, "default")+"/"+name, func(t *testing.T) {
				t.Parallel()
				query := "?from=2025-10-28&to=2025-11-04&" + filter.query()
				if choice != "" {
					query += "&compare=" + choice
				}
				within := between(filter.lines(lines), current.from, current.to)
				check := func(path string, want []harness.JsonRow, key string) {
					t.Helper()
					if diff := gocmp.Diff(want, p.Ask(t, path, key), cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("%s of %s (-want +got):\n%s", key, path, diff)
					}
				}
				check("summary"+query, wantSummary(lines, within, loaded), "rows")
				check("orders-per-hour"+query, wantHours(within), "rows")
				if choice == "none" {
					for _, path := range []string{"summary", "orders-per-hour"} {
						if _, body := p.Fetch(t, "/api/v1/"+path+query); strings.Contains(string(body), "previous") {
							t.Errorf("%s tells of another period: %s", path, body)
						}
					}
					return
				}
				other := others[cmp.Or(choice, "previous")]
				then := between(filter.lines(lines), other.from, other.to)
				if (len(then) == 0) != (name == "nothing") || len(then) == len(within) && len(then) > 0 {
					t.Fatalf("%d lines, then %d: the test tests nothing", len(within), len(then))
				}
				check("summary"+query, wantSummary(lines, then, loaded), "previous")
				check("orders-per-hour"+query, wantHours(then), "previous")
			})
		}
	}

	t.Run("browser", func(t *testing.T) {
		b := openBrowser(t, p.Dashboard)
		const address = "/?from=2025-10-28&to=2025-11-04"
		// sums are orders and amounts of the chart's table, whose columns 1 and 2 are of the period, 3 and 4 of the other.
		sums := func() []string {
			eval[bool](t, b, `(document.querySelector("#hours details .more button")?.click(), true)`)
			return eval[[]string](t, b, `[1, 2, 3, 4].map((column) => document.querySelector("#hours thead").rows[0].cells[column].textContent + ": " + [...document.querySelectorAll("#hours tbody tr")]
				.reduce((sum, r) => sum + BigInt(r.cells[column].textContent.replace(/[$,.]/g, "")), 0n))`)
		}
		// cents are the sum of what the table shows, each row to the cent.
		model := func(lines []saleLine) (orders int, cents *big.Int) {
			cents = new(big.Int)
			hours, groups := byHour(lines)
			for _, hour := range hours {
				orders += len(groups[hour].Orders)
				shown, _ := new(big.Int).SetString(strings.ReplaceAll(groups[hour].revenue.FloatString(2), ".", ""), 10)
				cents.Add(cents, shown)
			}
			return orders, cents
		}
		within := between(lines, current.from, current.to)
		for choice, other := range others {
			b.open(t, address+"&compare="+choice)
			then := between(lines, other.from, other.to)
			orders, revenue := model(within)
			thenOrders, thenRevenue := model(then)
			want := []string{fmt.Sprintf("Orders: %d", orders), fmt.Sprintf("Revenue: %d", revenue), fmt.Sprintf("Orders, %s: %d", other.words, thenOrders), fmt.Sprintf("Revenue, %s: %d", other.words, thenRevenue)}
			if diff := gocmp.Diff(want, sums()); diff != "" {
				t.Errorf("%s, the hours (-model +page):\n%s", choice, diff)
			}
			if got := b.text(t, "#compared"); !strings.HasPrefix(got, "Compared with "+other.words+" (") {
				t.Errorf("%s: the page says %q", choice, got)
			}
			change := new(big.Rat).SetFrac64(int64(orders-thenOrders), int64(thenOrders))
			arrow := map[int]string{-1: "▼", 1: "▲"}[change.Sign()]
			percent := new(big.Rat).Mul(change.Abs(change), big.NewRat(100, 1)).FloatString(1) + "%"
			if got := b.text(t, `[data-tile="orders"] .change`); got != arrow+" "+percent {
				t.Errorf("%s: orders changed by %q, want %s %s", choice, got, arrow, percent)
			}
			if labels := eval[[]string](t, b, `[...document.querySelectorAll("#hours .plot-label .then")].map((n) => n.textContent)`); !slices.Equal(labels, []string{other.words, other.words}) {
				t.Errorf("%s: the charts are labelled %q", choice, labels)
			}
			// By keys, a step is told with that of the other period.
			b.do(t, chromedp.Focus("#hours .frame"))
			eval[bool](t, b, `document.querySelector("#hours .frame").dispatchEvent(new KeyboardEvent("keydown", { key: "End", bubbles: true }))`)
			b.until(t, "both periods are told", `/^4 Nov.* orders; .*\d+ orders$/.test(document.querySelector("#hours .hint").textContent) && document.querySelectorAll("#hours .tip .then").length === 2`)
		}
		// The reader chooses, and goes back.
		b.open(t, address)
		if got := b.text(t, "#compared"); !strings.HasPrefix(got, "Compared with "+others["previous"].words) {
			t.Errorf("without a choice the page says %q", got)
		}
		b.choose(t, "compare", "none")
		b.until(t, "no comparison", `location.search.endsWith("&compare=none") && document.getElementById("compared").textContent === "Compared with no other period." && document.querySelector('[data-tile="orders"] .change').textContent === ""`)
		b.settle(t, "the overview")
		if n := eval[int](t, b, `document.querySelectorAll("#hours .then").length`); n != 0 || eval[bool](t, b, `!document.getElementById("clear").hidden`) {
			t.Errorf("%d comparisons are left, or the comparison is called a filter", n)
		}
		b.do(t, chromedp.NavigateBack())
		b.until(t, "the choice before", `document.querySelector("#filters [name=compare]").value === "" && document.getElementById("compared").textContent.startsWith("Compared with 20 Oct")`)
		// Nothing was there.
		b.open(t, "/?from=2025-10-21&to=2025-10-27&compare=year&region=West")
		if got := b.text(t, "#compared"); !strings.HasPrefix(got, "Nothing to compare with: no orders in 22 Oct 2024 – 28 Oct 2024 (") {
			t.Errorf("of an empty period the page says %q", got)
		}
		if got := b.text(t, "#hours .plot-label"); !strings.Contains(got, "no orders in 22 Oct 2024") {
			t.Errorf("of an empty period the chart says %q", got)
		}
		// A word that is none is refused, and shown as it is.
		hostile := url.QueryEscape(shownName)
		if status, _ := p.Fetch(t, "/api/v1/summary?compare="+hostile); status != http.StatusBadRequest {
			t.Errorf("status %d of a comparison that is none", status)
		}
		b.expect("compare=") // the browser logs the refusal
		b.open(t, address+"&compare="+hostile)
		b.until(t, "the refusal", `document.getElementById("hours").innerText.includes("compare must be one of previous, weekdays, year, none.")`)
		if n := eval[int](t, b, `document.querySelectorAll("main img, main script").length`); n != 0 {
			t.Errorf("%d elements were made of the word", n)
		}
	})
}

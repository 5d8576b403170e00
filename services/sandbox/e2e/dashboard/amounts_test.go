package dashboard

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestHugeAmounts lands orders of the highest amounts that there may be: on a phone, too, each amount on the page is
// whole, or shortened beside its exact value.
func TestHugeAmounts(t *testing.T) {
	t.Parallel()
	amounts := []string{"99999999999999.99", "999999999999999999.99", "999999999999999999.98"}
	p := harness.Start(t, "all")
	day := time.Now().UTC().AddDate(0, 0, -1)
	var orders strings.Builder
	sum := new(big.Rat)
	for i, amount := range amounts {
		orders.WriteString(strings.Replace(harness.Order(fmt.Sprintf("o-%d", i+1), 1, fmt.Sprintf("P-%d", i+1), fmt.Sprintf("C-%d", i+1), amount),
			"2026-11-01", day.Format(time.DateOnly), 1))
		of, _ := new(big.Rat).SetString(amount)
		sum.Add(sum, of)
	}
	p.Land(t, "products/products.csv", []byte("product_id,product_name,category,price,stock_level\nP-1,Ring,Gold,99999999999999.99,1\nP-2,Crown,Jewels,999999999999999999.99,1\nP-3,Throne,Chairs,1.00,1\n"))
	p.Land(t, "orders/huge.json", []byte(orders.String()))
	p.AwaitFiles(t, 2)
	if err := p.Daily(t, time.Now).Make(t.Context(), civil.DateOf(day), nil); err != nil {
		t.Fatal(err)
	}
	b := openBrowser(t, p.Dashboard)
	mean := new(big.Rat).Quo(sum, big.NewRat(int64(len(amounts)), 1))
	for _, width := range []int64{1440, 390} {
		b.resize(t, width)
		b.open(t, "/?period=7d")
		for tile, want := range map[string]*big.Rat{"revenue": sum, "aov": mean} {
			if got := eval[string](t, b, figure(tile)); got != dollars(want) {
				t.Errorf("%d pixels: %s is said to be %s, want %s", width, tile, got, dollars(want))
			}
		}
		b.showsAmounts(t, fmt.Sprintf("the overview on %d pixels", width), dollars(sum), "$99,999,999,999,999.99", "$999,999,999,999,999,999.99")
		for _, path := range []string{"/orders/o-1", "/orders/o-2", "/reports", "/reports?report=inventory-alerts"} {
			b.open(t, path)
			b.showsAmounts(t, fmt.Sprintf("%s on %d pixels", path, width))
		}
	}
}

// showsAmounts holds that no amount is cut, unless its exact value is in the title of what is cut, and that the page says those
// that are wanted.
func (b *browser) showsAmounts(t *testing.T, what string, want ...string) {
	t.Helper()
	cut := eval[[]string](t, b, `[...document.querySelectorAll("main *")].filter((e) => {
		if (e.closest(".hidden, details:not([open])") || ![...e.childNodes].some((n) => n.nodeType === 3 && /\$[\d.,]+/.test(n.data))) return false;
		const shown = document.createRange();
		shown.selectNodeContents(e);
		const { left, right } = shown.getBoundingClientRect();
		for (let box = e; box.id !== "main"; box = box.parentElement) {
			const { overflowX } = getComputedStyle(box);
			const edge = box.getBoundingClientRect();
			if (overflowX === "auto") return false; // it can be scrolled to
			if (overflowX === "hidden" && (right > edge.right + 1 || left < edge.left - 1)) return !e.closest("[title*='$']") && !e.title.includes("$");
		}
		return right > innerWidth || left < 0;
	}).map((e) => e.className + " " + e.textContent)`)
	if len(cut) > 0 {
		t.Errorf("%s: amounts are cut: %q", what, cut)
	}
	text := eval[string](t, b, `document.querySelector("main").textContent + [...document.querySelectorAll("main [title]")].map((e) => e.title).join(" ")`)
	for _, amount := range want {
		if !strings.Contains(text, amount) {
			t.Errorf("%s does not say %s", what, amount)
		}
	}
	for _, e := range eval[[]string](t, b, `[...document.querySelectorAll("main [aria-hidden]")].filter((e) => /\dE\d/.test(e.textContent) && !e.closest("[title*='$']")).map((e) => e.textContent)`) {
		if !strings.HasPrefix(e, "$0") { // the legend of the map, which its picture's label explains
			t.Errorf("%s: no title says what %s is exactly", what, e)
		}
	}
}

package dashboard

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image/png"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// taken keeps what a page saves, and its name.
const taken = `{
	window.taken = [];
	const make = URL.createObjectURL;
	let blob = null;
	URL.createObjectURL = (b) => make(blob = b);
	addEventListener("click", (event) => {
		const link = event.target.closest?.("a[download]");
		if (!link || !link.href.startsWith("blob:")) return;
		event.preventDefault();
		const saved = { name: link.download, type: blob.type, bytes: "" };
		blob.arrayBuffer().then((bytes) => {
			saved.bytes = [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");
			window.taken.push(saved);
		});
	}, true);
}`

type saved struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Bytes []byte
	Hex   string `json:"bytes"`
}

// TestTakeAlong saves panels as CSV and PNG, by keyboard: the CSV has the whole list, its sums are the model's, and nothing in it is a
// formula; the PNG is a picture.
func TestTakeAlong(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	const formula = `=HYPERLINK("http://evil","x")`
	var catalog, orders strings.Builder
	catalog.WriteString("product_id,product_name,category,price\n")
	sum := new(big.Rat)
	const products = 30 // more than the page shows
	day := time.Now().UTC().AddDate(0, 0, -1)
	for i := range products {
		name := fmt.Sprintf("Thing %d", i)
		switch i {
		case 0:
			name = `"=HYPERLINK(""http://evil"",""x"")"`
		case 1:
			name = "@home"
		}
		fmt.Fprintf(&catalog, "P-%d,%s,Category %d,1.00\n", i, name, i)
		amount := fmt.Sprintf("%d.%02d", 1000+i*i, i)
		of, _ := new(big.Rat).SetString(amount)
		sum.Add(sum, of)
		orders.WriteString(strings.Replace(harness.Order(fmt.Sprintf("o-%d", i), 1, fmt.Sprintf("P-%d", i), "C-1", amount), "2026-11-01", day.Format(time.DateOnly), 1))
	}
	p.Land(t, "products/products.csv", []byte(catalog.String()))
	p.AwaitFiles(t, 1)
	p.Land(t, "orders/orders.json", []byte(orders.String()))
	p.AwaitFiles(t, 2)

	b := openBrowser(t, p.Dashboard)
	defer b.remove(t, b.inject(t, taken))
	from, to := day.AddDate(0, 0, -1).Format(time.DateOnly), day.Format(time.DateOnly)
	b.open(t, "/?from="+from+"&to="+to)
	take := func(panel, kind string) saved {
		t.Helper()
		eval[bool](t, b, fmt.Sprintf(`(document.querySelector("#%s .take summary").focus(), window.taken.length = 0, true)`, panel))
		b.do(t, chromedp.KeyEvent(kb.Enter))
		b.until(t, "the menu", fmt.Sprintf(`document.querySelector("#%s .take").open`, panel))
		for range 2 {
			if eval[string](t, b, `document.activeElement.dataset.take ?? ""`) == kind {
				break
			}
			b.do(t, chromedp.KeyEvent(kb.Tab))
		}
		b.do(t, chromedp.KeyEvent(kb.Enter))
		b.until(t, "what is saved", "window.taken.length === 1")
		got := eval[saved](t, b, "window.taken[0]")
		if _, err := fmt.Sscanf(got.Hex, "%x", &got.Bytes); err != nil {
			t.Fatal(err)
		}
		b.until(t, "the menu is closed and has the focus", fmt.Sprintf(`!document.querySelector("#%s .take").open && document.activeElement.matches("#%[1]s .take summary")`, panel))
		return got
	}
	for panel, name := range map[string]string{
		"hours": "orders-and-revenue-per-hour", "categories": "revenue-by-category", "products": "top-products", "tiers": "average-order-by-tier",
		"map": "revenue-by-state", "countries": "countries-regions-states",
	} {
		got := take(panel, "csv")
		if want := name + "_" + from + "_" + to + ".csv"; got.Name != want || got.Type != "text/csv;charset=utf-8" {
			t.Errorf("%s is saved as %s, %s; want %s", panel, got.Name, got.Type, want)
		}
		rows, err := csv.NewReader(bytes.NewReader(got.Bytes)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", panel, err)
		}
		column := slices.Index(rows[0], "revenue")
		level := slices.Index(rows[0], "level")
		total := new(big.Rat)
		for _, row := range rows[1:] {
			if level >= 0 && row[level] != "country" {
				continue // the levels of places hold the same orders
			}
			amount, ok := new(big.Rat).SetString(row[column])
			if !ok {
				t.Fatalf("%s: %q is no amount", panel, row[column])
			}
			total.Add(total, amount)
			for _, cell := range row {
				if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") {
					t.Errorf("%s: a spreadsheet would compute %q", panel, cell)
				}
			}
		}
		if total.Cmp(sum) != 0 {
			t.Errorf("%s: the revenue of its CSV is %s, want %s", panel, total.FloatString(2), sum.FloatString(2))
		}
		if panel == "products" && (len(rows) != products+1 || !bytes.Contains(got.Bytes, []byte(`"'`+strings.ReplaceAll(formula, `"`, `""`)+`"`)) || !bytes.Contains(got.Bytes, []byte(",'@home,"))) {
			t.Errorf("%d rows of products, want %d:\n%s", len(rows)-1, products, got.Bytes)
		}
	}
	for _, panel := range []string{"hours", "categories", "products", "map"} {
		got := take(panel, "png")
		if !strings.HasSuffix(got.Name, "_"+from+"_"+to+".png") || got.Type != "image/png" {
			t.Errorf("%s is saved as %s, %s", panel, got.Name, got.Type)
		}
		picture, err := png.Decode(bytes.NewReader(got.Bytes))
		if err != nil {
			t.Fatal(err)
		}
		seen := make(map[any]bool)
		for y := range picture.Bounds().Dy() {
			for x := range picture.Bounds().Dx() {
				seen[picture.At(x, y)] = true
			}
		}
		if picture.Bounds().Dx() < 600 || len(seen) < 20 {
			t.Errorf("the picture of %s has %v and %d colours", panel, picture.Bounds(), len(seen))
		}
	}
	// A table has no picture; Escape closes the menu.
	eval[bool](t, b, `(document.querySelector("#countries .take summary").focus(), true)`)
	b.do(t, chromedp.KeyEvent(kb.Enter))
	b.until(t, "no picture of a table", `document.querySelector("#countries .take").open && document.querySelector('#countries [data-take="png"]').hidden`)
	b.do(t, chromedp.KeyEvent(kb.Escape))
	b.until(t, "the menu is closed", `!document.querySelector("#countries .take").open && document.activeElement.matches("#countries .take summary")`)
}

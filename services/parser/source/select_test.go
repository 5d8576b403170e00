package source_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	"github.com/zackkki/ecomm_datapipeline/pkg/money"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
	"github.com/zackkki/ecomm_datapipeline/services/parser/split"
)

// TestFolderSelectsTheSource: the folder below the kind's decides, and no other.
func TestFolderSelectsTheSource(t *testing.T) {
	t.Parallel()
	set, err := source.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"orders/shopify/2026-11.json":          "source",
		"orders/shopify/2026/11/a.json":        "source",
		"orders/a.json":                        "native",
		"orders/shopify.json":                  "native",
		"orders/2026/11/x.json":                "native",
		"orders/2026/shopify/x.json":           "native",
		"orders/dt=2026-11-01/x.json":          "native",
		"orders/berlin/x.json":                 "native",
		"orders/native/shopify/x.json":         "native",
		"products/shopify/p.csv":               "source",
		"products/order-lines-csv/p.csv":       "source order-lines-csv reads orders, not products",
		"orders/Shopify/a.json":                `did you mean landing/orders/shopify/`,
		"orders/shopfiy/a.json":                `did you mean landing/orders/shopify/`,
		"orders/woo-commerce/a.json":           `did you mean landing/orders/woocommerce/`,
		"orders/order_lines_csv/2026/11/a.csv": `did you mean landing/orders/order-lines-csv/`,
	} {
		kind, _, _ := strings.Cut(name, "/")
		got := "native"
		mapping, err := set.For(kinds[kind], "landing/"+name)
		var fault *split.FileError
		switch {
		case errors.As(err, &fault):
			got = fault.Detail
		case mapping != nil:
			got = "source"
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for name, hinted := range map[string]bool{"orders/magento/a.json": true, "orders/2026/11/x.json": false, "orders/dt=2026/x": false, "orders/a.json": false, "orders/shopify/a.json": false} {
		if got := set.Hint(kinds["orders"], "landing/"+name); (got != "") != hinted {
			t.Errorf("%s: hint %q", name, got)
		}
	}
	var none *source.Set
	if m, err := none.For(kinds["orders"], "landing/orders/shopify/a.json"); m != nil || err != nil {
		t.Errorf("no set of sources gives %v, %v", m, err)
	}
}

// TestLoad: a file of the folder replaces a built-in source, and each that is wrong is told of.
func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const good = "customers: {csv: {fields: {customer_id: id, name: n, email: e, registration_date: d, customer_tier: t}}}\n"
	write("shopify.yaml", good)
	write("mine.yml", good)
	write("about", "no source")
	write(".hidden.yaml", "no source")
	set, err := source.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if set.Get("shopify").BuiltIn || set.Get("mine") == nil || !set.Get("woocommerce").BuiltIn || len(set.Names()) < 4 {
		t.Errorf("sources %v", set.Names())
	}
	write("wrong.yaml", "orders: 1\n")
	write("mine.yaml", good)
	write("Big Name.yaml", good)
	write("native.yaml", good)
	_, err = source.Load(dir)
	for _, want := range []string{"wrong.yaml:1: orders: ", "mine.yml: there is another file of the source mine", "Big Name.yaml: a source is called", "native.yaml: a source is called"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want in it %s", err, want)
		}
	}
	if _, err := source.Load(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there is accepted")
	}
}

// TestMappingChangesParseID: what a source says is part of the reading's id; how it says it,
// and what other kinds it reads, is not.
func TestMappingChangesParseID(t *testing.T) {
	t.Parallel()
	const yaml = "customers: {csv: {fields: {customer_id: id, name: name, email: e, registration_date: d, customer_tier: t}}}\n"
	id := func(file, content string) string {
		s, err := source.Parse(file, []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		return reading.NewBy(readingtest.File(kinds["customers"], "customers/a/f.csv"), policy, s.For(kinds["customers"]), time.Time{}).ParseID
	}
	first := id("a.yaml", yaml)
	for what, other := range map[string]string{
		"a comment":    "# of the shop\n" + yaml,
		"another form": "customers:\n  csv:\n    fields:\n      name: [name]\n      email: e\n      registration_date: {from: d}\n      customer_tier: t\n      customer_id: {from: id}\n",
		"another kind": yaml + "products: {csv: {fields: {product_id: id, product_name: n, category: c, stock_level: s, price: p}}}\n",
	} {
		if id("a.yaml", other) != first {
			t.Errorf("%s makes another reading", what)
		}
	}
	if id("a.yaml", strings.Replace(yaml, "name: name", "name: label", 1)) == first || id("b.yaml", yaml) == first {
		t.Error("another mapping makes the same reading")
	}
	native := reading.New(readingtest.File(kinds["customers"], "customers/f.csv"), policy, nil, time.Time{}).ParseID
	set, err := source.Load("")
	if err != nil {
		t.Fatal(err)
	}
	if reading.New(readingtest.File(kinds["customers"], "customers/f.csv"), policy, set, time.Time{}).ParseID != native {
		t.Error("a native file reads as another since there are sources")
	}
}

// TestSumsByHand: what the samples' orders come to, as worked out from the files with pen
// and paper.
func TestSumsByHand(t *testing.T) {
	t.Parallel()
	set := load(t)
	for name, want := range map[string]string{
		// 48.82+32+30+5.50+5.50+24+12.50+3.10; of it back 7.50+2.49+24; 36+5.50+12+20+30+5.50+5.50+20+11+1.50+3.10
		"orders/shopify/wrapped.json": "orders 8 units 15 total 161.42 lines 150.1 tax 8.43 shipping 8 discount 0 refunded 33.99",
		"orders/shopify/lines.json":   "orders 3 units 8 total 110.82 lines 103.5 tax 8.43 shipping 4 discount 0 refunded 9.99",
		"orders/shopify/array.json":   "orders 2 units 2 total 11 lines 11 tax 0 shipping 0 discount 0 refunded 0",
		// 10+33+15+49+11+12.50+10+10+5+13+60, with a tip of 2 and duties of 3 as lines; of it back 11+6+4
		"orders/shopify/variants.json":     "orders 11 units 19 total 228.5 lines 221 tax 4.5 shipping 4 discount 0 refunded 21",
		"orders/shopify/orders_export.csv": "orders 2 units 4 total 57.43 lines 51 tax 3.48 shipping 4.95 discount 2 refunded 1.25",
		"orders/woocommerce/orders.json":   "orders 4 units 10 total 171.86 lines 161.5 tax 6.61 shipping 5 discount 1.25 refunded 20",
		// 33.20+12+8.50+20+10+10+10, with a fee of 2 as a line and one of -1.50 as a discount; of it back 5+2.50
		"orders/woocommerce/variants.json":   "orders 7 units 13 total 103.7 lines 97.4 tax 4.8 shipping 3 discount 1.5 refunded 7.5",
		"orders/order-lines-csv/lines.csv":   "orders 4 units 8 total 102.95 lines 100.5 tax 0 shipping 4.95 discount 2.5 refunded 25.5",
		"orders/bigcommerce/orders.json":     "orders 2 units 4 total 63.48 lines 54.99 tax 4.54 shipping 5.95 discount 2 refunded 10",
		"orders/magento/orders.json":         "orders 2 units 4 total 74.04 lines 64 tax 5.04 shipping 5 discount 0 refunded 12.5",
		"orders/stripe/sessions.json":        "orders 2 units 4 total 61.5 lines 53 tax 3.5 shipping 5 discount 0 refunded 0",
		"orders/shopify-graphql/orders.json": "orders 1 units 3 total 48.82 lines 41.5 tax 3.32 shipping 4 discount 0 refunded 5",
	} {
		content, err := os.ReadFile("testdata/samples/" + name)
		if err != nil {
			t.Error(err)
			continue
		}
		_, out := read(t, set, name, content)
		var orders, units int64
		var total, lines, tax, shipping, discount, refunded sum
		for _, m := range out.Messages {
			o := m.(*ordersv1.Order)
			orders++
			total.add(o.GetTotalAmount(), 1)
			tax.add(o.GetTaxAmount(), 1)
			shipping.add(o.GetShippingAmount(), 1)
			discount.add(o.GetDiscountAmount(), 1)
			refunded.add(o.GetRefundedAmount(), 1)
			for _, item := range o.GetItems() {
				units += item.GetQuantity()
				lines.add(item.GetUnitPrice(), item.GetQuantity())
				lines.add(item.GetDiscountAmount(), -1)
			}
			if len(o.GetSource().GetWarnings()) > 0 {
				t.Errorf("%s: order %s has the warnings %v", name, o.GetOrderId(), o.GetSource().GetWarnings())
			}
		}
		got := strings.Join([]string{"orders", number(orders), "units", number(units), "total", total.String(), "lines", lines.String(),
			"tax", tax.String(), "shipping", shipping.String(), "discount", discount.String(), "refunded", refunded.String()}, " ")
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", name, got, want)
		}
	}
}

// sum is an exact sum in nanos; those of the samples fit.
type sum int64

func (s *sum) add(m *moneypb.Money, times int64) {
	*s += sum((m.GetUnits()*1_000_000_000 + int64(m.GetNanos())) * times)
}

func (s sum) String() string {
	return amountText(&moneypb.Money{Units: int64(s) / 1_000_000_000, Nanos: int32(int64(s) % 1_000_000_000)})
}

func number(n int64) string { return money.Numeric(&moneypb.Money{Units: n}) }

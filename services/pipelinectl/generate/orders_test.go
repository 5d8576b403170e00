package generate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

var (
	from = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	to   = time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)
)

func newOrders(t testing.TB, change func(*OrderOptions)) *Orders {
	t.Helper()
	options := OrderOptions{Seed: 1, From: from, To: to}
	if change != nil {
		change(&options)
	}
	s, err := NewOrders(options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func orders(t testing.TB, n int, change func(*OrderOptions)) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := newOrders(t, change).WriteOrders(&out, n); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type sample struct {
	OrderID    string  `json:"order_id"`
	CustomerID *string `json:"customer_id"`
	Time       string  `json:"order_timestamp"`
	Updated    string  `json:"updated_at"`
	Items      []struct {
		ProductID *string     `json:"product_id"`
		Quantity  int64       `json:"quantity"`
		UnitPrice json.Number `json:"unit_price"`
		Discount  json.Number `json:"discount_amount"`
	} `json:"items"`
	Tax      json.Number       `json:"tax_amount"`
	Included bool              `json:"tax_included"`
	Shipping json.Number       `json:"shipping_amount"`
	Discount json.Number       `json:"discount_amount"`
	Back     json.Number       `json:"refunded_amount"`
	Total    json.Number       `json:"total_amount"`
	Status   string            `json:"payment_status"`
	Address  map[string]string `json:"shipping_address"`
}

func decode(t *testing.T, data []byte) []sample {
	t.Helper()
	var all []sample
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	for decoder.More() {
		var s sample
		if err := decoder.Decode(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func TestOrdersAreDeterministic(t *testing.T) {
	t.Parallel()
	faulty := func(o *OrderOptions) {
		o.Faults = Shares{rules.DuplicateOrderReplay: 0.2, rules.MalformedJSON: 0.1}
	}
	first := orders(t, 1000, faulty)
	if !bytes.Equal(first, orders(t, 1000, faulty)) {
		t.Error("the same options gave other orders")
	}
	// How the orders are split over files makes no difference.
	var split bytes.Buffer
	s := newOrders(t, faulty)
	for _, n := range []int{1, 0, 399, 600} {
		if err := s.WriteOrders(&split, n); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first, split.Bytes()) {
		t.Error("writing in parts gave other orders")
	}
	if bytes.Equal(first, orders(t, 1000, func(o *OrderOptions) { faulty(o); o.Seed = 2 })) {
		t.Error("another seed gave the same orders")
	}
}

func TestOrdersAreExact(t *testing.T) {
	t.Parallel()
	const n = 5000
	all := decode(t, orders(t, n, nil))
	if len(all) != n {
		t.Fatalf("%d orders, want %d", len(all), n)
	}
	ids := make(map[string]bool)
	var unknown, references int
	for _, o := range all {
		ids[o.OrderID] = true
		for _, item := range o.Items {
			if item.ProductID == nil {
				continue
			}
			references++
			if number(t, *item.ProductID, "PROD-") >= firstID+DefaultProducts {
				unknown++
			}
		}
		checkTotal(t, o)
		at, err := time.Parse("2006-01-02T15:04:05.999999", o.Time)
		if err != nil || at.Before(from) || !at.Before(to) {
			t.Fatalf("order %s: time %q", o.OrderID, o.Time)
		}
		if o.CustomerID == nil {
			continue
		}
		references++
		if number(t, *o.CustomerID, "CUST-") >= firstID+DefaultCustomers {
			unknown++
		}
	}
	if len(ids) != n {
		t.Errorf("%d distinct ids among %d orders", len(ids), n)
	}
	if share := float64(unknown) / float64(references); math.Abs(share-DefaultUnknownShare) > 0.01 {
		t.Errorf("share of unknown references %.3f, want about %.1f", share, DefaultUnknownShare)
	}
}

// checkTotal asserts that the order's total is that of its parts.
func checkTotal(t *testing.T, o sample) {
	t.Helper()
	sum := new(big.Rat)
	for _, item := range o.Items {
		line := amount(t, item.UnitPrice)
		line.Sub(line.Mul(line, big.NewRat(item.Quantity, 1)), amount(t, item.Discount))
		if line.Sign() < 0 || item.Quantity < 1 {
			t.Fatalf("order %s has the line %+v", o.OrderID, item)
		}
		sum.Add(sum, line)
	}
	sum.Add(sum.Sub(sum, amount(t, o.Discount)), amount(t, o.Shipping))
	if !o.Included {
		sum.Add(sum, amount(t, o.Tax))
	}
	if total := amount(t, o.Total); total.Sign() < 0 || total.Cmp(sum) != 0 || amount(t, o.Back).Cmp(total) > 0 {
		t.Fatalf("order %s: total %s, paid back %s of it; its parts sum to %s", o.OrderID, o.Total, o.Back, sum.FloatString(2))
	}
}

// amount is 0 for one that is not stated.
func amount(t *testing.T, n json.Number) *big.Rat {
	t.Helper()
	if n == "" {
		return new(big.Rat)
	}
	value, ok := new(big.Rat).SetString(n.String())
	if !ok || value.Sign() < 0 {
		t.Fatalf("amount %q", n)
	}
	return value
}

func number(t *testing.T, id, prefix string) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscanf(strings.TrimPrefix(id, prefix), "%d", &n); err != nil {
		t.Fatalf("id %q: %v", id, err)
	}
	return n
}

// TestVariedOrders: each way in which an order may vary occurs, and the plain parts of the
// orders are those of a sequence without variation.
func TestVariedOrders(t *testing.T) {
	t.Parallel()
	const n = 2000
	varied := decode(t, orders(t, n, func(o *OrderOptions) { o.VariedShare = 1 }))
	counts := make(map[string]int)
	for i, o := range decode(t, orders(t, n, func(o *OrderOptions) { o.VariedShare = -1 })) {
		v := varied[i]
		if o.OrderID != v.OrderID || o.Time != v.Time || len(o.Items) != len(v.Items) {
			t.Fatalf("the plain order %+v is varied to %+v", o, v)
		}
		if o.CustomerID == nil || o.Address == nil || o.Tax+o.Shipping+o.Discount+o.Back != "" {
			t.Fatalf("the plain order is %+v", o)
		}
		counts[v.Status]++
		for what, is := range map[string]bool{
			"guest": v.CustomerID == nil, "not shipped": v.Address == nil, "line without product": v.Items[0].ProductID == nil,
			"tax": v.Tax != "", "tax included": v.Included, "shipping": v.Shipping != "", "discount": v.Discount != "",
			"line discount": v.Items[0].Discount != "", "paid back": v.Back != "",
		} {
			if is {
				counts[what]++
			}
		}
	}
	for _, what := range []string{
		"guest", "not shipped", "line without product", "tax", "tax included", "shipping", "discount", "line discount", "paid back",
		"completed", "pending", "failed", "refunded", "partially_refunded", "cancelled", "Canceled",
	} {
		if counts[what] < n/40 {
			t.Errorf("%d of %d orders are: %s", counts[what], n, what)
		}
	}
}

func TestOrderWeights(t *testing.T) {
	t.Parallel()
	counts := make(map[string]int)
	for _, o := range decode(t, orders(t, 4000, func(o *OrderOptions) { o.Weights, o.VariedShare = [3]int{1, 2, 1}, -1 })) {
		counts[o.Status]++
	}
	for status, want := range map[string]int{"completed": 1000, "pending": 2000, "failed": 1000} {
		if math.Abs(float64(counts[status]-want)) > 150 {
			t.Errorf("%d orders are %s, want about %d", counts[status], status, want)
		}
	}
}

func TestFaultShares(t *testing.T) {
	t.Parallel()
	const n, share = 20_000, 0.02
	shares := Shares{}
	for _, rule := range OrderFaults() {
		if rule != rules.TooLarge { // a MiB each
			shares[rule] = share
		}
	}
	s := newOrders(t, func(o *OrderOptions) { o.Faults = shares })
	if err := s.WriteOrders(io.Discard, n); err != nil {
		t.Fatal(err)
	}
	for rule := range shares {
		if got := s.Counts()[rule]; math.Abs(float64(got)-n*share) > 100 {
			t.Errorf("%d orders break %s, want about %.0f", got, rule, n*share)
		}
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	seen := make(map[string]string)
	var replays, conflicts int
	s := newOrders(t, func(o *OrderOptions) {
		o.Faults = Shares{rules.DuplicateOrderReplay: 0.3, rules.DuplicateOrderConflict: 0.2}
	})
	for range 1000 {
		line := string(s.Append(nil))
		id := decode(t, []byte(line))[0].OrderID
		switch before, ok := seen[id]; {
		case !ok:
			seen[id] = line
		case before == line:
			replays++
		default:
			conflicts++
		}
	}
	want := map[rules.ID]int{rules.DuplicateOrderReplay: replays, rules.DuplicateOrderConflict: conflicts}
	if diff := cmp.Diff(want, s.Counts()); diff != "" {
		t.Errorf("duplicates found in the orders, and counted (-found +counted):\n%s", diff)
	}
	if replays < 200 || conflicts < 120 {
		t.Errorf("%d replays and %d conflicts, want about 300 and 200", replays, conflicts)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*OrderOptions){
		"empty range":   func(o *OrderOptions) { o.To = o.From },
		"unknown fault": func(o *OrderOptions) { o.Faults = Shares{"nonsense": 0.1} },
		"share above 1": func(o *OrderOptions) { o.Faults = Shares{rules.MissingField: 1.1} },
		"share NaN":     func(o *OrderOptions) { o.Faults = Shares{rules.MissingField: math.NaN()} },
		"sum above 1":   func(o *OrderOptions) { o.Faults = Shares{rules.MissingField: 0.6, rules.WrongType: 0.6} },
		"no products":   func(o *OrderOptions) { o.Products = -1 },
		"all updates":   func(o *OrderOptions) { o.UpdateShare = 1 },
		"no share":      func(o *OrderOptions) { o.UpdateShare = math.NaN() },
		"weight":        func(o *OrderOptions) { o.Weights = [3]int{1, -1, 1} },
	} {
		options := OrderOptions{From: from, To: to}
		change(&options)
		if _, err := NewOrders(options); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestParseShares(t *testing.T) {
	t.Parallel()
	got, err := ParseShares("malformed_json=0.01, missing_field=0.5")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Shares{rules.MalformedJSON: 0.01, rules.MissingField: 0.5}, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"malformed_json", "malformed_json=many"} {
		if _, err := ParseShares(bad); err == nil {
			t.Errorf("ParseShares(%q): no error", bad)
		}
	}
}

func BenchmarkOrders(b *testing.B) {
	for name, share := range map[string]float64{"plain": 0, "with versions": 0.2} {
		b.Run(name, func(b *testing.B) { benchmarkOrders(b, share) })
	}
}

func benchmarkOrders(b *testing.B, updates float64) {
	s := newOrders(b, func(o *OrderOptions) { o.UpdateShare = updates })
	var buffer []byte
	bytes := 0
	for b.Loop() {
		buffer = s.Append(buffer[:0])
		bytes += len(buffer)
	}
	b.SetBytes(int64(bytes / max(b.N, 1)))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}

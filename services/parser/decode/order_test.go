package decode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

var landed = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// reading lets an order have fewer lines than the default of MAX_ORDER_LINES, so that one with too many is short.
var reading = Reading{FileID: "file", ParseID: "parse", LandedAt: landed, Currency: "USD", MaxOrderLines: 100, MaxOrderAgeDays: 3653}

const goodOrder = `{"order_id":"O-1","customer_id":"C-1","order_timestamp":"2026-11-01T11:21:44.126748",` +
	`"items":[{"product_id":"P-1","quantity":2,"unit_price":66.73},{"product_id":"P-2","quantity":1,"unit_price":5}],` +
	`"total_amount":138.46,"payment_status":"pending",` +
	`"shipping_address":{"street":"1 Main St","city":"Reno","state":"NV","zipcode":"89501","country":"USA"}}`

// with replaces a part of the good order.
func with(t *testing.T, old, new string) string {
	t.Helper()
	if !strings.Contains(goodOrder, old) {
		t.Fatalf("the good order has no %s", old)
	}
	return strings.Replace(goodOrder, old, new, 1)
}

func usd(units int64, nanos int32) *money.Money {
	return &money.Money{CurrencyCode: "USD", Units: units, Nanos: nanos}
}

func TestDecodeOrder(t *testing.T) {
	t.Parallel()
	got, fault := NewOrders(reading).Decode([]byte(goodOrder))
	if fault != nil {
		t.Fatal(fault)
	}
	want := &ordersv1.Order{
		OrderId: "O-1", CustomerId: "C-1",
		OrderTimestamp: timestamppb.New(time.Date(2026, 11, 1, 11, 21, 44, 126748000, time.UTC)),
		Items: []*ordersv1.OrderItem{
			{ProductId: "P-1", Quantity: 2, UnitPrice: usd(66, 730_000_000)},
			{ProductId: "P-2", Quantity: 1, UnitPrice: usd(5, 0)},
		},
		TotalAmount: usd(138, 460_000_000), PaymentStatus: ordersv1.PaymentStatus_PAYMENT_STATUS_PENDING, PaymentStatusText: "pending",
		ShippingAddress: &ordersv1.ShippingAddress{Street: "1 Main St", City: "Reno", State: "NV", Zipcode: "89501", Country: "USA"},
		Source: &pipelinev1.RecordSource{FileId: "file", ParseId: "parse", LandedAt: timestamppb.New(landed),
			ContentHash: got.Source.ContentHash},
	}
	if diff := cmp.Diff(want, got.Message, protocmp.Transform()); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if got.OrderID != "O-1" || got.Micros != time.Date(2026, 11, 1, 11, 21, 44, 126748000, time.UTC).UnixMicro() {
		t.Errorf("id %q, time %d", got.OrderID, got.Micros)
	}
}

// TestOrderCorpus reads testdata/orders: each file is one record, and its name
// begins with the rule that must refuse it, or with "ok" and the warnings, and
// goes on behind a dash.
func TestOrderCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/orders/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, _, _ := strings.Cut(strings.TrimSuffix(name, ".json"), "-")
			if got := verdict(NewOrders(reading).Decode(raw)); got != want {
				t.Errorf("verdict %q, want %q", got, want)
			}
		})
	}
}

func verdict(a *Accepted, f *Fault) string {
	if f != nil {
		if _, known := rules.Lookup(f.Rule); !known || f.Message == "" {
			return "fault without a rule or a message"
		}
		return string(f.Rule)
	}
	return strings.Join(append([]string{"ok"}, a.Source.Warnings...), "+")
}

func TestOrderFaults(t *testing.T) {
	t.Parallel()
	item := `{"product_id":"P-1","quantity":2,"unit_price":66.73}`
	for name, tc := range map[string]struct{ old, new, rule, path string }{
		"order id absent":          {`"order_id":"O-1",`, ``, "missing_field", "order_id"},
		"order id null":            {`"O-1"`, `null`, "missing_field", "order_id"},
		"order id empty":           {`"O-1"`, `""`, "missing_field", "order_id"},
		"order id a number":        {`"O-1"`, `17`, "wrong_type", "order_id"},
		"order id of 257 bytes":    {`"O-1"`, `"` + strings.Repeat("x", 257) + `"`, "invalid_text", "order_id"},
		"order id with NUL":        {`"O-1"`, `"O\u0000"`, "invalid_text", "order_id"},
		"order id twice":           {`"customer_id":`, `"order_id":`, "duplicate_key", ""},
		"two faults, first counts": {`"O-1","customer_id":"C-1"`, `1,"customer_id":2`, "wrong_type", "order_id"},
		"fault, then broken":       {`"O-1","customer_id":"C-1"`, `1,"customer_id":x`, "malformed_json", ""},
		"customer absent":          {`"customer_id":"C-1",`, ``, "missing_field", "customer_id"},
		"time without zone":        {`2026-11-01T11:21:44.126748`, `yesterday`, "invalid_timestamp", "order_timestamp"},
		"time a number":            {`"2026-11-01T11:21:44.126748"`, `1762000000`, "wrong_type", "order_timestamp"},
		"time too early":           {`2026-11-01T11:21:44.126748`, `2016-10-31T11:59:59`, "timestamp_out_of_range", "order_timestamp"},
		"time too late":            {`2026-11-01T11:21:44.126748`, `2027-11-01T12:00:01`, "timestamp_out_of_range", "order_timestamp"},
		"items empty":              {`[` + item + `,{"product_id":"P-2","quantity":1,"unit_price":5}]`, `[]`, "empty_items", "items"},
		"items an object":          {`[` + item + `,{"product_id":"P-2","quantity":1,"unit_price":5}]`, `{}`, "wrong_type", "items"},
		"items null":               {`[` + item + `,{"product_id":"P-2","quantity":1,"unit_price":5}]`, `null`, "missing_field", "items"},
		"a line too many":          {item, strings.Repeat(item+",", reading.MaxOrderLines-1) + item, "too_large", "items"},
		"line a text":              {item, `"P-1"`, "wrong_type", "items[0]"},
		"line without product":     {`"product_id":"P-2",`, ``, "missing_field", "items[1].product_id"},
		"quantity zero":            {`"quantity":2`, `"quantity":0`, "invalid_quantity", "items[0].quantity"},
		"quantity negative":        {`"quantity":2`, `"quantity":-2`, "invalid_quantity", "items[0].quantity"},
		"quantity a fraction":      {`"quantity":2`, `"quantity":2.5`, "invalid_quantity", "items[0].quantity"},
		"quantity enormous":        {`"quantity":2`, `"quantity":1000000001`, "invalid_quantity", "items[0].quantity"},
		"quantity 1e999":           {`"quantity":2`, `"quantity":1e999`, "invalid_quantity", "items[0].quantity"},
		"quantity a text":          {`"quantity":2`, `"quantity":"2"`, "wrong_type", "items[0].quantity"},
		"price negative":           {`66.73`, `-66.73`, "invalid_amount", "items[0].unit_price"},
		"price a text":             {`66.73`, `"66.73"`, "wrong_type", "items[0].unit_price"},
		"price NaN":                {`66.73`, `NaN`, "invalid_amount", "items[0].unit_price"},
		"price -Infinity":          {`66.73`, `-Infinity`, "invalid_amount", "items[0].unit_price"},
		"price beyond range":       {`66.73`, `1e18`, "invalid_amount", "items[0].unit_price"},
		"price hardly negative":    {`66.73`, `-1e-300`, "invalid_amount", "items[0].unit_price"},
		"line beyond range":        {`66.73`, `900000000000000000`, "invalid_amount", "items[0]"},
		"sum beyond range":         {`"quantity":1,"unit_price":5`, `"quantity":1,"unit_price":999999999999999999`, "invalid_amount", "items[1]"},
		"total negative":           {`138.46`, `-138.46`, "invalid_amount", "total_amount"},
		"total exponent":           {`138.46`, `1e99999`, "invalid_amount", "total_amount"},
		"total absent":             {`"total_amount":138.46,`, ``, "missing_field", "total_amount"},
		"status empty":             {`pending`, ` `, "missing_field", "payment_status"},
		"status a number":          {`"pending"`, `1`, "wrong_type", "payment_status"},
		"address a text":           {`{"street":"1 Main St","city":"Reno","state":"NV","zipcode":"89501","country":"USA"}`, `"Reno"`, "wrong_type", "shipping_address"},
		"zipcode a number":         {`"89501"`, `89501`, "wrong_type", "shipping_address.zipcode"},
		"street of 4097 bytes":     {`1 Main St`, strings.Repeat("x", 4097), "invalid_text", "shipping_address.street"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, fault := NewOrders(reading).Decode([]byte(with(t, tc.old, tc.new)))
			if fault == nil {
				t.Fatal("accepted")
			}
			if string(fault.Rule) != tc.rule || fault.Path != tc.path || fault.Message == "" {
				t.Errorf("fault %v, want %s at %q", fault, tc.rule, tc.path)
			}
		})
	}
}

func TestOrderWarnings(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ old, new, want, unknown string }{
		"nothing":                 {`O-1`, `O-1`, "ok", ""},
		"half a cent apart":       {`66.73`, `66.7325`, "ok", ""},
		"more than half a cent":   {`66.73`, `66.73250001`, "ok+amount_mismatch", ""},
		"a cent apart":            {`138.46`, `138.47`, "ok+amount_mismatch", ""},
		"float artefact":          {`138.46`, `138.46000000000001`, "ok+amount_rounded", ""},
		"capitals and space":      {`pending`, ` Pending `, "ok", ""},
		"ids padded":              {`"O-1","customer_id":"C-1"`, `" O-1","customer_id":"C-1\t"`, "ok+trimmed_text", ""},
		"product padded":          {`"P-1"`, `"P-1\u00a0"`, "ok+trimmed_text", ""},
		"customer of blanks":      {`"C-1"`, `"  "`, "ok+trimmed_text", ""},
		"time padded":             {`"2026-11-01T11:21:44.126748"`, `" 2026-11-01T11:21:44.126748 "`, "ok+trimmed_text", ""},
		"street padded":           {`1 Main St`, ` 1 Main St `, "ok", ""},
		"unknown status":          {`pending`, `On Hold`, "ok+unknown_status", ""},
		"whole quantity as float": {`"quantity":2`, `"quantity":2.0`, "ok", ""},
		"address part null":       {`"89501"`, `null`, "ok", ""},
		"unknown field":           {`"customer_id"`, `"coupon":{"b":1.50,"a":[]},"customer_id"`, "ok+unknown_field", `{"coupon":{"a":[],"b":1.5}}`},
		"unknown everywhere": {`"unit_price":5}],"total_amount":138.46,"payment_status":"pending","shipping_address":{`,
			`"unit_price":5,"gift":true}],"z":null,"total_amount":138.46,"payment_status":"pending","a":"\u0041","shipping_address":{"unit":"4b",`,
			"ok+unknown_field", `{"a":"A","items":[null,{"gift":true}],"shipping_address":{"unit":"4b"},"z":null}`},
		"all at once": {`138.46,"payment_status":"pending"`, `1.0000000001,"x":1,"payment_status":"?"`,
			"ok+amount_mismatch+amount_rounded+unknown_field+unknown_status", `{"x":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			accepted, fault := NewOrders(reading).Decode([]byte(with(t, tc.old, tc.new)))
			if got := verdict(accepted, fault); got != tc.want {
				t.Fatalf("verdict %q (%v), want %q", got, fault, tc.want)
			}
			if got := accepted.Source.UnknownFields; got != tc.unknown {
				t.Errorf("unknown fields %s, want %s", got, tc.unknown)
			}
		})
	}
}

func hashOf(t *testing.T, d Decoder, text string) string {
	t.Helper()
	a, fault := d.Decode([]byte(text))
	if fault != nil {
		t.Fatalf("%s: %v", text, fault)
	}
	return a.Source.ContentHash
}

func TestContentHashIsOfTheMeaning(t *testing.T) {
	t.Parallel()
	d := NewOrders(reading)
	want := hashOf(t, d, goodOrder)
	for _, same := range []string{
		goodOrder,
		with(t, `138.46`, `138.460`),
		with(t, `138.46`, `1.3846e2`),
		with(t, `"O-1"`, `"\u004f-1"`),
		with(t, `11:21:44.126748`, `11:21:44.126748999Z`),
		with(t, `11:21:44.126748`, `12:21:44.126748+01:00`),
		with(t, `"order_id":"O-1","customer_id":"C-1"`, ` "customer_id" : "C-1", "order_id":"O-1"`),
		with(t, `pending`, `PENDING`),
		with(t, `"O-1"`, `" O-1 "`),
		with(t, `"P-2"`, `"P-2\n"`),
		with(t, `"2026-11-01T11:21:44.126748"`, `" 20261101T112144,126748 UTC"`),
	} {
		if got := hashOf(t, d, same); got != want {
			t.Errorf("another hash for %s", same)
		}
	}
	for _, other := range []string{
		with(t, `138.46`, `138.461`),
		with(t, `O-1`, `O-2`),
		with(t, `"quantity":2`, `"quantity":3`),
		with(t, `.126748`, `.126749`),
		with(t, `"customer_id"`, `"x":1,"customer_id"`),
		with(t, `"customer_id"`, `"x":2,"customer_id"`),
		with(t, `Reno`, `reno`),
	} {
		if got := hashOf(t, d, other); got == want {
			t.Errorf("the same hash for %s", other)
		}
	}
}

// amounts are all of an order's amounts.
func amounts(o *ordersv1.Order) []*money.Money {
	list := []*money.Money{o.TotalAmount, o.TaxAmount, o.ShippingAmount, o.DiscountAmount, o.RefundedAmount}
	for _, item := range o.Items {
		list = append(list, item.UnitPrice, item.DiscountAmount)
	}
	return list
}

// FuzzDecodeOrder holds what every outcome promises.
func FuzzDecodeOrder(f *testing.F) {
	f.Add([]byte(goodOrder))
	files, _ := filepath.Glob("testdata/orders/*.json")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	used := NewOrders(reading)
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, fault := NewOrders(reading).Decode(raw)
		if got := verdict(a, fault); strings.HasPrefix(got, "fault") {
			t.Fatalf("%q: %s: %v", raw, got, fault)
		}
		if again := verdict(used.Decode(raw)); again != verdict(a, fault) {
			t.Fatalf("%q: a used decoder gives %s, a new one %s", raw, again, verdict(a, fault))
		}
		if fault != nil {
			return
		}
		order := a.Message.(*ordersv1.Order)
		if order.OrderId == "" || order.PaymentStatusText == "" || len(order.Items) == 0 || order.TotalAmount.Units < 0 ||
			order.RefundedAmount.GetUnits() > order.TotalAmount.Units || a.Versioned != (order.UpdatedAt != nil) {
			t.Fatalf("%q: accepted as %v", raw, order)
		}
		for _, m := range amounts(order) {
			if m != nil && (m.Units < 0 || m.Nanos < 0 || m.CurrencyCode != reading.Currency) {
				t.Fatalf("%q: accepted with the amount %v", raw, m)
			}
		}
		if a := order.ShippingAddress; a != nil && proto.Size(a) == 0 {
			t.Fatalf("%q: accepted with an address that says nothing", raw)
		}
		if diff := cmp.Diff(order, proto.Clone(used.accepted.Message), protocmp.Transform()); diff != "" {
			t.Fatalf("%q: a used decoder differs: %s", raw, diff)
		}
		if _, err := proto.Marshal(order); err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
	})
}

func BenchmarkDecodeOrder(b *testing.B) {
	d := NewOrders(reading)
	raw := []byte(`{"order_id": "54504ace-4651-44cc-b81c-4efba6b88aa4", "customer_id": "CUST-2829", "order_timestamp": "2026-11-01T11:21:44.126748", "items": [{"product_id": "PROD-1711", "quantity": 2, "unit_price": 66.73}, {"product_id": "PROD-1712", "quantity": 1, "unit_price": 166.73}], "total_amount": 300.19, "payment_status": "pending", "shipping_address": {"street": "1590 Main St", "city": "New York", "state": "NY", "zipcode": "27865", "country": "USA"}}`)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, fault := d.Decode(raw); fault != nil {
			b.Fatal(fault)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}

package decode

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
)

const goodAddress = `{"street":"1 Main St","city":"Reno","state":"NV","zipcode":"89501","country":"USA"}`

// fullOrder says all that an order can say: lines of 133.46 - 3.46 and 5, less 5, and
// 10 for the shipping and 14.00 tax.
const fullOrder = `{"order_id":"O-1","customer_id":"C-1","order_timestamp":"2026-11-01T11:21:44.126748",` +
	`"updated_at":"2026-11-01T13:00:00.5+01:00","currency":"usd",` +
	`"items":[{"product_id":"P-1","quantity":2,"unit_price":66.73,"discount_amount":3.46},{"product_id":null,"quantity":1,"unit_price":5}],` +
	`"tax_amount":14,"tax_included":false,"shipping_amount":10.00,"discount_amount":5,"refunded_amount":0.5,` +
	`"total_amount":154,"payment_status":"Partially_Refunded","shipping_address":` + goodAddress + `}`

func TestDecodeOptionalFields(t *testing.T) {
	t.Parallel()
	got, fault := NewOrders(reading).Decode([]byte(fullOrder))
	if fault != nil {
		t.Fatal(fault)
	}
	want := &ordersv1.Order{
		OrderId: "O-1", CustomerId: "C-1",
		OrderTimestamp: timestamppb.New(time.Date(2026, 11, 1, 11, 21, 44, 126748000, time.UTC)),
		UpdatedAt:      timestamppb.New(time.Date(2026, 11, 1, 12, 0, 0, 500_000_000, time.UTC)),
		Items: []*ordersv1.OrderItem{
			{ProductId: "P-1", Quantity: 2, UnitPrice: usd(66, 730_000_000), DiscountAmount: usd(3, 460_000_000)},
			{Quantity: 1, UnitPrice: usd(5, 0)},
		},
		TaxAmount: usd(14, 0), TaxIncluded: proto.Bool(false), ShippingAmount: usd(10, 0), DiscountAmount: usd(5, 0),
		RefundedAmount: usd(0, 500_000_000), TotalAmount: usd(154, 0),
		PaymentStatus: ordersv1.PaymentStatus_PAYMENT_STATUS_PARTIALLY_REFUNDED, PaymentStatusText: "partially_refunded",
		ShippingAddress: &ordersv1.ShippingAddress{Street: "1 Main St", City: "Reno", State: "NV", Zipcode: "89501", Country: "USA"},
		Source:          got.Source,
	}
	if diff := cmp.Diff(want, got.Message, protocmp.Transform()); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if !got.Versioned || got.Source.Warnings != nil || got.Source.UnknownFields != "" {
		t.Errorf("versioned %t, warnings %v, unknown fields %q", got.Versioned, got.Source.Warnings, got.Source.UnknownFields)
	}
}

// TestNullIsNotAbsent: what is null or an empty text is read as "there is none", what is
// not there at all is missing.
func TestNullIsNotAbsent(t *testing.T) {
	t.Parallel()
	none := func(o *ordersv1.Order) map[string]bool {
		return map[string]bool{
			`"customer_id":"C-1"`:               o.CustomerId == "",
			`"product_id":"P-1"`:                o.Items[0].ProductId == "",
			`"shipping_address":` + goodAddress: o.ShippingAddress == nil,
		}
	}
	for field := range none(&ordersv1.Order{Items: []*ordersv1.OrderItem{{}}}) {
		name, _, _ := strings.Cut(field, ":")
		d := NewOrders(reading)
		for _, empty := range []string{`null`, `""`} {
			a, fault := d.Decode([]byte(with(t, field, name+":"+empty)))
			if got := verdict(a, fault); got != "ok" {
				t.Fatalf("%s: %s gives %s: %v", name, empty, got, fault)
			}
			for other, isNone := range none(a.Message.(*ordersv1.Order)) {
				if isNone != (other == field) {
					t.Errorf("%s: %s reads %s as none: %t", name, empty, other, isNone)
				}
			}
		}
		if _, fault := d.Decode([]byte(with(t, field, `"x":1`))); fault == nil || fault.Rule != "missing_field" {
			t.Errorf("without %s: %v, want missing_field", name, fault)
		}
		if got := verdict(d.Decode([]byte(goodOrder))); got != "ok" {
			t.Errorf("the good order after one without %s: %s", name, got)
		}
	}
	// An address of nothing is none, however it is written.
	d := NewOrders(reading)
	want := hashOf(t, d, with(t, goodAddress, `null`))
	for _, same := range []string{`{}`, `{"city":null,"country":""}`, `""`} {
		if hashOf(t, d, with(t, goodAddress, same)) != want || d.order.ShippingAddress != nil {
			t.Errorf("the address %s is not none", same)
		}
	}
	// An optional field may be null or empty as well as left out.
	want = hashOf(t, d, goodOrder)
	for _, field := range []string{"updated_at", "currency", "tax_amount", "tax_included", "shipping_amount", "discount_amount", "refunded_amount"} {
		for _, empty := range []string{`null`, `""`} {
			if hashOf(t, d, with(t, `"customer_id"`, `"`+field+`":`+empty+`,"customer_id"`)) != want || d.accepted.Versioned {
				t.Errorf("%s: %s is not none", field, empty)
			}
		}
	}
}

func TestOptionalFaults(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ old, new, rule, path string }{
		"updated in the future":   {`2026-11-01T13:00:00.5+01:00`, `2027-11-01T12:00:01Z`, "timestamp_out_of_range", "updated_at"},
		"updated long ago":        {`2026-11-01T13:00:00.5+01:00`, `2016-10-31T11:59:59Z`, "timestamp_out_of_range", "updated_at"},
		"updated is no time":      {`2026-11-01T13:00:00.5+01:00`, `now`, "invalid_timestamp", "updated_at"},
		"updated a number":        {`"2026-11-01T13:00:00.5+01:00"`, `1762000000`, "wrong_type", "updated_at"},
		"another currency":        {`"usd"`, `"EUR"`, "currency_mismatch", "currency"},
		"currency a number":       {`"usd"`, `840`, "wrong_type", "currency"},
		"tax negative":            {`"tax_amount":14`, `"tax_amount":-14`, "invalid_amount", "tax_amount"},
		"tax a text":              {`"tax_amount":14`, `"tax_amount":"14"`, "wrong_type", "tax_amount"},
		"tax NaN":                 {`"tax_amount":14`, `"tax_amount":NaN`, "invalid_amount", "tax_amount"},
		"tax included a number":   {`"tax_included":false`, `"tax_included":0`, "wrong_type", "tax_included"},
		"tax included a text":     {`"tax_included":false`, `"tax_included":"no"`, "wrong_type", "tax_included"},
		"shipping negative":       {`10.00`, `-0.01`, "invalid_amount", "shipping_amount"},
		"discount negative":       {`"discount_amount":5`, `"discount_amount":-5`, "invalid_amount", "discount_amount"},
		"refund negative":         {`"refunded_amount":0.5`, `"refunded_amount":-0.5`, "invalid_amount", "refunded_amount"},
		"refund above the total":  {`"refunded_amount":0.5`, `"refunded_amount":154.000000001`, "invalid_amount", "refunded_amount"},
		"refund beyond range":     {`"refunded_amount":0.5`, `"refunded_amount":1e18`, "invalid_amount", "refunded_amount"},
		"line discount negative":  {`3.46`, `-3.46`, "invalid_amount", "items[0].discount_amount"},
		"line discount above it":  {`3.46`, `133.460000001`, "invalid_amount", "items[0].discount_amount"},
		"line discount an object": {`3.46`, `{}`, "wrong_type", "items[0].discount_amount"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(fullOrder, tc.old) {
				t.Fatalf("the full order has no %s", tc.old)
			}
			_, fault := NewOrders(reading).Decode([]byte(strings.Replace(fullOrder, tc.old, tc.new, 1)))
			if fault == nil {
				t.Fatal("accepted")
			}
			if string(fault.Rule) != tc.rule || fault.Path != tc.path || fault.Message == "" {
				t.Errorf("fault %v, want %s at %q", fault, tc.rule, tc.path)
			}
		})
	}
}

func TestEquationOfTheTotal(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ old, new, want string }{
		"all of it":                  {``, ``, "ok"},
		"half a cent apart":          {`:154,`, `:154.005,`, "ok"},
		"more than half a cent":      {`:154,`, `:154.005000001,`, "ok+amount_mismatch"},
		"tax is in the prices":       {`false`, `true`, "ok+amount_mismatch"},
		"tax is in the total":        {`"tax_included":false,"shipping_amount":10.00`, `"tax_included":true,"shipping_amount":24`, "ok"},
		"nobody says whether":        {`"tax_included":false,`, ``, "ok"},
		"without the shipping":       {`"shipping_amount":10.00,`, ``, "ok+amount_mismatch"},
		"without the discount":       {`,"discount_amount":5,`, `,`, "ok+amount_mismatch"},
		"without the line's":         {`,"discount_amount":3.46`, ``, "ok+amount_mismatch"},
		"the refund is not in it":    {`"refunded_amount":0.5,`, ``, "ok"},
		"all of it paid back":        {`"refunded_amount":0.5`, `"refunded_amount":154.00`, "ok"},
		"the line is for nothing":    {`3.46}`, `133.46}`, "ok+amount_mismatch"},
		"less than nothing expected": {`"discount_amount":5,`, `"discount_amount":999999999999999999,`, "ok+amount_mismatch"},
		"more than anything":         {`"tax_amount":14`, `"tax_amount":999999999999999999`, "ok+amount_mismatch"},
		"a long refund":              {`"refunded_amount":0.5`, `"refunded_amount":0.50000000001`, "ok+amount_rounded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(fullOrder, tc.old, tc.new, 1)
			if got := verdict(NewOrders(reading).Decode([]byte(text))); got != tc.want {
				t.Errorf("verdict %q, want %q", got, tc.want)
			}
		})
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	d := NewOrders(reading)
	for word, want := range map[string]string{
		"Completed": "COMPLETED", "pending": "PENDING", "FAILED": "FAILED", "refunded": "REFUNDED", " partially_refunded": "PARTIALLY_REFUNDED",
		"cancelled": "CANCELLED", "Canceled": "CANCELLED", "on hold": "UNSPECIFIED",
	} {
		a, fault := d.Decode([]byte(with(t, "pending", word)))
		if fault != nil {
			t.Fatal(fault)
		}
		o := a.Message.(*ordersv1.Order)
		if o.PaymentStatus.String() != "PAYMENT_STATUS_"+want || o.PaymentStatusText != strings.ToLower(strings.TrimSpace(word)) {
			t.Errorf("%q reads as %v, %q", word, o.PaymentStatus, o.PaymentStatusText)
		}
	}
}

// TestContentHashesStand holds the hashes that warehouses know orders and the rows of
// catalogs by: they are values of the release before orders had optional fields, and must
// never change.
func TestContentHashesStand(t *testing.T) {
	t.Parallel()
	d := NewOrders(reading)
	for want, order := range map[string]string{
		"gybsabwk5l5v5vwvl4nvx3e2zy": goodOrder,
		"zxueijnrsjqr645hrmnuyqatbq": with(t, `pending`, ` Refunded `),
		"i3cyyjl6ujh2jiywkzqgzfjhfy": with(t, goodAddress, `{}`),
		"hbptmaurlgrqzzqjlwuma7xa6u": with(t, `"customer_id"`, `"coupon":{"b":1.50,"a":[]},"customer_id"`),
		"rbsu5rumkjv7duycsunin3dnbq": with(t, `138.46`, `1.0000000001`),
		"5ebhjajoh5gutpavkdy43l65n4": fullOrder, // of the release that brought the optional fields
	} {
		if got := hashOf(t, d, order); got != want {
			t.Errorf("the hash is %s, and was %s, of %s", got, want, order)
		}
	}
	for want, row := range map[string]struct {
		decoder Decoder
		cells   string
	}{
		"6yu3yghqshntqbkngcxesvhnwu": {products(t), `P-1,Pen,Office,10.50,5,red`},
		"rd6lmcpzxeue7excwpw6fao3i4": {products(t), `P-1,Pen,Office,10.50,5,`},
		"4fw2z7xnjhq2bkn7uyvzk3snqq": {customers(t), `C-1,Ann,a@example.com,2020-01-01,gold`},
	} {
		if got := hashOf(t, row.decoder, row.cells); got != want {
			t.Errorf("the hash is %s, and was %s, of %s", got, want, row.cells)
		}
	}
}

// TestContentHashKnowsOptionalFields: no two of these orders may be taken for one.
func TestContentHashKnowsOptionalFields(t *testing.T) {
	t.Parallel()
	d := NewOrders(reading)
	seen := map[string]string{}
	for _, order := range []string{
		goodOrder, fullOrder,
		strings.Replace(fullOrder, `13:00:00.5`, `13:00:00.6`, 1),
		strings.Replace(fullOrder, `"tax_amount":14`, `"tax_amount":14.01`, 1),
		strings.Replace(fullOrder, `"tax_included":false`, `"tax_included":true`, 1),
		strings.Replace(fullOrder, `"tax_included":false`, `"tax_included":null`, 1),
		strings.Replace(fullOrder, `"shipping_amount":10.00`, `"shipping_amount":10.01`, 1),
		strings.Replace(fullOrder, `"discount_amount":5`, `"discount_amount":5.01`, 1),
		strings.Replace(fullOrder, `"refunded_amount":0.5`, `"refunded_amount":0.51`, 1),
		strings.Replace(fullOrder, `3.46}`, `3.45}`, 1),
		strings.Replace(fullOrder, `,"discount_amount":3.46`, ``, 1),
		with(t, `"customer_id"`, `"tax_amount":1,"customer_id"`),
		with(t, `"customer_id"`, `"shipping_amount":1,"customer_id"`),
		with(t, `"customer_id"`, `"discount_amount":1,"customer_id"`),
		with(t, `"customer_id"`, `"refunded_amount":1,"customer_id"`),
		with(t, `66.73}`, `66.73,"discount_amount":1}`),
		with(t, `"unit_price":5}`, `"unit_price":5,"discount_amount":1}`),
		with(t, `"customer_id":"C-1"`, `"customer_id":null`),
		with(t, `"product_id":"P-1"`, `"product_id":null`),
	} {
		hash := hashOf(t, d, order)
		if other, ok := seen[hash]; ok {
			t.Errorf("one hash of\n%s\n%s", order, other)
		}
		seen[hash] = order
	}
	// The currency is the pipeline's whether the order names it or not.
	if hashOf(t, d, with(t, `"customer_id"`, `"currency":" usd","customer_id"`)) != hashOf(t, d, goodOrder) {
		t.Error("naming the currency changes the hash")
	}
}

// TestOrdersOfTheReadme: what the README shows is read as it says, without a word of complaint.
func TestOrdersOfTheReadme(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, rest := range strings.Split(string(page), "```json\n")[1:] {
		sample, _, _ := strings.Cut(rest, "```")
		if got := verdict(NewOrders(reading).Decode([]byte(sample))); got != "ok" {
			t.Errorf("verdict %s of the README's order\n%s", got, sample)
		}
		shown++
	}
	if shown != 2 {
		t.Errorf("%d orders in the README, want a plain one and one with all fields", shown)
	}
}

package decode

import (
	"fmt"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/strictjson"
)

// Required fields of a line.
const (
	seenProductID seen = 1 << iota
	seenQuantity
	seenUnitPrice
)

var itemFields = []string{"product_id", "quantity", "unit_price"}

func (d *Orders) readItems(p path) {
	if !d.present(p, '[', "an array") {
		return
	}
	d.seen |= seenItems
	d.scan.Array()
	n := 0
	for ; d.scan.Element(); n++ {
		if n >= d.maxLines {
			if n == d.maxLines {
				d.refuseAt(rules.TooLarge, p, fmt.Sprintf("the order has more than %s", plural.Of(d.maxLines, "line")), "", "")
			}
			d.scan.Skip()
			continue
		}
		d.readItem(n)
	}
	if n == 0 {
		d.refuseAt(rules.EmptyItems, p, "the order has no lines", "", "")
	}
}

func (d *Orders) readItem(n int) {
	if n == len(d.items) {
		d.items = append(d.items, &ordersv1.OrderItem{UnitPrice: &moneypb.Money{}})
		d.discounts = append(d.discounts, &moneypb.Money{})
	}
	if d.scan.Peek() != '{' {
		d.refuseType(path{parent: "items", index: n}, "an object")
		return
	}
	item := d.items[n]
	item.DiscountAmount = nil
	d.order.Items = d.items[:n+1]
	var has seen
	faults := d.faults.count()
	d.scan.Object()
	for {
		name, ok := d.scan.Name()
		if !ok {
			break
		}
		p := path{parent: "items", index: n, field: name}
		before := d.faults.count()
		switch name {
		case "product_id":
			item.ProductId = d.readReference(p, &has, seenProductID)
		case "quantity":
			item.Quantity = d.readQuantity(p, &has)
		case "unit_price":
			d.readAmount(p, item.UnitPrice, &has, seenUnitPrice)
		case "discount_amount":
			item.DiscountAmount = d.readOptionalAmount(p, d.discounts[n])
		default:
			d.unknown.item.read(name, &d.scan)
		}
		if d.faults.count() > before {
			has |= bitOf(name, itemFields)
		}
	}
	if has != allOf(itemFields) {
		d.missing(has, itemFields, path{parent: "items", index: n}, d.unknown.item.list)
	}
	d.unknown.endItem(n)
	if d.faults.count() == faults && d.scan.Err() == nil {
		d.addLine(n)
	}
}

// addLine adds what a sound line costs.
func (d *Orders) addLine(n int) {
	item := d.items[n]
	line, ok := product(item.Quantity, item.UnitPrice)
	if ok && item.DiscountAmount != nil && !line.subtract(item.DiscountAmount) {
		d.refuseAt(rules.InvalidAmount, path{parent: "items", index: n, field: "discount_amount"},
			"the discount is more than quantity x unit_price", "", "it is what the line costs less, not each unit")
		return
	}
	if !ok || !d.sum.plus(line) {
		d.refuseAt(rules.InvalidAmount, path{parent: "items", index: n},
			"quantity x unit_price goes beyond 18 digits before the point", "", "")
	}
}

func (d *Orders) readQuantity(p path, has *seen) int64 {
	c := d.scan.Peek()
	if !strictjson.IsNumber(c) {
		d.wrongType(p, "a number")
		return 0
	}
	text, ok := d.scan.Number()
	if !ok {
		return 0
	}
	*has |= seenQuantity
	quantity, ok := parseWhole(text)
	if !ok || quantity < 1 {
		d.refuseAt(rules.InvalidQuantity, p, messageQuantity, cut(text), quantityRemedy(text))
	}
	return quantity
}

func (d *Orders) readAmount(p path, m *moneypb.Money, has *seen, field seen) {
	c := d.scan.Peek()
	if (c == 'N' || c == 'I' || c == '-') &&
		(d.scan.Literal("NaN") || d.scan.Literal("Infinity") || d.scan.Literal("-Infinity")) {
		// No JSON, but what common producers write for an amount that they do
		// not know: the reason helps more than "malformed".
		*has |= field
		d.refuseAt(rules.InvalidAmount, p, "the amount is not a number", "NaN or Infinity", "write the amount, or null where the field may have none")
		return
	}
	if !strictjson.IsNumber(c) {
		d.wrongType(p, "a number")
		return
	}
	text, ok := d.scan.Number()
	if !ok {
		return
	}
	*has |= field
	rounded, message := parseAmount(m, text, d.currency)
	if message != "" {
		d.refuseAt(rules.InvalidAmount, p, message, cut(text), amountRemedy(text))
	}
	if rounded {
		d.warned |= warnAmountRounded
	}
}

// readID reads an id; an empty one counts as absent.
func (d *Orders) readID(p path, has *seen, field seen) string {
	id, ok := d.readText(p, maxID)
	if id = d.trim(id); ok && id != "" {
		*has |= field
	}
	return id
}

// readReference reads an id that may be empty or null, which says that there is none.
func (d *Orders) readReference(p path, has *seen, field seen) string {
	if d.scan.Literal("null") {
		*has |= field
		return ""
	}
	id, ok := d.readText(p, maxID)
	if ok {
		*has |= field
	}
	return d.trim(id)
}

// readText reads a string; false if it is absent or cannot be read.
func (d *Orders) readText(p path, most int) (string, bool) {
	if !d.present(p, '"', "a string") {
		return "", false
	}
	text, ok := d.scan.String()
	if !ok {
		return "", false
	}
	if message := checkText(text, most); message != "" {
		d.refuseText(rules.InvalidText, p, message, text, "")
	}
	return text, true
}

// present tells whether a value of the right type is next; others are passed over.
func (d *Orders) present(p path, first byte, expected string) bool {
	if d.scan.Peek() == first {
		return true
	}
	d.wrongType(p, expected)
	return false
}

// wrongType passes over a value that is not of the right type. Null is no value.
func (d *Orders) wrongType(p path, expected string) {
	if !d.scan.Literal("null") {
		d.refuseType(p, expected)
	}
}

// refuseType passes over a value and refuses it for its type.
func (d *Orders) refuseType(p path, expected string) {
	got, remedy := "", ""
	switch c := d.scan.Peek(); {
	case c == '"':
		text, _ := d.scan.String()
		switch {
		case isPersonal(p.field):
			got = "a string"
		default:
			got = quote(text)
		}
		switch {
		case expected != "a number":
		case text == "":
			remedy = "write the number"
		default:
			remedy = "write it without quotes, or read the file by a source, which takes numbers out of texts"
		}
	case strictjson.IsNumber(c):
		text, _ := d.scan.Number()
		got = cut(text)
		if isPersonal(p.field) && p.field != "customer_id" {
			got = "a number"
		}
		switch {
		case expected != "a string":
		case p.field == "order_timestamp" || p.field == "updated_at":
			remedy = timeRemedy(got)
		default:
			remedy = "write it in quotes, or read the file by a source, which takes numbers as texts"
		}
	case c == '{':
		d.scan.Skip()
		got = "an object"
		if expected != "an array" {
			remedy = "write the value alone, or read the file by a source, which can take it out of the object"
		}
	case c == '[':
		d.scan.Skip()
		got = "an array"
	default:
		for _, word := range []string{"true", "false", "null"} {
			if d.scan.Literal(word) {
				got = word
			}
		}
		if got == "" {
			d.scan.Skip() // which tells what is wrong
		}
	}
	d.refuseAt(rules.WrongType, p, "expected "+expected+", not "+got, "", remedy)
}

package decode

import (
	"fmt"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing/strictjson"
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
		if n >= maxItems {
			d.refuse(rules.TooLarge, p.String(), "the order has more than 1,000 lines")
			d.scan.Skip()
			continue
		}
		d.readItem(n)
	}
	if n == 0 {
		d.refuse(rules.EmptyItems, p.String(), "the order has no lines")
	}
}

func (d *Orders) readItem(n int) {
	if n == len(d.items) {
		d.items = append(d.items, &ordersv1.OrderItem{UnitPrice: &moneypb.Money{}})
	}
	if d.scan.Peek() != '{' {
		d.refuse(rules.WrongType, path{parent: "items", index: n}.String(), "expected an object")
		d.scan.Skip()
		return
	}
	item := d.items[n]
	d.order.Items = d.items[:n+1]
	var has seen
	d.scan.Object()
	for {
		name, ok := d.scan.Name()
		if !ok {
			break
		}
		p := path{parent: "items", index: n, field: name}
		switch name {
		case "product_id":
			item.ProductId = d.readID(p, &has, seenProductID)
		case "quantity":
			item.Quantity = d.readQuantity(p, &has)
		case "unit_price":
			d.readAmount(p, item.UnitPrice, &has, seenUnitPrice)
		default:
			d.unknown.item.read(name, &d.scan)
		}
	}
	d.unknown.endItem(n)
	if d.fault != nil || d.scan.Err() != nil {
		return
	}
	if has != seenProductID|seenQuantity|seenUnitPrice {
		d.missing(has, itemFields, path{parent: "items", index: n})
		return
	}
	if !d.sum.add(item.Quantity, item.UnitPrice) {
		d.refuse(rules.InvalidAmount, path{parent: "items", index: n}.String(),
			"quantity x unit_price goes beyond 18 digits before the point")
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
		d.refuse(rules.InvalidQuantity, p.String(),
			fmt.Sprintf("the quantity is not a whole number from 1 to %d", maxQuantity))
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
		d.refuse(rules.InvalidAmount, p.String(), "the amount is not a number")
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
		d.refuse(rules.InvalidAmount, p.String(), message)
	}
	if rounded {
		d.warned |= warnAmountRounded
	}
}

// readID reads an id; an empty one counts as absent.
func (d *Orders) readID(p path, has *seen, field seen) string {
	id, ok := d.readText(p, maxID)
	if ok && id != "" {
		*has |= field
	}
	return id
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
		d.refuse(rules.InvalidText, p.String(), message)
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
	if d.scan.Literal("null") {
		return
	}
	d.refuse(rules.WrongType, p.String(), "expected "+expected)
	d.scan.Skip()
}

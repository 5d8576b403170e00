package suggest

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/services/parser/vocabulary"
)

// parts are the places of an order's amounts, each nil if there is none.
type parts struct {
	total, tax, shipping, discount, refunded          *leaf
	included                                          *leaf
	product, quantity, price, lineDiscount, lineTotal *leaf
}

// reading is one way in which an order's parts may come to its total.
type reading struct {
	byTotal            bool // a line costs its total, not quantity times price
	lineDiscount       bool
	discount, shipping bool
	taxAdded           bool
	byField            bool // tax_included tells of each order whether the tax is added
}

// amounts finds the amounts of orders and lines, and the way in which they come out.
func (d *draft) amounts() {
	p := d.places()
	way, came, of := d.balance(p)
	switch {
	case p.total == nil:
		d.notes = append(d.notes, "no total was found: orders cost what their parts come to")
	case of > 0 && came == of:
		d.notes = append(d.notes, fmt.Sprintf("with this draft the total comes out to the cent (%s looked at)", plural.Of(of, "order")))
	case of > 0:
		d.notes = append(d.notes, fmt.Sprintf("NOT SURE of the amounts: with this draft the total comes out for %d of %s looked at", came, plural.Of(of, "order")))
	}
	d.amount("total_amount", p.total, "")
	if p.tax != nil {
		d.amount("tax_amount", p.tax, "")
		switch {
		case p.included != nil && way.byField:
			d.add(chosen{field: "tax_included", leaf: p.included})
		case p.total == nil:
			d.add(chosen{field: "tax_included", form: "{value: false}", note: "NOT SURE whether prices contain the tax"})
		default:
			d.add(chosen{field: "tax_included", form: fmt.Sprintf("{value: %v}", !way.taxAdded)})
		}
	}
	if p.shipping != nil && way.shipping {
		d.amount("shipping_amount", p.shipping, "")
	}
	if p.discount != nil && way.discount {
		d.amount("discount_amount", p.discount, "")
	}
	d.amount("refunded_amount", p.refunded, "")
	d.lines(p, way)
}

// places finds the places of all amounts.
func (d *draft) places() (p parts) {
	take := func(words vocabulary.Words, field string, leaves []*leaf, fits func(*leaf) bool) *leaf {
		l := d.find(leaves, words, field, fits)
		if l != nil {
			d.used[l] = true
		}
		return l
	}
	amount := func(l *leaf) bool { return l.isAmounts() }
	ofOrder := func(l *leaf) bool { return l.isAmounts() && d.constant(l) }
	p.total = take(vocabulary.Orders, "total_amount", d.leaves, ofOrder)
	p.tax = take(vocabulary.Orders, "tax_amount", d.leaves, amount)
	p.shipping = take(vocabulary.Orders, "shipping_amount", d.leaves, amount)
	p.refunded = take(vocabulary.Orders, "refunded_amount", d.leaves, amount)
	p.included = take(vocabulary.Orders, "tax_included", d.leaves, func(l *leaf) bool {
		return l.all(func(v string) bool { return v == "true" || v == "false" }) && d.constant(l)
	})
	leaves := d.leaves
	switch {
	case d.csv && d.group == nil:
	case d.list != nil:
		d.over, leaves = d.list.at, d.list.leaves
		d.owner, d.groups = d.list.owner, d.count
	case !d.csv:
		leaves = nil
	}
	if d.csv {
		// What differs from row to row of an order is the lines'.
		p.lineDiscount = take(vocabulary.Items, "discount_amount", leaves, func(l *leaf) bool { return amount(l) && !d.constant(l) })
		if p.lineDiscount == nil {
			explicit := func(l *leaf) bool { return amount(l) && vocabulary.Orders.Rank("discount_amount", l.names[0]) < 0 }
			p.lineDiscount = take(vocabulary.Items, "discount_amount", leaves, explicit)
		}
	} else {
		p.lineDiscount = take(vocabulary.Items, "discount_amount", leaves, amount)
	}
	p.discount = take(vocabulary.Orders, "discount_amount", d.leaves, ofOrder)
	p.quantity = take(vocabulary.Items, "quantity", leaves, func(l *leaf) bool { return l.all(whole.MatchString) })
	p.price = take(vocabulary.Items, "unit_price", leaves, amount)
	p.lineTotal = take(vocabulary.Items, "total", leaves, amount)
	p.product = take(vocabulary.Items, "product_id", leaves, notTime)
	if d.isOfAmazon() && p.price != nil && p.total == nil {
		// Amazon's item-price is that of the whole line, and all amounts are the line's.
		d.byLine, p.lineTotal, p.price = true, p.price, nil
		p.discount, p.lineDiscount = p.lineDiscount, nil
	}
	return p
}

// isOfAmazon tells whether the file is one of Amazon's order reports, some of which call the order's id
// what everybody does.
func (d *draft) isOfAmazon() bool {
	has := func(name string) bool {
		return slices.ContainsFunc(d.leaves, func(l *leaf) bool { return l.names[0] == name })
	}
	return has("amazonorderid") || d.csv && has("orderitemid") && has("quantitypurchased") && has("itemprice")
}

// balance tries which reading makes most totals come out to the half cent, and tells how many
// of how many do. Without a total it is the first.
func (d *draft) balance(p parts) (best reading, came, of int) {
	lines := [][2]bool{{false, p.lineDiscount != nil}, {false, false}, {true, false}}
	if p.price == nil {
		lines = [][2]bool{{true, false}}
	} else if p.lineTotal == nil {
		lines = lines[:2]
	}
	first := true
	for _, line := range lines {
		for _, discount := range []bool{true, false} {
			for _, shipping := range []bool{true, false} {
				for _, tax := range [][2]bool{{false, true}, {true, false}, {false, false}} {
					if tax[1] && p.included == nil {
						continue
					}
					way := reading{line[0], line[1], discount, shipping, tax[0], tax[1]}
					n, all := d.comeOut(p, way)
					if first || n > came {
						best, came, of, first = way, n, all, false
					}
				}
			}
		}
	}
	return best, came, of
}

func (d *draft) comeOut(p parts, way reading) (came, of int) {
	if p.total == nil || p.price == nil && p.lineTotal == nil {
		return 0, 0
	}
	sums := make([]*big.Rat, max(d.groups, 1, d.count))
	totals := make([]*big.Rat, len(sums))
	for i := range sums {
		sums[i] = new(big.Rat)
	}
	for row, order := range d.owner {
		sums[order].Add(sums[order], d.line(p, way, row))
	}
	half := big.NewRat(1, 200)
	seen := map[*leaf]map[int]bool{}
	for row := range p.total.values {
		order := row
		if d.csv {
			order = d.owner[row]
		}
		add := func(l *leaf, sign int64) {
			if l == nil || d.rat(l, row).Sign() == 0 {
				return
			}
			if seen[l] == nil {
				seen[l] = map[int]bool{}
			}
			if d.csv && d.constant(l) && seen[l][order] {
				return
			}
			seen[l][order] = true
			v := new(big.Rat).Set(d.rat(l, row))
			if sign < 0 {
				v.Abs(v)
			}
			sums[order].Add(sums[order], v.Mul(v, big.NewRat(sign, 1)))
		}
		if way.discount {
			add(p.discount, -1)
		}
		if way.shipping {
			add(p.shipping, 1)
		}
		included := !way.taxAdded
		if way.byField && row < len(p.included.values) {
			included = p.included.values[row] == "true"
		}
		if !included {
			add(p.tax, 1)
		}
		if p.total.values[row] != "" {
			totals[order] = d.rat(p.total, row)
		}
	}
	for order, total := range totals {
		if total == nil {
			continue
		}
		of++
		scaled := new(big.Rat).Sub(sums[order], total)
		if d.style.minor == 0 && scaled.Abs(scaled).Cmp(half) <= 0 || scaled.Sign() == 0 {
			came++
		}
	}
	return came, of
}

// line is what a line costs.
func (d *draft) line(p parts, way reading, row int) *big.Rat {
	if way.byTotal {
		return d.rat(p.lineTotal, row)
	}
	cost := new(big.Rat).Set(d.rat(p.price, row))
	if p.quantity != nil {
		cost.Mul(cost, d.rat(p.quantity, row))
	}
	if way.lineDiscount {
		less := new(big.Rat).Abs(d.rat(p.lineDiscount, row))
		cost.Sub(cost, less)
	}
	return cost
}

// amount takes a place of the order's; what differs between its rows is added up.
func (d *draft) amount(field string, l *leaf, note string) {
	if l == nil {
		return
	}
	c := chosen{field: field, leaf: l, note: note}
	negative := slices.ContainsFunc(l.some(), func(v string) bool { r, ok := d.style.number(v); return ok && r.Sign() < 0 })
	place := scalar(l.at)
	if d.csv && (d.byLine || !d.constant(l)) {
		place = "{sum: " + place + "}"
		c.form = place
	}
	if negative && field != "total_amount" {
		c.form = "{minus: [" + place + "]}"
		c.note = "negative in the file"
	}
	d.add(c)
}

// lines takes the places of an order's lines.
func (d *draft) lines(p parts, way reading) {
	item := func(field string, l *leaf) {
		if l == nil {
			return
		}
		c := chosen{field: field, leaf: l}
		if field == "quantity" && d.style.minor > 0 {
			c.form = "{from: " + scalar(l.at) + ", numbers: {decimal_mark: \".\"}}"
		}
		if field == "discount_amount" && slices.ContainsFunc(l.some(), func(v string) bool { r, ok := d.style.number(v); return ok && r.Sign() < 0 }) {
			c.form = "{minus: [" + scalar(l.at) + "]}"
		}
		d.items = append(d.items, c)
	}
	item("product_id", p.product)
	if p.quantity == nil {
		d.items = append(d.items, chosen{field: "quantity", form: "{value: 1}", note: "no quantity was found: one of each"})
	} else {
		item("quantity", p.quantity)
	}
	switch {
	case d.byLine:
		item("subtotal", p.lineTotal)
	case way.byTotal && p.lineTotal != nil:
		item("total", p.lineTotal)
	case p.price != nil:
		item("unit_price", p.price)
		if way.lineDiscount {
			item("discount_amount", p.lineDiscount)
		}
	case p.total != nil:
		d.items = append(d.items, chosen{field: "unit_price", leaf: p.total, note: "no lines were found: an order is one line of its total"})
		d.fields = slices.DeleteFunc(d.fields, func(c chosen) bool {
			return c.field == "tax_amount" || c.field == "tax_included" || c.field == "shipping_amount" || c.field == "discount_amount"
		})
		d.notes = append(d.notes, "no lines were found: an order is one line of its total")
	default:
		place := "/unit_price"
		if d.csv {
			place = "unit_price"
		}
		d.items = append(d.items, chosen{field: "unit_price", form: scalar(place), note: "NOT FOUND: put the right place here; a price is required"})
		d.notes = append(d.notes, "no prices were found, and they are required")
	}
	if p.product == nil {
		d.notes = append(d.notes, "no product was found: lines would be without one")
	}
}

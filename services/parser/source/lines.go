package source

import (
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// writeLines writes the lines of one set.
func (r *reader) writeLines(s *set) {
	from, end := 0, 1
	if s.scope > 0 {
		l := &r.lists[s.scope-1]
		if l.wrong {
			r.refuse(rules.WrongType, "items", "expected an array")
			return
		}
		from, end = r.span(s.over, 0, 0)
	}
	for row := from; row < end; row++ {
		if !r.anyMet(s.leaveOut, row) {
			r.writeLine(s, row)
		}
	}
}

// writeLine writes one line. Its amounts are computed only where something depends on
// them: otherwise they are the native reader's to judge.
func (r *reader) writeLine(s *set, row int) {
	if !r.plan.computed && !r.plan.adjusts && s.fields[itemSubtotal] == nil && s.fields[itemTotal] == nil {
		r.beginLine(s, row)
		for _, i := range [...]int{itemQuantity, itemUnitPrice, itemDiscount} {
			r.writeItemField(s, row, i)
		}
		r.order.items = append(r.order.items, '}')
		return
	}
	m, ok := r.measure(s, row)
	if !ok {
		return
	}
	o := &r.order
	worth, err := m.worth()
	switch {
	case err != nil:
		r.refuse(rules.InvalidAmount, r.nextLine(""), err.Error())
	case m.quantity < 0 && r.plan.mapping.Returns != nil && r.plan.mapping.Returns.NegativeQuantity:
		o.returned = r.addedTo(o.returned, worth)
		o.back = append(o.back, line{s, row})
		if len(o.returns) > 0 {
			o.returns = append(o.returns, ',')
		}
		product, _ := r.find(s.fields[itemProductID], row)
		o.returns = r.appendMeasured(o.returns, product, m)
	case worth.isNegative() && m.quantity > 0 && r.plan.mapping.NegativeLines == "discount":
		o.less = r.addedTo(o.less, worth.negated())
	default:
		o.sold = r.addedTo(o.sold, worth)
		if len(o.lines) > 0 {
			o.items = append(o.items, ',')
		}
		o.lines = append(o.lines, line{s, row})
		product, _ := r.find(s.fields[itemProductID], row)
		if m.quantity < 0 {
			m.written = m.quantity
		}
		o.items = r.appendMeasured(o.items, product, m)
	}
}

// addedTo adds what the line to come is worth.
func (r *reader) addedTo(a, worth amount) amount {
	sum, err := a.plus(worth)
	if err != nil {
		r.refuse(rules.InvalidAmount, r.nextLine(""), err.Error())
	}
	return sum
}

// beginLine begins a native line with its product.
func (r *reader) beginLine(s *set, row int) {
	o := &r.order
	if len(o.lines) > 0 {
		o.items = append(o.items, ',')
	}
	o.lines = append(o.lines, line{s, row})
	o.items = append(o.items, `{"product_id":`...)
	if f, ok := r.find(s.fields[itemProductID], row); ok {
		o.items = r.write(o.items, asText, "", f)
		r.nameFault("product_id")
	} else {
		o.items = append(o.items, "null"...)
	}
}

func (r *reader) writeItemField(s *set, row, i int) {
	o := &r.order
	f, ok := r.find(s.fields[i], row)
	if !ok {
		return
	}
	o.items = append(append(append(o.items, `,"`...), itemFieldList[i].name...), `":`...)
	o.items = r.write(o.items, itemFieldList[i].as, "", f)
	r.nameFault(itemFieldList[i].name)
}

// nameFault gives the fault just noted, if it has no path yet, that of the line at hand.
func (r *reader) nameFault(field string) {
	if n := len(r.faults); n > 0 && r.faults[n-1].Path == "" {
		r.faults[n-1].Path = r.thisLine(field)
	}
}

// thisLine is the path of a field of the line written last, nextLine of the one to come.
func (r *reader) thisLine(field string) string { return itemPath(len(r.order.lines)-1, field) }

func (r *reader) nextLine(field string) string { return itemPath(len(r.order.lines), field) }

func itemPath(n int, field string) string {
	path := "items[" + strconv.Itoa(n) + "]"
	if field != "" {
		path += "." + field
	}
	return path
}

// measures are a line's numbers.
type measures struct {
	quantity, written int64 // written: without its sign
	price, discount   amount
}

// worth is what the line comes to, whatever the sign of its quantity.
func (m measures) worth() (amount, error) {
	gross, err := m.price.times(m.written)
	if err != nil {
		return gross, err
	}
	return gross.plus(m.discount.negated())
}

// measure reads a line's numbers. One that cannot be read is noted, and the line is
// written without it.
func (r *reader) measure(s *set, row int) (m measures, ok bool) {
	var a [itemFields]amount
	var has [itemFields]bool
	ok = true
	for _, i := range [...]int{itemQuantity, itemUnitPrice, itemDiscount, itemSubtotal, itemTotal} {
		f, found := r.find(s.fields[i], row)
		if !found {
			continue
		}
		err := error(nil)
		if f.rule == "" {
			a[i], err = r.amountOf(f)
		}
		switch {
		case f.rule != "":
			r.refuse(f.rule, r.nextLine(itemFieldList[i].name), f.why)
			ok = false
		case i == itemQuantity && (err != nil || a[i].nanos != 0 || a[i].units > maxQuantity || a[i].units < -maxQuantity):
			r.refuse(rules.InvalidQuantity, r.nextLine("quantity"), "the quantity is not a whole number: "+quoted(f.text))
			ok = false
		case err != nil:
			r.refuse(rules.InvalidAmount, r.nextLine(itemFieldList[i].name), notNumber(err.Error(), f))
			ok = false
		default:
			has[i] = true
		}
	}
	if ok {
		ok = r.complete(&m, a, has)
	}
	if !ok {
		// The line still stands, so that those behind it keep their numbers.
		r.order.uncounted = true
		r.beginLine(s, row)
		r.order.items = append(r.order.items, '}')
	}
	return m, ok
}

const maxQuantity = 1_000_000_000

// complete derives what a line does not say of its price and discount.
func (r *reader) complete(m *measures, a [itemFields]amount, has [itemFields]bool) bool {
	if !has[itemQuantity] || !has[itemUnitPrice] && !has[itemSubtotal] && !has[itemTotal] {
		field := "quantity"
		if has[itemQuantity] {
			field = "unit_price"
		}
		r.refuse(rules.MissingField, r.nextLine(field), "the field is required")
		return false
	}
	m.quantity = a[itemQuantity].units
	if m.written = m.quantity; m.written < 0 {
		m.written = -m.written
		for _, i := range [...]int{itemDiscount, itemSubtotal, itemTotal} {
			if a[i].isNegative() {
				a[i] = a[i].negated()
			}
		}
	}
	if m.written == 0 {
		r.refuse(rules.InvalidQuantity, r.nextLine("quantity"), "the quantity is 0; a source may leave such lines out")
		return false
	}
	m.price, m.discount = a[itemUnitPrice], a[itemDiscount]
	if !has[itemUnitPrice] {
		m.price = unitPrice(a, has, m.written)
	}
	gross, err := m.price.times(m.written)
	if err != nil {
		r.refuse(rules.InvalidAmount, r.nextLine(""), err.Error())
		return false
	}
	switch {
	case has[itemTotal]:
		m.discount, err = gross.plus(a[itemTotal].negated())
	case !has[itemUnitPrice]: // what rounding the price up adds
		var more amount
		if more, err = gross.plus(a[itemSubtotal].negated()); err == nil {
			m.discount, err = m.discount.plus(more)
		}
	}
	switch {
	case err != nil:
		r.refuse(rules.InvalidAmount, r.nextLine(""), err.Error())
	case m.discount.isNegative() && !m.price.isNegative():
		r.refuse(rules.InvalidAmount, r.nextLine("total"), "the line's total is more than quantity x unit_price")
	default:
		return true
	}
	return false
}

// unitPrice derives a line's price from its subtotal, or its total if there is none or it
// is less. It is rounded up at the ninth decimal; what that adds the discount takes off.
func unitPrice(a [itemFields]amount, has [itemFields]bool, quantity int64) amount {
	of := a[itemSubtotal]
	if more, err := a[itemTotal].plus(of.negated()); has[itemTotal] && (!has[itemSubtotal] || err == nil && !more.isNegative() && !of.isNegative()) {
		of = a[itemTotal]
	}
	if of.isNegative() {
		return of.negated().over(quantity).negated()
	}
	return of.over(quantity)
}

// appendMeasured writes a line of which all numbers are known.
func (r *reader) appendMeasured(dst []byte, product found, m measures) []byte {
	dst = append(dst, `{"product_id":`...)
	if product.at != nil {
		dst = r.write(dst, asText, "", product)
		r.nameFault("product_id")
	} else {
		dst = append(dst, "null"...)
	}
	dst = strconv.AppendInt(append(dst, `,"quantity":`...), m.written, 10)
	dst = m.price.append(append(dst, `,"unit_price":`...))
	if !m.discount.isZero() {
		dst = m.discount.append(append(dst, `,"discount_amount":`...))
	}
	return append(dst, '}')
}

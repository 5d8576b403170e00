package source

import (
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/parser/strictjson"
)

// order is the native order in the making.
type order struct {
	lines, back []line // written into items and returned
	items       []byte
	returns     []byte
	sold        amount // what the lines come to
	returned    amount // what those of a negative quantity come to
	less        amount // what those of a negative price come to
	amounts     [4]amount
	has         [4]bool
	included    bool
	uncounted   bool // a line's amounts cannot be counted with
}

// line is where a native line comes from.
type line struct {
	set *set
	row int
}

// The order's amounts that a total is computed from, or that lines change.
const (
	amountTax = iota
	amountShipping
	amountDiscount
	amountRefunded
)

// countedNames are the fields of these amounts.
var countedNames = [4]string{amountTax: "tax_amount", amountShipping: "shipping_amount", amountDiscount: "discount_amount", amountRefunded: "refunded_amount"}

// writeOrder writes the native order.
func (r *reader) writeOrder() {
	o := &r.order
	*o = order{lines: o.lines[:0], back: o.back[:0], items: o.items[:0], returns: o.returns[:0]}
	for i := range r.plan.sets {
		r.writeLines(&r.plan.sets[i])
	}
	alone := len(o.lines) == 0 && len(o.back) > 0 && r.plan.mapping.Returns.Alone != "refused"
	if alone {
		o.lines, o.items = append(o.lines, o.back...), append(o.items, o.returns...)
	}
	r.out = append(append(append(r.out, `{"items":[`...), o.items...), ']')
	address := false
	customer := false
	for i := range r.plan.fields {
		f := &r.plan.fields[i]
		if f.part != "" {
			address = r.writePart(f, address)
			continue
		}
		customer = customer || f.name == "customer_id"
		r.writeField(f, alone)
	}
	if address {
		r.out = append(r.out, '}')
	} else {
		r.out = append(r.out, `,"shipping_address":null`...)
	}
	if !customer {
		r.out = append(r.out, `,"customer_id":null`...)
	}
	r.writeAdjusted()
	r.out = append(r.out, '}')
}

// writePart writes a part of the address if there is one.
func (r *reader) writePart(f *field, open bool) bool {
	at, ok := r.find(f.places, 0)
	if !ok {
		return open
	}
	if open {
		r.out = append(r.out, ',')
	} else {
		r.out = append(r.out, `,"shipping_address":{`...)
	}
	r.out = append(append(append(r.out, '"'), f.part...), `":`...)
	r.out = r.write(r.out, f.as, f.name, at)
	return true
}

// writeField writes a field of the order if it has a value; a customer that there is none
// of is null.
func (r *reader) writeField(f *field, alone bool) {
	at, ok := r.find(f.places, 0)
	switch {
	case f.name == "customer_id" && !ok:
		r.out = append(r.out, `,"customer_id":null`...)
		return
	case !ok:
		return
	}
	if f.as == asAmount && (r.plan.adjusts || r.plan.computed) && at.rule == "" {
		if a, err := r.amountOf(at); err == nil {
			if i := f.counted; i >= 0 {
				r.order.amounts[i], r.order.has[i] = a, true
				return // written with what the lines add to it
			}
			if f.name == "total_amount" {
				r.writeTotal(a, alone)
				return
			}
		}
	}
	r.out = append(r.out, f.key...)
	from := len(r.out)
	r.out = r.write(r.out, f.as, f.name, at)
	if f.as == asBoolean {
		r.order.included = string(r.out[from:]) == "true"
	}
}

// writeTotal writes what the order's total was before returns.
func (r *reader) writeTotal(total amount, alone bool) {
	back := r.order.returned
	if m := r.plan.mapping.Returns; m == nil || m.TotalAmount != "before" {
		total = r.added("total_amount", total, back)
	}
	if alone {
		total = r.added("total_amount", total, back)
	}
	r.out = total.append(append(r.out, `,"total_amount":`...))
}

// writeAdjusted writes the amounts that lines change, and the total if it is computed.
func (r *reader) writeAdjusted() {
	o := &r.order
	if !r.plan.adjusts && !r.plan.computed {
		return
	}
	for i, more := range [len(countedNames)]amount{amountDiscount: o.less, amountRefunded: o.returned} {
		if !more.isZero() {
			o.amounts[i], o.has[i] = r.added(countedNames[i], o.amounts[i], more), true
		}
		if o.has[i] {
			r.out = append(append(append(r.out, `,"`...), countedNames[i]...), `":`...)
			r.out = o.amounts[i].append(r.out)
		}
	}
	if !r.plan.computed {
		return
	}
	total := o.sold
	if len(o.back) > 0 && len(o.lines) == len(o.back) && o.sold.isZero() {
		total = o.returned
	}
	total = r.added("total_amount", total, o.amounts[amountShipping])
	if !o.included {
		total = r.added("total_amount", total, o.amounts[amountTax])
	}
	total = r.added("total_amount", total, o.amounts[amountDiscount].negated())
	if !o.uncounted {
		r.out = total.append(append(r.out, `,"total_amount":`...))
	}
}

// added adds amounts up; one that goes beyond the range of money refuses the record.
func (r *reader) added(name string, a, b amount) amount {
	sum, err := a.plus(b)
	if err != nil {
		r.refuse(rules.InvalidAmount, name, err.Error())
	}
	return sum
}

// write writes a value as its field's type. One that is none is noted, and written so that
// the record stays well-formed.
func (r *reader) write(dst []byte, as fieldType, path string, f found) []byte {
	if f.rule != "" {
		r.refuse(f.rule, path, f.why)
		return append(dst, "null"...)
	}
	switch as {
	case asAmount, asInteger:
		text, ok := f.numeral()
		if ok {
			return append(dst, text...)
		}
		if as == asAmount {
			r.refuse(rules.InvalidAmount, path, notNumber("the amount is not a decimal number", f))
		} else {
			r.refuse(rules.InvalidQuantity, path, notNumber("the quantity is not a number", f))
		}
		return append(dst, "null"...)
	case asBoolean:
		switch strings.ToLower(f.text) {
		case "true", "yes", "1":
			return append(dst, "true"...)
		case "false", "no", "0":
			return append(dst, "false"...)
		}
		r.refuse(rules.WrongType, path, "expected true or false: "+quoted(f.text))
		return append(dst, "null"...)
	case asTime, asDate:
		from := len(dst)
		dst, ok := f.at.clock.appendTime(append(dst, '"'), f.text, as == asDate)
		if !ok || strings.ContainsAny(string(dst[from+1:]), "\"\\") || hasControl(dst[from+1:]) {
			r.refuse(rules.InvalidTimestamp, path, "the time is not written as the source says: "+quoted(f.text)+"; its layout and zone belong into times of the source")
			return append(dst[:from], "null"...)
		}
		return append(dst, '"')
	}
	return strictjson.AppendString(dst, f.text)
}

// notNumber quotes a text that is no number, and says what a source can do about it.
func notNumber(what string, f found) string {
	what += ": " + quoted(f.text)
	if strings.ContainsAny(f.text, "0123456789") {
		what += "; how numbers are written, their marks and signs, belongs into numbers of the source"
	}
	return what
}

func hasControl(text []byte) bool {
	for _, c := range text {
		if c < ' ' {
			return true
		}
	}
	return false
}

// lineOf tells which line of the source a path such as items[2].quantity is about.
func (r *reader) lineOf(path string) (*set, int, string, bool) {
	rest, ok := strings.CutPrefix(path, "items[")
	if !ok {
		return nil, 0, "", false
	}
	index, field, _ := strings.Cut(rest, "]")
	n, err := strconv.Atoi(index)
	if err != nil || n < 0 || n >= len(r.order.lines) {
		return nil, 0, "", false
	}
	l := r.order.lines[n]
	return l.set, l.row, strings.TrimPrefix(field, "."), true
}

func (r *reader) linePath(s *set, row int) string {
	if s.scope == 0 {
		return ""
	}
	return s.path + "/" + strconv.Itoa(row)
}

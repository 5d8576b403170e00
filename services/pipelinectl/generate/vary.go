package generate

import (
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// unstated is an amount that the order does not state.
const unstated = -1

// variation is how an order differs from the plain one: what shops leave out, and
// what they say beyond the required fields. Amounts in cents, or unstated.
type variation struct {
	guest, unshipped, bare                      bool // no customer, no address, a first line without a product
	taxIncluded                                 bool // said with the tax alone
	tax, shipping, discount, lineDiscount, back int64
	word                                        string // for the payment status; empty: as drawn
}

var plain = variation{tax: unstated, shipping: unstated, discount: unstated, lineDiscount: unstated, back: unstated}

// vary draws how an order differs, if it does, and settles its total. What is plain
// of the order does not depend on it.
func (s *Orders) vary(r *random, o *order) {
	o.variation, o.total = plain, o.cents
	own := random{mix(r.state)}
	if s.varied == 0 || own.next() >= s.varied {
		return
	}
	v := &o.variation
	v.guest, v.unshipped, v.bare = own.below(4) == 0, own.below(4) == 0, own.below(4) == 0
	first := o.lines[0]
	if own.below(4) == 0 {
		v.lineDiscount = int64(own.below(int(first.cents) * first.quantity / 2))
		o.total -= v.lineDiscount
	}
	if own.below(4) == 0 {
		v.discount = int64(own.below(int(o.total)))
		o.total -= v.discount
	}
	if own.below(2) == 0 {
		v.shipping = int64(own.below(4)) * 495
		o.total += v.shipping
	}
	if own.below(2) == 0 {
		v.tax, v.taxIncluded = o.total*int64(own.below(20))/100, own.below(3) == 0
		if !v.taxIncluded {
			o.total += v.tax
		}
	}
	switch own.below(8) {
	case 0:
		v.word, v.back = "refunded", o.total
	case 1:
		v.word, v.back = "partially_refunded", int64(own.below(int(o.total)))
	case 2:
		v.word = "cancelled"
	case 3: // paid and called off, in another spelling
		v.word, v.back = "Canceled", o.total
	}
}

// appendStated appends the amounts that the order states beside its total.
func appendStated(dst []byte, v *variation) []byte {
	for _, a := range [...]struct {
		name  string
		cents int64
	}{{"tax_amount", v.tax}, {"shipping_amount", v.shipping}, {"discount_amount", v.discount}, {"refunded_amount", v.back}} {
		if a.cents == unstated {
			continue
		}
		dst = append(append(append(dst, `, "`...), a.name...), `": `...)
		dst = appendCents(dst, a.cents)
	}
	if v.tax != unstated {
		dst = strconv.AppendBool(append(dst, `, "tax_included": `...), v.taxIncluded)
	}
	return dst
}

// appendCustomer appends the customer, or that there is none.
func appendCustomer(dst []byte, o *order) []byte {
	if o.variation.guest {
		return append(dst, `, "customer_id": null`...)
	}
	dst = append(dst, `, "customer_id": "CUST-`...)
	return append(strconv.AppendInt(dst, int64(o.customer), 10), '"')
}

// appendAddress appends where the order goes, or that it is not shipped.
func appendAddress(dst []byte, o *order, fault rules.ID) []byte {
	dst = append(dst, `, "shipping_address": `...)
	if o.variation.unshipped {
		return append(dst, "null"...)
	}
	dst = append(dst, `{"street": "`...)
	dst = strconv.AppendInt(dst, int64(o.house), 10)
	dst = append(dst, ' ')
	dst = append(dst, o.street...)
	dst = append(dst, `", "city": "`...)
	dst = append(dst, o.place.city...)
	if fault == rules.InvalidUTF8 {
		dst = append(dst, 0xff)
	}
	dst = append(dst, `", "state": "`...)
	dst = append(dst, o.place.state...)
	dst = append(dst, `", "zipcode": "`...)
	dst = append(dst, o.place.zip...)
	dst = appendDigits(dst, int64(o.zip), 2)
	dst = append(dst, `", "country": "`...)
	dst = append(dst, o.place.country...)
	return append(dst, '"', '}')
}

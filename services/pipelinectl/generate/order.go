package generate

import (
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

const maxLines = 5

// order is an order before it is written.
type order struct {
	idHigh, idLow uint64
	customer      int
	micros        int64
	updated       int64  // microseconds of the version, or unstated
	lines         []line // backed by room
	room          [maxLines]line
	cents         int64 // of the lines
	total         int64 // as the order states it
	status        string
	variation     variation
	house, zip    int
	street        string
	place         *place
}

type line struct {
	product, quantity int
	cents             int64
}

// draw draws an order without faults.
func (s *Orders) draw(r *random, o *order) {
	o.idHigh, o.idLow = r.next(), r.next()
	o.customer = s.reference(r, s.options.Customers)
	o.micros, o.updated = s.time(r), unstated
	o.lines, o.cents = o.room[:1+r.below(maxLines)], 0
	for i := range o.lines {
		l := line{s.reference(r, s.options.Products), 1 + r.below(3), int64(500 + r.below(49_500))}
		o.lines[i] = l
		o.cents += int64(l.quantity) * l.cents
	}
	o.status = s.status(r)
	o.house, o.street = 1+r.below(9999), streets[r.below(len(streets))]
	// One order in sixteen goes abroad; of the others, the first places get most.
	if r.below(16) == 0 {
		o.place = &places[abroad+r.below(len(places)-abroad)]
	} else {
		o.place = &places[min(r.below(abroad), r.below(abroad))]
	}
	o.zip = r.below(100)
	s.vary(r, o)
}

// reference draws the number of a customer or product. The first ones are the
// most popular; a share lies beyond the catalog.
func (s *Orders) reference(r *random, known int) int {
	if s.unknown > 0 && r.next() < s.unknown {
		return firstID + known + r.below(9*known)
	}
	return firstID + min(r.below(known), r.below(known))
}

// time draws a time inside the range, more often in busy hours. A range inside
// idle hours is served, too: it takes what the last attempt brings.
func (s *Orders) time(r *random) int64 {
	for attempt := 0; ; attempt++ {
		t := s.from + int64(r.below(int(s.to-s.from)))
		hour := (t/(microsPerDay/24)%24 + 24) % 24
		if attempt == 8 || r.below(100) < busy[hour] {
			return t
		}
	}
}

func (s *Orders) status(r *random) string {
	drawn := r.below(s.weights)
	for i, w := range s.options.Weights {
		if drawn < w {
			return [...]string{"completed", "pending", "failed"}[i]
		}
		drawn -= w
	}
	return "completed"
}

// append writes the order as one line, with at most one fault.
func (s *Orders) append(dst []byte, o *order, fault rules.ID) []byte {
	dst = append(dst, `{"order_id": "`...)
	dst = appendUUID(dst, o.idHigh, o.idLow)
	if fault == rules.InvalidText {
		dst = appendRepeated(dst, 'x', 300)
	}
	dst = append(dst, '"')
	if fault != rules.MissingField {
		dst = appendCustomer(dst, o)
	}
	dst = append(dst, `, "order_timestamp": "`...)
	dst = s.appendTime(dst, o.micros, fault)
	if o.updated != unstated {
		dst = append(dst, `", "updated_at": "`...)
		dst = s.clock.append(dst, o.updated)
	}
	dst = append(dst, `", "items": [`...)
	if fault != rules.EmptyItems {
		dst = appendLines(dst, o, fault)
	}
	dst = append(dst, ']')
	dst = appendStated(dst, &o.variation)
	dst = append(dst, `, "total_amount": `...)
	dst = appendTotal(dst, o.total, fault)
	dst = append(dst, `, "payment_status": "`...)
	if fault == rules.UnknownStatus {
		dst = append(dst, "on hold"...)
	} else {
		dst = append(dst, o.word()...)
	}
	dst = append(dst, '"')
	dst = appendAddress(dst, o, fault)
	dst = appendExtra(dst, fault)
	if fault != rules.MalformedJSON { // whose line ends too early
		dst = append(dst, '}')
	}
	return append(dst, '\n')
}

func appendLines(dst []byte, o *order, fault rules.ID) []byte {
	for i, l := range o.lines {
		if i > 0 {
			dst = append(dst, ',', ' ')
		}
		if i == 0 && o.variation.bare {
			dst = append(dst, `{"product_id": null`...)
		} else {
			dst = append(dst, `{"product_id": "PROD-`...)
			dst = strconv.AppendInt(dst, int64(l.product), 10)
			dst = append(dst, '"')
		}
		dst = append(dst, `, "quantity": `...)
		if fault == rules.InvalidQuantity {
			dst = append(dst, '-')
		}
		dst = strconv.AppendInt(dst, int64(l.quantity), 10)
		dst = append(dst, `, "unit_price": `...)
		dst = appendCents(dst, l.cents)
		if i == 0 && o.variation.lineDiscount != unstated {
			dst = append(dst, `, "discount_amount": `...)
			dst = appendCents(dst, o.variation.lineDiscount)
		}
		dst = append(dst, '}')
	}
	return dst
}

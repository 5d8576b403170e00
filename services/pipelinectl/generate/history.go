package generate

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// HistoryOptions says what history to write.
type HistoryOptions struct {
	// Seed decides everything that is drawn of the orders. The catalogs are those of every history.
	Seed uint64
	// To is when the history ends, on the shop's clock.
	To time.Time
	// Days is how many whole days it has before the day of To.
	Days int
	// Faults gives the share of orders that break a rule.
	Faults Shares
}

// History is what a shop sold until now: seasons and weekdays, customers who come, come back by a
// rhythm of their own and stop, products that are launched and sold out, a day on which the shop was down,
// a campaign, and the later versions of orders that were paid, failed or paid back. After its end it goes
// on with fresh orders. Not for concurrent use.
type History struct {
	shop     *shop
	season   season
	from, to int64 // microseconds
	perDay   int   // orders of a day in the last four weeks
	seed     uint64
	location *time.Location
	orders   Orders // for what is drawn and written as in other sequences

	events   []event // in order of time
	position uint64  // of the next order
	later    versions
	recent   []order // to repeat
	counts   map[rules.ID]int
	updated  int
}

// event is that a customer orders.
type event struct {
	micros int64
	buyer  int
	ago    int
}

// NewHistory starts a history.
func NewHistory(options HistoryOptions) (*History, error) {
	if options.Days < 1 {
		return nil, errors.New("a history has at least one day")
	}
	orders, err := NewOrders(OrderOptions{Seed: options.Seed, From: options.To.Add(-time.Hour), To: options.To, UnknownShare: unknownShare, Faults: options.Faults})
	if err != nil {
		return nil, err
	}
	h := &History{
		shop: newShop(), season: newSeason(options.To, options.Days), seed: options.Seed,
		location: options.To.Location(), orders: *orders, counts: make(map[rules.ID]int),
	}
	h.from, h.to = h.season.hours[0], options.To.UnixMicro()
	for i := range h.shop.buyers {
		h.buy(i)
	}
	slices.SortFunc(h.events, func(a, b event) int { return cmp.Or(cmp.Compare(a.micros, b.micros), cmp.Compare(a.buyer, b.buyer)) })
	for _, e := range h.events {
		if e.ago >= 1 && e.ago <= 28 {
			h.perDay++
		}
	}
	h.perDay /= min(options.Days, 28)
	return h, nil
}

// buy draws when a customer orders. Pauses are drawn in the season's own time, in which all days are
// alike, so that rhythms and seasons do not get into each other's way.
func (h *History) buy(i int) {
	b, all := &h.shop.buyers[i], h.season.all()
	r := newRandom(h.seed, buyStream+uint64(i))
	pause := func() int64 { // from half to one and a half
		return h.season.day * int64(b.pause) * int64(50+r.below(50)+r.below(51)) / 100
	}
	passed := all/1000*b.joins + int64(r.below(int(all/1000)))
	if b.joins == 0 { // who was there before
		passed = int64(r.below(int(h.season.day) * max(b.pause, 1)))
	}
	for passed < min(all, all/1000*b.goes) {
		micros, ago := h.season.at(passed)
		h.events = append(h.events, event{micros, i, ago})
		if b.pause == 0 {
			return
		}
		passed += pause()
	}
}

// Days are the times at which the history's days begin, and its end.
func (h *History) Days() []time.Time {
	var days []time.Time
	for i, ago := range h.season.ago {
		if i == 0 || ago != h.season.ago[i-1] {
			days = append(days, time.UnixMicro(h.season.hours[i]).In(h.location))
		}
	}
	return append(days, time.UnixMicro(h.to).In(h.location))
}

// WriteUntil writes the orders and versions from where it last ended until a time in the history, and
// gives their number.
func (h *History) WriteUntil(w io.Writer, until time.Time) (int, error) {
	var buffer []byte
	for n := 0; ; n++ {
		next, ok := h.next(nil, until.UnixMicro())
		if len(buffer)+len(next) >= chunk || !ok {
			if _, err := w.Write(buffer); err != nil {
				return n, fmt.Errorf("write the history: %w", err)
			}
			buffer = buffer[:0]
		}
		if !ok {
			return n, nil
		}
		buffer = append(buffer, next...)
	}
}

// next appends the next record before a time.
func (h *History) next(dst []byte, until int64) ([]byte, bool) {
	due := len(h.later) > 0 && h.later[0].updated < until
	if len(h.events) > 0 && h.events[0].micros < until && (!due || h.events[0].micros <= h.later[0].updated) {
		e := h.events[0]
		h.events = h.events[1:]
		return h.appendOrder(dst, e), true
	}
	if due {
		return h.appendVersion(dst), true
	}
	return dst, false
}

// Forget leaves out what of the history is not written: only fresh orders follow.
func (h *History) Forget() { h.events, h.later = nil, nil }

// AppendFresh appends what comes after the history's end until now: the versions that are due, and at most n
// new orders: as many in the busiest hour, fewer in others.
func (h *History) AppendFresh(dst []byte, now time.Time, n int) []byte {
	for more := true; more; {
		dst, more = h.next(dst, now.UnixMicro())
	}
	for range n {
		r := newRandom(h.seed, h.position)
		if r.below(100) < busy[now.Hour()] {
			dst = h.appendOrder(dst, event{now.UnixMicro() - int64(r.below(microsPerSecond)), h.pickBuyer(&r), 0})
		} else {
			h.position++
		}
	}
	return dst
}

// pickBuyer draws one of those who have not left.
func (h *History) pickBuyer(r *random) int {
	for {
		if i := r.below(len(h.shop.buyers)); h.shop.buyers[i].goes > 1000 {
			return i
		}
	}
}

// appendOrder appends an order as its source has it first, or one with a fault.
func (h *History) appendOrder(dst []byte, e event) []byte {
	r := newRandom(h.seed, h.position)
	h.position++
	fault := h.orders.faults.pick(r.next())
	var o order
	h.draw(&r, &o, e)
	switch {
	case fault == "":
		h.remember(&r, o)
		h.goesOn(&r, o)
	case fault == rules.DuplicateOrderReplay || fault == rules.DuplicateOrderConflict:
		if len(h.recent) == 0 {
			return h.append(dst, o, "")
		}
		earlier := h.recent[r.below(len(h.recent))]
		if fault == rules.DuplicateOrderReplay {
			o = earlier
			o.lines = o.room[:len(o.lines)]
		} else { // without a time of its version, that would make it another one
			o.idHigh, o.idLow, o.updated = earlier.idHigh, earlier.idLow, unstated
		}
	default: // which alone is to be found
		o.variation, o.total = plain, o.cents
	}
	if fault != "" {
		h.counts[fault]++
	}
	return h.append(dst, o, fault)
}

// draw draws an order of the shop.
func (h *History) draw(r *random, o *order, e event) {
	h.orders.draw(r, o) // an address, a status and so on
	o.customer, o.micros, o.updated = firstID+e.buyer, e.micros, e.micros
	if r.next() < h.orders.unknown {
		o.customer = firstID + ShopCustomers + r.below(unknownCustomers)
	}
	o.lines, o.cents = o.room[:[...]int{1, 1, 1, 1, 2, 2, 2, 3, 3, 4}[r.below(10)]], 0
	for i := range o.lines {
		product := h.shop.pick(r, e.ago)
		for attempt := 0; attempt < 2 && e.ago == campaignAgo && product%len(categories) != campaignCategory; attempt++ {
			product = h.shop.pick(r, e.ago)
		}
		l := line{firstID + product, [...]int{1, 1, 1, 1, 1, 1, 1, 2, 2, 3}[r.below(10)], h.shop.articles[product].cents}
		if r.next() < h.orders.unknown {
			l.product = firstID + ShopProducts + r.below(unknownProducts)
		}
		o.lines[i] = l
		o.cents += int64(l.quantity) * l.cents
	}
	h.orders.vary(r, o)
}

// remember keeps an order that may be repeated: one of the last few, and the first of its versions.
func (h *History) remember(r *random, o order) {
	const most = 16
	if len(h.recent) < most {
		h.recent = append(h.recent, o)
		return
	}
	h.recent[r.below(most)] = o
}

// goesOn draws when an order's next version comes, if one does.
func (h *History) goesOn(r *random, o order) {
	const minute = hour / 60
	switch word := o.word(); {
	case word == "pending":
		o.updated += 10*minute + int64(r.below(20*hour))
	case word == "failed" && r.below(10) < 4:
		o.updated += 5*minute + int64(r.below(2*hour))
	case word == "completed" && r.below(100) < 6:
		o.updated += microsPerDay + int64(r.below(9*microsPerDay))
	default:
		return
	}
	heap.Push(&h.later, o)
}

// appendVersion appends the version that comes next.
func (h *History) appendVersion(dst []byte) []byte {
	o := heap.Pop(&h.later).(order)
	o.lines = o.room[:len(o.lines)] // its own, not those of the order that it was copied from
	r := newRandom(h.seed, h.position)
	h.position++
	v, drawn := &o.variation, r.below(100)
	switch word := o.word(); {
	case word == "completed" && drawn < 60:
		v.word, v.back = "refunded", o.total
	case word == "completed":
		v.word, v.back = "partially_refunded", int64(r.below(int(o.total)))
	case word == "pending" && drawn >= 94:
		v.word = "cancelled"
	case word == "pending" && drawn >= 88:
		v.word = "failed"
	default:
		v.word = "completed"
	}
	h.updated++
	h.goesOn(&r, o)
	return h.append(dst, o, "")
}

// append writes a record: times as the shop's clock shows them, since they have no offset.
func (h *History) append(dst []byte, o order, fault rules.ID) []byte {
	o.micros = h.wall(o.micros)
	if o.updated != unstated {
		o.updated = h.wall(o.updated)
	}
	return h.orders.append(dst, &o, fault)
}

func (h *History) wall(micros int64) int64 {
	_, offset := time.UnixMicro(micros).In(h.location).Zone()
	return micros + int64(offset)*microsPerSecond
}

// Updated is how many later versions were written so far.
func (h *History) Updated() int { return h.updated }

// Counts is how many orders broke each rule so far.
func (h *History) Counts() map[rules.ID]int { return maps.Clone(h.counts) }

// versions are orders as they will be, the next one first.
type versions []order

func (v versions) Len() int           { return len(v) }
func (v versions) Less(i, j int) bool { return v[i].updated < v[j].updated }
func (v versions) Swap(i, j int)      { v[i], v[j] = v[j], v[i] }
func (v *versions) Push(o any)        { *v = append(*v, o.(order)) }
func (v *versions) Pop() any {
	last := len(*v) - 1
	o := (*v)[last]
	*v = (*v)[:last]
	return o
}

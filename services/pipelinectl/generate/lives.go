package generate

const (
	// maxOpen bounds the orders that a sequence remembers because they may go on.
	maxOpen = 4096
	hour    = microsPerDay / 24
)

// open remembers an order that its source is likely to change again: one that is pending
// or failed, and some of those that are paid. When there are too many, another is forgotten.
func (s *Orders) open(r *random, o *order) {
	switch o.word() {
	case "pending", "failed":
	case "completed":
		if r.below(4) > 0 {
			return
		}
	default:
		return
	}
	if len(s.lives) < maxOpen {
		s.lives = append(s.lives, *o)
		return
	}
	s.lives[r.below(maxOpen)] = *o
}

// goOn draws the next version of an order that was written before, if one is left that
// can have one before the time range ends.
func (s *Orders) goOn(r *random) bool {
	for len(s.lives) > 0 {
		i := r.below(len(s.lives))
		o := &s.order
		*o = s.lives[i]
		o.lines = o.room[:len(o.lines)] // its own, not those of the order that was remembered
		// Some follow within the hour, others within days.
		longest := [...]int64{hour, microsPerDay, 3 * microsPerDay}[r.below(3)]
		if longest = min(longest, s.to-1-o.updated); longest > 0 {
			o.updated += 1 + int64(r.below(int(longest)))
			s.change(r, o)
			if s.lives[i] = *o; o.isFinal() {
				s.forget(i)
			}
			return true
		}
		s.forget(i)
	}
	return false
}

// forget takes an order out of those that may go on.
func (s *Orders) forget(i int) {
	last := len(s.lives) - 1
	s.lives[i], s.lives = s.lives[last], s.lives[:last]
}

// change draws what a later version says.
func (s *Orders) change(r *random, o *order) {
	v, drawn := &o.variation, r.below(20)
	switch word := o.word(); {
	case word == "pending" && drawn < 13, word == "failed" && drawn < 12:
		v.word = "completed"
	case word == "pending" && drawn < 15:
		v.word = "failed"
	case word == "pending" && drawn < 17, word == "failed":
		v.word = "cancelled"
	case word == "completed" && drawn < 7, word == "partially_refunded":
		v.word, v.back = "refunded", o.total
	case word == "completed" && drawn < 12:
		v.word, v.back = "partially_refunded", int64(r.below(int(o.total)))
	case drawn < 15:
		v.guest, o.customer = false, s.reference(r, s.options.Customers)
	case drawn < 18:
		o.micros = s.time(r)
	default: // one more of the first
		o.lines[0].quantity++
		o.cents += o.lines[0].cents
		o.total += o.lines[0].cents
	}
}

// word is the payment status as it is written.
func (o *order) word() string {
	if o.variation.word != "" {
		return o.variation.word
	}
	return o.status
}

// isFinal tells whether no version follows this one.
func (o *order) isFinal() bool {
	word := o.word()
	return word == "refunded" || word == "cancelled"
}

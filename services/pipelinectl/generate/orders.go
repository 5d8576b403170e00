package generate

import (
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// Orders is a sequence of orders without end, and of their later versions. What is
// written to one file and what to the next makes no difference to the orders. Not for
// concurrent use.
type Orders struct {
	options  OrderOptions
	from, to int64 // microseconds
	unknown  uint64
	varied   uint64
	updates  uint64
	weights  int
	faults   picker

	clock    clock
	position uint64  // of the next order
	start    uint64  // position of the first order of the time range
	lives    []order // that may go on
	buffer   []byte
	order    order
	counts   map[rules.ID]int
	updated  int // later versions
}

// NewOrders starts a sequence.
func NewOrders(options OrderOptions) (*Orders, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("options of orders: %w", err)
	}
	faults, err := options.Faults.picker(OrderFaults())
	if err != nil {
		return nil, fmt.Errorf("options of orders: %w", err)
	}
	s := &Orders{
		options: options, faults: faults,
		unknown: limit(options.UnknownShare),
		varied:  limit(options.VariedShare),
		updates: limit(options.UpdateShare),
		weights: options.Weights[0] + options.Weights[1] + options.Weights[2],
		counts:  make(map[rules.ID]int),
	}
	return s, s.Between(options.From, options.To)
}

// Between has the next orders be of another time range, From <= t < To. Those before it may
// go on in it, but are not repeated.
func (s *Orders) Between(from, to time.Time) error {
	s.from, s.to, s.start = from.UnixMicro(), to.UnixMicro(), s.position
	if s.from >= s.to {
		return fmt.Errorf("the time range of orders from %s to %s is empty", from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	return nil
}

// Append appends the next order, or a later version of one, and its line break to dst.
func (s *Orders) Append(dst []byte) []byte {
	r := newRandom(s.options.Seed, s.position)
	fault := s.faults.pick(r.next())
	goesOn := s.goesOn(&r)
	switch {
	case fault == rules.DuplicateOrderReplay, fault == rules.DuplicateOrderConflict:
		fault = s.repeat(&r, fault)
	case fault == "" && goesOn && s.goOn(&r):
		s.updated++
	default:
		s.begin(&r)
		if fault != "" { // which alone is to be found
			s.order.variation, s.order.total = plain, s.order.cents
		} else if s.updates > 0 {
			s.open(&r, &s.order)
		}
	}
	s.position++
	if fault != "" {
		s.counts[fault]++
	}
	return s.append(dst, &s.order, fault)
}

// goesOn draws whether a place in the sequence is for a later version of an order.
func (s *Orders) goesOn(r *random) bool { return s.updates > 0 && r.next() < s.updates }

// begin draws an order as its source has it first.
func (s *Orders) begin(r *random) {
	s.draw(r, &s.order)
	if s.updates > 0 {
		s.order.updated = s.order.micros
	}
}

// repeat draws an order that has the id of an earlier one: the same order again,
// or another under its id. It looks for an earlier one without a fault, since
// one that is refused would not be repeated but replaced.
func (s *Orders) repeat(r *random, fault rules.ID) rules.ID {
	for attempt := 0; attempt < 32 && s.position > s.start; attempt++ {
		earlier := newRandom(s.options.Seed, s.start+uint64(r.below(int(s.position-s.start))))
		if s.faults.pick(earlier.next()) != "" || s.goesOn(&earlier) {
			continue
		}
		s.begin(&earlier)
		if fault == rules.DuplicateOrderConflict {
			high, low := s.order.idHigh, s.order.idLow
			s.draw(r, &s.order) // without a time of its version, that would make it another one
			s.order.idHigh, s.order.idLow = high, low
		}
		return fault
	}
	s.begin(r)
	return "" // nothing to repeat yet
}

// chunk is how much is written at a time.
const chunk = 256 << 10

// WriteOrders writes the next n orders to w.
func (s *Orders) WriteOrders(w io.Writer, n int) error {
	for ; n > 0; n-- {
		s.buffer = s.Append(s.buffer)
		if len(s.buffer) < chunk && n > 1 {
			continue
		}
		if _, err := w.Write(s.buffer); err != nil {
			return fmt.Errorf("write orders: %w", err)
		}
		s.buffer = s.buffer[:0]
	}
	return nil
}

// Written is how many orders were appended so far.
func (s *Orders) Written() int { return int(s.position) }

// Updated is how many of them were later versions of orders written before.
func (s *Orders) Updated() int { return s.updated }

// Counts is how many orders broke each rule so far.
func (s *Orders) Counts() map[rules.ID]int { return maps.Clone(s.counts) }

package generate

import (
	"fmt"
	"io"
	"maps"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// Orders is a sequence of orders without end. What is written to one file and
// what to the next makes no difference to the orders. Not for concurrent use.
type Orders struct {
	options  OrderOptions
	from, to int64 // microseconds
	unknown  uint64
	weights  int
	faults   picker

	clock    clock
	position uint64 // of the next order
	buffer   []byte
	order    order
	counts   map[rules.ID]int
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
		from: options.From.UnixMicro(), to: options.To.UnixMicro(),
		unknown: limit(options.UnknownShare),
		weights: options.Weights[0] + options.Weights[1] + options.Weights[2],
		counts:  make(map[rules.ID]int),
	}
	if s.from >= s.to {
		return nil, fmt.Errorf("options of orders: the time range is shorter than a microsecond")
	}
	return s, nil
}

// Append appends the next order and its line break to dst.
func (s *Orders) Append(dst []byte) []byte {
	r := newRandom(s.options.Seed, s.position)
	fault := s.faults.pick(r.next())
	switch fault {
	case rules.DuplicateOrderReplay, rules.DuplicateOrderConflict:
		fault = s.repeat(&r, fault)
	default:
		s.draw(&r, &s.order)
	}
	s.position++
	if fault != "" {
		s.counts[fault]++
	}
	return s.append(dst, &s.order, fault)
}

// repeat draws an order that has the id of an earlier one: the same order again,
// or another under its id. It looks for an earlier one without a fault, since
// one that is refused would not be repeated but replaced.
func (s *Orders) repeat(r *random, fault rules.ID) rules.ID {
	for attempt := 0; attempt < 32 && s.position > 0; attempt++ {
		earlier := newRandom(s.options.Seed, uint64(r.below(int(s.position))))
		if s.faults.pick(earlier.next()) != "" {
			continue
		}
		s.draw(&earlier, &s.order)
		if fault == rules.DuplicateOrderConflict {
			high, low := s.order.idHigh, s.order.idLow
			s.draw(r, &s.order)
			s.order.idHigh, s.order.idLow = high, low
		}
		return fault
	}
	s.draw(r, &s.order)
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

// Counts is how many orders broke each rule so far.
func (s *Orders) Counts() map[rules.ID]int { return maps.Clone(s.counts) }

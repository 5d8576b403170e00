package decode

import (
	"errors"
	"math/bits"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	"github.com/zackkki/ecomm_datapipeline/pkg/money"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// settleAmounts compares an order's amounts with each other once all are read. A total that its lines
// and other amounts do not come to breaks the rule amount_mismatch, which is noted; a refund above the
// total breaks invalid_amount, which refuses the order.
func (d *Orders) settleAmounts() {
	o := &d.order
	known := d.faults.first == nil || d.seen&seenTotal != 0 && !d.faults.blames("total_amount") && !d.faults.blames("refunded_amount")
	if known && o.RefundedAmount != nil && exceeds(o.RefundedAmount, &d.total) {
		d.faults.refuse(rules.InvalidAmount, "refunded_amount", "more was paid back than total_amount")
	}
	if d.faults.first != nil {
		return
	}
	expected := d.sum
	if o.DiscountAmount != nil {
		expected.subtract(o.DiscountAmount)
	}
	if o.ShippingAmount != nil {
		expected.add(o.ShippingAmount)
	}
	if o.TaxAmount != nil && !o.GetTaxIncluded() {
		expected.add(o.TaxAmount)
	}
	if expected.differs(&d.total) {
		d.warned |= warnAmountMismatch
	}
}

// parseAmount reads an amount of zero or more into m; the message tells what is
// wrong with it.
func parseAmount(m *moneypb.Money, text []byte, currency string) (rounded bool, message string) {
	rounded, err := money.ParseInto(m, text, currency)
	switch {
	case errors.Is(err, money.ErrRange):
		return false, "the amount has more than 18 digits before the point, or more than 64 in all"
	case err != nil:
		return false, "the amount is not a decimal number"
	case money.IsNegative(m), rounded && text[0] == '-':
		return false, "the amount is negative"
	}
	return rounded, ""
}

// sum is an exact amount: units and nanos apart, nanos from 0 below 10^9. Those of an
// order fit 64 bits, as its lines and other amounts stay in the range of money each.
type sum struct{ units, nanos int64 }

const (
	nanosPerUnit = 1_000_000_000
	maxUnits     = 999_999_999_999_999_999
)

// product is quantity x price; false if it leaves the range of money.
func product(quantity int64, price *moneypb.Money) (sum, bool) {
	high, units := bits.Mul64(uint64(quantity), uint64(price.Units))
	if high != 0 || units > maxUnits {
		return sum{}, false
	}
	nanos := quantity * int64(price.Nanos)
	return sum{int64(units) + nanos/nanosPerUnit, nanos % nanosPerUnit}, true
}

// plus adds another sum; false if that leaves the range of money.
func (s *sum) plus(other sum) bool {
	s.units += other.units
	if s.nanos += other.nanos; s.nanos >= nanosPerUnit {
		s.units++
		s.nanos -= nanosPerUnit
	}
	return s.units <= maxUnits
}

// add adds an amount of zero or more; false if that leaves the range of money.
func (s *sum) add(m *moneypb.Money) bool { return s.plus(sum{m.Units, int64(m.Nanos)}) }

// subtract takes an amount of zero or more off; false if less than nothing is left.
func (s *sum) subtract(m *moneypb.Money) bool {
	s.units -= m.Units
	if s.nanos -= int64(m.Nanos); s.nanos < 0 {
		s.units--
		s.nanos += nanosPerUnit
	}
	return s.units >= 0
}

// exceeds tells whether an amount of zero or more is above another.
func exceeds(m, limit *moneypb.Money) bool {
	return m.Units > limit.Units || m.Units == limit.Units && m.Nanos > limit.Nanos
}

// differs tells whether no rounding of the sum to cents gives the total: they are
// more than half a cent apart.
func (s *sum) differs(total *moneypb.Money) bool {
	units, nanos := total.Units-s.units, int64(total.Nanos)-s.nanos
	if units < -1 || units > 1 {
		return true
	}
	const halfCent = nanosPerUnit / 200
	apart := units*nanosPerUnit + nanos
	return apart > halfCent || apart < -halfCent
}

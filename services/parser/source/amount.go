package source

import (
	"errors"
	"math/bits"
	"strconv"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	"github.com/zackkki/ecomm_datapipeline/pkg/money"
)

// amount is an exact signed amount of nine decimals; its parts have the same sign.
type amount struct{ units, nanos int64 }

const (
	nanosPerUnit = 1_000_000_000
	maxUnits     = 999_999_999_999_999_999
)

var (
	errDecimals = errors.New("the amount has more than 9 decimals, so that it cannot be counted with exactly")
	errRange    = errors.New("the amount goes beyond 18 digits before the point")
	errDecimal  = errors.New("the amount is not a decimal number")
)

// parseAmount reads a number as JSON has it.
func parseAmount(text string) (amount, error) {
	var m moneypb.Money
	rounded, err := money.ParseInto(&m, []byte(text), "")
	switch {
	case errors.Is(err, money.ErrRange):
		return amount{}, errRange
	case err != nil:
		return amount{}, errDecimal
	case rounded:
		return amount{}, errDecimals
	}
	return amount{m.Units, int64(m.Nanos)}, nil
}

// plus adds another amount.
func (a amount) plus(b amount) (amount, error) {
	a.units, a.nanos = a.units+b.units, a.nanos+b.nanos
	a.units, a.nanos = a.units+a.nanos/nanosPerUnit, a.nanos%nanosPerUnit
	switch {
	case a.units > 0 && a.nanos < 0:
		a.units, a.nanos = a.units-1, a.nanos+nanosPerUnit
	case a.units < 0 && a.nanos > 0:
		a.units, a.nanos = a.units+1, a.nanos-nanosPerUnit
	}
	if a.units > maxUnits || a.units < -maxUnits {
		return a, errRange
	}
	return a, nil
}

func (a amount) negated() amount { return amount{-a.units, -a.nanos} }

func (a amount) isNegative() bool { return a.units < 0 || a.nanos < 0 }

func (a amount) isZero() bool { return a.units == 0 && a.nanos == 0 }

// times multiplies by a quantity of zero or more.
func (a amount) times(quantity int64) (amount, error) {
	if a.isNegative() {
		product, err := a.negated().times(quantity)
		return product.negated(), err
	}
	high, units := bits.Mul64(uint64(quantity), uint64(a.units))
	if high != 0 || units > maxUnits || quantity > maxUnits/nanosPerUnit {
		return amount{}, errRange
	}
	nanos := quantity * a.nanos
	return amount{int64(units), 0}.plus(amount{nanos / nanosPerUnit, nanos % nanosPerUnit})
}

// over divides an amount of zero or more by a quantity, rounded up at the ninth decimal.
func (a amount) over(quantity int64) amount {
	units, rest := a.units/quantity, a.units%quantity
	// rest and quantity are below 2^30, so that the nanos of the rest fit.
	nanos := rest*nanosPerUnit + a.nanos
	up := nanos / quantity
	if nanos%quantity != 0 {
		up++
	}
	return amount{units + up/nanosPerUnit, up % nanosPerUnit}
}

// text is the amount as JSON has it.
func (a amount) text() string {
	if a.isZero() {
		return "0" // most sums of refunds and discounts
	}
	var text [32]byte
	return string(a.append(text[:0]))
}

// append writes the amount as JSON has it.
func (a amount) append(dst []byte) []byte {
	if a.isNegative() {
		dst, a = append(dst, '-'), a.negated()
	}
	dst = strconv.AppendInt(dst, a.units, 10)
	if a.nanos == 0 {
		return dst
	}
	var text [9]byte
	for i := len(text) - 1; i >= 0; i-- {
		text[i] = byte('0' + a.nanos%10)
		a.nanos /= 10
	}
	last := len(text)
	for text[last-1] == '0' {
		last--
	}
	return append(append(dst, '.'), text[:last]...)
}

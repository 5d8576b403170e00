// Package money turns decimal text into google.type.Money and back without ever
// passing through a float. Nine decimals are exact, as in BigQuery's NUMERIC.
package money

import (
	"errors"
	"math"
	"strconv"

	moneypb "google.golang.org/genproto/googleapis/type/money"
)

// Scale is the number of decimals that an amount keeps.
const Scale = 9

const nanosPerUnit = 1_000_000_000

// maxDigits bounds the work on one amount: longer text is refused, so that an
// exponent or a million zeros cannot buy CPU time.
const maxDigits = 64

var (
	// ErrSyntax says that the text is not a decimal number.
	ErrSyntax = errors.New("not a decimal number")
	// ErrRange says that the amount does not fit: more than 18 digits before
	// the point, or more digits than anybody writes.
	ErrRange = errors.New("amount out of range")
)

// maxUnits keeps units x quantity and sums of them inside NUMERIC's 29 digits.
const maxUnits = 999_999_999_999_999_999

// Parse reads decimal text as JSON and CSV write it: an optional minus, digits,
// an optional fraction, an optional exponent. More than nine decimals are
// rounded half to even, and rounded tells so. The currency is copied.
func Parse(text []byte, currency string) (m *moneypb.Money, rounded bool, err error) {
	m = &moneypb.Money{}
	rounded, err = ParseInto(m, text, currency)
	if err != nil {
		return nil, false, err
	}
	return m, rounded, nil
}

// ParseInto is Parse into a message that the caller owns; on error its content
// is undefined.
func ParseInto(m *moneypb.Money, text []byte, currency string) (rounded bool, err error) {
	if units, nanos, ok := parsePlain(text); ok {
		m.CurrencyCode, m.Units, m.Nanos = currency, units, nanos
		return false, nil
	}
	d, err := scan(text)
	if err != nil {
		return false, err
	}
	units, nanos, rounded, err := d.fixed()
	if err != nil {
		return false, err
	}
	if d.negative {
		units, nanos = -units, -nanos
	}
	m.CurrencyCode, m.Units, m.Nanos = currency, units, int32(nanos)
	return rounded, nil
}

// plainDigits is how many digits before the point fit both an amount and 64 bits.
const plainDigits = 18

// nanosOf is what the last of so many decimals counts.
var nanosOf = [Scale + 1]int32{nanosPerUnit, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 10, 1}

// parsePlain reads what most amounts are: digits, and perhaps a fraction that needs no rounding.
// ok is false for all others, whether or not they are amounts.
func parsePlain(text []byte) (units int64, nanos int32, ok bool) {
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	i := 0
	for ; i < len(text) && isDigit(text[i]); i++ {
		if i == plainDigits {
			return 0, 0, false
		}
		units = units*10 + int64(text[i]-'0')
	}
	if i == 0 {
		return 0, 0, false
	}
	if i < len(text) {
		fraction := text[i+1:]
		if text[i] != '.' || len(fraction) == 0 || len(fraction) > Scale {
			return 0, 0, false
		}
		for _, c := range fraction {
			if !isDigit(c) {
				return 0, 0, false
			}
			nanos = nanos*10 + int32(c-'0')
		}
		nanos *= nanosOf[len(fraction)]
	}
	if negative {
		return -units, -nanos, true
	}
	return units, nanos, true
}

// decimal is digits x 10^exp, digits being ASCII without leading zeros.
type decimal struct {
	negative bool
	digits   [maxDigits]byte
	n        int
	exp      int
}

// scan reads the text's digits and the place of the point.
func scan(s []byte) (d decimal, err error) {
	i := 0
	if i < len(s) && s[i] == '-' {
		d.negative = true
		i++
	}
	start := i
	for ; i < len(s) && isDigit(s[i]); i++ {
		if err := d.push(s[i]); err != nil {
			return d, err
		}
	}
	if i == start {
		return d, ErrSyntax
	}
	if i < len(s) && s[i] == '.' {
		i++
		start = i
		for ; i < len(s) && isDigit(s[i]); i++ {
			if err := d.push(s[i]); err != nil {
				return d, err
			}
			d.exp--
		}
		if i == start {
			return d, ErrSyntax
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		e, err := scanExponent(s[i+1:])
		if err != nil {
			return d, err
		}
		d.exp += e
		i = len(s)
	}
	if i != len(s) {
		return d, ErrSyntax
	}
	return d, nil
}

func (d *decimal) push(c byte) error {
	if d.n == 0 && c == '0' {
		return nil
	}
	if d.n == maxDigits {
		return ErrRange
	}
	d.digits[d.n] = c
	d.n++
	return nil
}

// scanExponent reads a signed exponent of at most three digits.
func scanExponent(s []byte) (int, error) {
	negative := false
	if len(s) > 0 && (s[0] == '+' || s[0] == '-') {
		negative = s[0] == '-'
		s = s[1:]
	}
	if len(s) == 0 {
		return 0, ErrSyntax
	}
	e := 0
	for _, c := range s {
		if !isDigit(c) {
			return 0, ErrSyntax
		}
		if e = e*10 + int(c-'0'); e > 999 {
			return 0, ErrRange
		}
	}
	if negative {
		e = -e
	}
	return e, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// fixed gives the magnitude as units and nanos.
func (d *decimal) fixed() (units, nanos int64, rounded bool, err error) {
	if d.n == 0 {
		return 0, 0, false, nil
	}
	// shift is the power of ten that turns the digits into nanos.
	shift := d.exp + Scale
	keep := d.n
	if shift < 0 {
		keep = max(d.n+shift, 0)
		rounded = !allZero(d.digits[keep:d.n])
	}
	if keep+max(shift, 0) > 18+Scale {
		return 0, 0, false, ErrRange
	}
	digitAt := func(i int) int64 {
		if i < keep {
			return int64(d.digits[i] - '0')
		}
		return 0
	}
	total := keep + max(shift, 0)
	for i := range total {
		if i < total-Scale {
			units = units*10 + digitAt(i)
		} else {
			nanos = nanos*10 + digitAt(i)
		}
	}
	if rounded && d.roundsUp(keep, -shift, nanos) {
		if nanos++; nanos == nanosPerUnit {
			units, nanos = units+1, 0
		}
	}
	if units > maxUnits {
		return 0, 0, false, ErrRange
	}
	return units, nanos, rounded, nil
}

// roundsUp decides half to even over the digits from keep on; dropped is how
// many decimal places they stand for, which may be more than there are digits.
func (d *decimal) roundsUp(keep, dropped int, kept int64) bool {
	if dropped > d.n-keep {
		return false // 0.0000000000x: less than half by at least one place
	}
	first := d.digits[keep]
	if first != '5' {
		return first > '5'
	}
	return !allZero(d.digits[keep+1:d.n]) || kept%2 == 1
}

func allZero(s []byte) bool {
	for _, c := range s {
		if c != '0' {
			return false
		}
	}
	return true
}

// Numeric is the amount as BigQuery's NUMERIC takes it: plain decimal text
// without needless zeros.
func Numeric(m *moneypb.Money) string {
	return string(AppendNumeric(make([]byte, 0, 32), m))
}

// AppendNumeric appends Numeric's text to dst.
func AppendNumeric(dst []byte, m *moneypb.Money) []byte {
	units, nanos := m.GetUnits(), m.GetNanos()
	if units < 0 || nanos < 0 {
		dst = append(dst, '-')
		nanos = -nanos
	}
	dst = strconv.AppendUint(dst, magnitude(units), 10)
	if nanos == 0 {
		return dst
	}
	dst = append(dst, '.')
	for place := int32(nanosPerUnit / 10); nanos > 0; place /= 10 {
		dst = append(dst, byte('0'+nanos/place))
		nanos %= place
	}
	return dst
}

// IsNegative tells whether the amount is below zero.
func IsNegative(m *moneypb.Money) bool { return m.GetUnits() < 0 || m.GetNanos() < 0 }

func magnitude(v int64) uint64 {
	if v == math.MinInt64 {
		return 1 << 63
	}
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}

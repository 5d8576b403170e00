package reference

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
)

// Amount is money in billionths of a unit, the precision of the warehouse.
type Amount int64

const billion = 1_000_000_000

// halfCent is the largest difference that rounding to the cent explains.
const halfCent Amount = billion / 200

// Rat is the amount as a rational number, as the BigQuery client gives a NUMERIC.
func (a Amount) Rat() *big.Rat { return big.NewRat(int64(a), billion) }

// Stated is an amount that a source may leave out, which is not the same as zero.
type Stated struct {
	Amount Amount
	Is     bool
}

// text is the amount for a record's content, with what it is of; nothing if it is not stated.
func (s Stated) text(name string) []string {
	if !s.Is {
		return nil
	}
	return []string{name, s.Amount.String()}
}

// String is the amount as BigQuery writes a NUMERIC: without zeros at the end.
func (a Amount) String() string {
	whole, rest := int64(a)/billion, int64(a)%billion
	sign := ""
	if a < 0 {
		sign, whole, rest = "-", -whole, -rest
	}
	text := sign + strconv.FormatInt(whole, 10)
	if rest == 0 {
		return text
	}
	fraction := strconv.FormatInt(billion+rest, 10)[1:]
	return text + "." + strings.TrimRight(fraction, "0")
}

var errTooMuch = fmt.Errorf("%w: an amount from nine billion on", ErrBeyond)

func (a Amount) plus(b Amount) (Amount, error) {
	sum := a + b
	if (b > 0) != (sum > a) && b != 0 {
		return 0, errTooMuch
	}
	return sum, nil
}

// minus takes an amount of zero or more off.
func (a Amount) minus(b Amount) (Amount, error) { return a.plus(-b) }

func (a Amount) times(n int64) (Amount, error) {
	if a < 0 || n < 0 {
		return 0, fmt.Errorf("%w: a negative factor", ErrBeyond)
	}
	high, low := bits.Mul64(uint64(a), uint64(n))
	if high != 0 || low > math.MaxInt64 {
		return 0, errTooMuch
	}
	return Amount(low), nil
}

// over divides, rounding to the billionth half away from zero.
func (a Amount) over(n int64) Amount {
	quotient, rest := int64(a)/n, int64(a)%n
	if rest >= n-rest {
		quotient++
	}
	return Amount(quotient)
}

var anyDecimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$`)

// parseAmount reads decimal text. Beyond the billionth it rounds half to even;
// exact tells whether it did not have to. A rule is why the text is refused.
func parseAmount(text string) (a Amount, exact bool, rule string, err error) {
	if a, ok := plainAmount(text); ok {
		return a, true, "", nil
	}
	if !anyDecimal.MatchString(text) {
		return 0, false, "invalid_amount", nil
	}
	value, ok := new(big.Rat).SetString(text)
	if !ok || value.Sign() < 0 {
		return 0, false, "invalid_amount", nil
	}
	if value.Cmp(new(big.Rat).SetInt(pow10(18))) >= 0 {
		return 0, false, "invalid_amount", nil // more than 18 digits before the point
	}
	value.Mul(value, big.NewRat(billion, 1))
	whole, rest := new(big.Int).QuoRem(value.Num(), value.Denom(), new(big.Int))
	switch rest.Lsh(rest, 1).Cmp(value.Denom()) {
	case 1:
		whole.Add(whole, big.NewInt(1))
	case 0:
		whole.Add(whole, big.NewInt(int64(whole.Bit(0))))
	}
	if !whole.IsInt64() {
		return 0, false, "", errTooMuch
	}
	return Amount(whole.Int64()), value.IsInt(), "", nil
}

func pow10(n int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil) }

// plainAmount reads the usual spelling: at most nine digits on each side of the point.
func plainAmount(text string) (Amount, bool) {
	whole, fraction, hasPoint := strings.Cut(text, ".")
	if !isDigits(whole) || hasPoint && !isDigits(fraction) {
		return 0, false
	}
	a, _ := strconv.ParseInt(whole+(fraction + "000000000")[:9], 10, 64) // 18 digits always fit
	return Amount(a), true
}

// isDigits tells whether a text is one to nine digits.
func isDigits(text string) bool {
	return 0 < len(text) && len(text) <= 9 && strings.Trim(text, "0123456789") == ""
}

// parseWhole reads a whole number of at most a billion either way.
func parseWhole(text string) (int64, bool) {
	if isDigits(text) {
		n, err := strconv.ParseInt(text, 10, 64)
		return n, err == nil
	}
	if !anyDecimal.MatchString(text) {
		return 0, false
	}
	value, ok := new(big.Rat).SetString(text)
	if !ok || !value.IsInt() || !value.Num().IsInt64() {
		return 0, false
	}
	n := value.Num().Int64()
	return n, -billion <= n && n <= billion
}

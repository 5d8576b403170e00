package engine

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// NUMERIC is a whole number of billionths. DuckDB divides decimals as doubles
// and lets products grow to 18 decimals; BigQuery rounds both to 9, half away
// from zero.
const numericUnit = 1_000_000_000

var (
	numericLimit = new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)
	bigUnit      = big.NewInt(numericUnit)

	errNumericOverflow = errors.New("numeric overflow")
	errInt64Overflow   = errors.New("int64 overflow")
)

const (
	tDouble  = mapping.TypeDouble
	tInt     = mapping.TypeBigInt
	tHuge    = mapping.TypeHugeInt
	tNumeric = mapping.TypeDecimal
)

// arithmetic are the overloads for numbers, by the names that the translator emits.
var arithmetic = []function{
	{"bq_div", []mapping.Type{tDouble, tDouble}, tDouble, divide(false)},
	{"bq_div", []mapping.Type{tInt, tInt}, tDouble, divideInts(false)},
	{"bq_div", []mapping.Type{tNumeric, tNumeric}, tNumeric, divideNumerics(false)},
	{"bq_safe_div", []mapping.Type{tDouble, tDouble}, tDouble, divide(true)},
	{"bq_safe_div", []mapping.Type{tInt, tInt}, tDouble, divideInts(true)},
	{"bq_safe_div", []mapping.Type{tNumeric, tNumeric}, tNumeric, divideNumerics(true)},
	{"bq_mul", []mapping.Type{tDouble, tDouble}, tDouble, func(c *call) (bool, error) {
		a, b := arg[float64](c, 0), arg[float64](c, 1)
		return finite(c, a*b, "*", a, b)
	}},
	{"bq_mul", []mapping.Type{tInt, tInt}, tInt, multiplyInts},
	{"bq_mul", []mapping.Type{tNumeric, tNumeric}, tNumeric, multiplyNumerics},
	// bq_quo and bq_rem are the whole quotient, cut towards zero, and what remains.
	{"bq_quo", []mapping.Type{tInt, tInt}, tInt, func(c *call) (bool, error) {
		a, b := arg[int64](c, 0), arg[int64](c, 1)
		if b == 0 {
			return errZero(false, a)
		}
		if a == math.MinInt64 && b == -1 {
			return false, errInt64Overflow
		}
		return result(c, a/b)
	}},
	{"bq_quo", []mapping.Type{tNumeric, tNumeric}, tNumeric, wholeNumerics(func(q, _ *big.Int) *big.Int { return q.Mul(q, bigUnit) })},
	{"bq_rem", []mapping.Type{tInt, tInt}, tInt, func(c *call) (bool, error) {
		a, b := arg[int64](c, 0), arg[int64](c, 1)
		if b == 0 {
			return errZero(false, a)
		}
		return result(c, a%b)
	}},
	{"bq_rem", []mapping.Type{tNumeric, tNumeric}, tNumeric, wholeNumerics(func(_, r *big.Int) *big.Int { return r })},
	// The vacant bits are 0, also those of a negative number.
	{"bq_shl", []mapping.Type{tInt, tInt}, tInt, shift(func(x uint64, n uint) uint64 { return x << n })},
	{"bq_shr", []mapping.Type{tInt, tInt}, tInt, shift(func(x uint64, n uint) uint64 { return x >> n })},
	// bq_real makes a FLOAT64 of a number for functions that would give NUMERIC for
	// NUMERIC, which those of this front do not.
	{"bq_real", []mapping.Type{tInt}, tDouble, func(c *call) (bool, error) { return result(c, float64(arg[int64](c, 0))) }},
	{"bq_real", []mapping.Type{tDouble}, tDouble, same[float64]},
	{"bq_real", []mapping.Type{tNumeric}, tDouble, func(*call) (bool, error) {
		return false, errors.New("Unsupported here: SQRT, LN, LOG10, EXP and POW of NUMERIC; cast it to FLOAT64")
	}},
	{"bq_exp", []mapping.Type{tDouble}, tDouble, func(c *call) (bool, error) {
		x := arg[float64](c, 0)
		return computed(c, math.Exp(x), "EXP", x)
	}},
	{"bq_pow", []mapping.Type{tDouble, tDouble}, tDouble, func(c *call) (bool, error) {
		x, y := arg[float64](c, 0), arg[float64](c, 1)
		return computed(c, math.Pow(x, y), "POW", x, y)
	}},
	{"bq_sign", []mapping.Type{tInt}, tInt, func(c *call) (bool, error) {
		return result(c, int64(cmp.Compare(arg[int64](c, 0), 0)))
	}},
	{"bq_sign", []mapping.Type{tDouble}, tDouble, func(c *call) (bool, error) {
		x := arg[float64](c, 0)
		if math.IsNaN(x) {
			return result(c, x)
		}
		return result(c, float64(cmp.Compare(x, 0)))
	}},
	{"bq_sign", []mapping.Type{tNumeric}, tNumeric, func(c *call) (bool, error) {
		return result(c, hugeOf(int64(arg[hugeInt](c, 0).big().Sign())*numericUnit))
	}},
	// bq_avg divides a sum, as DuckDB types it, by a count.
	{"bq_avg", []mapping.Type{tDouble, tInt}, tDouble, func(c *call) (bool, error) {
		return average(c, arg[float64](c, 0))
	}},
	{"bq_avg", []mapping.Type{tHuge, tInt}, tDouble, func(c *call) (bool, error) {
		return average(c, arg[hugeInt](c, 0).float())
	}},
	{"bq_avg", []mapping.Type{tNumeric, tInt}, tNumeric, averageNumerics},
	// bq_sum gives a sum BigQuery's type.
	{"bq_sum", []mapping.Type{tDouble}, tDouble, same[float64]},
	{"bq_sum", []mapping.Type{tNumeric}, tNumeric, same[hugeInt]},
	{"bq_sum", []mapping.Type{tHuge}, tInt, func(c *call) (bool, error) {
		n, ok := arg[hugeInt](c, 0).int64()
		if !ok {
			return false, errInt64Overflow
		}
		return result(c, n)
	}},
	// bq_lit(x, literal, literal) gives a literal with a point, read as FLOAT64 and
	// as NUMERIC, the type it takes beside x: NUMERIC beside a NUMERIC, else FLOAT64.
	{"bq_lit", []mapping.Type{tDouble, tDouble, tNumeric}, tDouble, nth[float64](1)},
	{"bq_lit", []mapping.Type{tInt, tDouble, tNumeric}, tDouble, nth[float64](1)},
	{"bq_lit", []mapping.Type{tNumeric, tDouble, tNumeric}, tNumeric, nth[hugeInt](2)},
	// bq_int rounds half away from zero where DuckDB's cast rounds to even.
	{"bq_int", []mapping.Type{tInt}, tInt, same[int64]},
	{"bq_int", []mapping.Type{tDouble}, tInt, func(c *call) (bool, error) {
		f := math.Round(arg[float64](c, 0))
		if !(f >= -(1<<63) && f < 1<<63) {
			return false, fmt.Errorf("Invalid cast of floating point value %v to int64", arg[float64](c, 0))
		}
		return result(c, int64(f))
	}},
	{"bq_int", []mapping.Type{tNumeric}, tInt, func(c *call) (bool, error) {
		n := roundQuotient(arg[hugeInt](c, 0).big(), bigUnit)
		if !n.IsInt64() {
			return false, errInt64Overflow
		}
		return result(c, n.Int64())
	}},
	{"bq_int", []mapping.Type{mapping.TypeBoolean}, tInt, func(c *call) (bool, error) {
		if arg[bool](c, 0) {
			return result[int64](c, 1)
		}
		return result[int64](c, 0)
	}},
	{"bq_int", []mapping.Type{mapping.TypeVarchar}, tInt, func(c *call) (bool, error) {
		text := strings.TrimSpace(string(bytesArg(c, 0)))
		n, err := strconv.ParseInt(strings.TrimPrefix(text, "+"), 10, 64)
		if hex, ok := strings.CutPrefix(strings.ToLower(text), "0x"); ok {
			n, err = strconv.ParseInt(hex, 16, 64)
		}
		if err != nil {
			return false, fmt.Errorf("Bad int64 value: %s", text)
		}
		return result(c, n)
	}},
	{"bq_length", []mapping.Type{mapping.TypeVarchar}, tInt, func(c *call) (bool, error) {
		return result(c, int64(utf8.RuneCount(bytesArg(c, 0))))
	}},
	{"bq_length", []mapping.Type{mapping.TypeBlob}, tInt, byteLength},
	{"bq_byte_length", []mapping.Type{mapping.TypeVarchar}, tInt, byteLength},
	{"bq_byte_length", []mapping.Type{mapping.TypeBlob}, tInt, byteLength},
}

func byteLength(c *call) (bool, error) { return result(c, int64(len(bytesArg(c, 0)))) }

// bytesArg borrows a string or blob.
func bytesArg(c *call, i int) []byte {
	v := vector{data: c.args[i].data}
	return v.bytes(c.row)
}

func same[T any](c *call) (bool, error) { return result(c, arg[T](c, 0)) }

func nth[T any](i int) func(*call) (bool, error) {
	return func(c *call) (bool, error) { return result(c, arg[T](c, i)) }
}

func errZero(safe bool, dividend any) (bool, error) {
	if safe {
		return false, nil
	}
	return false, fmt.Errorf("division by zero: %v / 0", dividend)
}

func divide(safe bool) func(*call) (bool, error) {
	return func(c *call) (bool, error) {
		a, b := arg[float64](c, 0), arg[float64](c, 1)
		if b == 0 {
			return errZero(safe, a)
		}
		return finite(c, a/b, "/", a, b)
	}
}

// finite refuses what overflowed.
func finite(c *call, x float64, operator string, a, b float64) (bool, error) {
	if math.IsInf(x, 0) && !math.IsInf(a, 0) && !math.IsInf(b, 0) {
		return false, fmt.Errorf("double overflow: %v %s %v", a, operator, b)
	}
	return result(c, x)
}

// computed refuses a result that is not finite though the arguments are.
func computed(c *call, x float64, name string, args ...float64) (bool, error) {
	odd := func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }
	if odd(x) && !slices.ContainsFunc(args, odd) {
		return false, fmt.Errorf("Floating point error in function: %s%v", name, args)
	}
	return result(c, x)
}

func shift(by func(x uint64, n uint) uint64) func(*call) (bool, error) {
	return func(c *call) (bool, error) {
		n := arg[int64](c, 1)
		if n < 0 {
			return false, fmt.Errorf("Bitwise shift by negative offset %d", n)
		}
		return result(c, int64(by(uint64(arg[int64](c, 0)), uint(n))))
	}
}

func divideInts(safe bool) func(*call) (bool, error) {
	return func(c *call) (bool, error) {
		a, b := arg[int64](c, 0), arg[int64](c, 1)
		if b == 0 {
			return errZero(safe, a)
		}
		return result(c, float64(a)/float64(b))
	}
}

func divideNumerics(safe bool) func(*call) (bool, error) {
	return func(c *call) (bool, error) {
		a, b := arg[hugeInt](c, 0), arg[hugeInt](c, 1)
		if b == (hugeInt{}) {
			return errZero(safe, string(appendScaled(nil, a.big().String(), 9)))
		}
		if n, ok := quotient64(a, b, numericUnit); ok {
			return result(c, n)
		}
		dividend := a.big()
		return resultNumeric(c, roundQuotient(dividend.Mul(dividend, bigUnit), b.big()))
	}
}

func wholeNumerics(choose func(quotient, rest *big.Int) *big.Int) func(*call) (bool, error) {
	return func(c *call) (bool, error) {
		a, b := arg[hugeInt](c, 0), arg[hugeInt](c, 1)
		if b == (hugeInt{}) {
			return errZero(false, string(appendScaled(nil, a.big().String(), 9)))
		}
		return resultNumeric(c, choose(new(big.Int).QuoRem(a.big(), b.big(), new(big.Int))))
	}
}

func multiplyInts(c *call) (bool, error) {
	a, b := arg[int64](c, 0), arg[int64](c, 1)
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	// The unsigned high word becomes the signed one.
	high := int64(hi)
	if a < 0 {
		high -= b
	}
	if b < 0 {
		high -= a
	}
	if high != int64(lo)>>63 {
		return false, fmt.Errorf("int64 overflow: %d * %d", a, b)
	}
	return result(c, int64(lo))
}

func multiplyNumerics(c *call) (bool, error) {
	a, b := arg[hugeInt](c, 0), arg[hugeInt](c, 1)
	if x, ok := a.int64(); ok {
		if y, ok := b.int64(); ok {
			hi, lo := bits.Mul64(magnitude(x), magnitude(y))
			if n, ok := roundedDiv(hi, lo, numericUnit); ok {
				return result(c, signed(n, (x < 0) != (y < 0)))
			}
		}
	}
	product := a.big()
	return resultNumeric(c, roundQuotient(product.Mul(product, b.big()), bigUnit))
}

func average(c *call, sum float64) (bool, error) {
	n := arg[int64](c, 1)
	if n == 0 {
		return false, nil
	}
	return result(c, sum/float64(n))
}

func averageNumerics(c *call) (bool, error) {
	sum, n := arg[hugeInt](c, 0), arg[int64](c, 1)
	if n == 0 {
		return false, nil
	}
	if q, ok := quotient64(sum, hugeOf(n), 1); ok {
		return result(c, q)
	}
	return resultNumeric(c, roundQuotient(sum.big(), big.NewInt(n)))
}

// quotient64 computes a*factor/b, rounded, when all of it fits in machine words.
func quotient64(a, b hugeInt, factor uint64) (hugeInt, bool) {
	x, ok := a.int64()
	if !ok {
		return hugeInt{}, false
	}
	y, ok := b.int64()
	if !ok {
		return hugeInt{}, false
	}
	hi, lo := bits.Mul64(magnitude(x), factor)
	n, ok := roundedDiv(hi, lo, magnitude(y))
	return signed(n, (x < 0) != (y < 0)), ok
}

// roundedDiv divides a 128-bit number, rounding half up; false when the
// quotient does not fit 63 bits.
func roundedDiv(hi, lo, divisor uint64) (uint64, bool) {
	if hi >= divisor {
		return 0, false
	}
	q, r := bits.Div64(hi, lo, divisor)
	if r >= divisor-r {
		q++
	}
	return q, q>>63 == 0
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func signed(n uint64, negative bool) hugeInt {
	if negative {
		return hugeOf(-int64(n))
	}
	return hugeOf(int64(n))
}

func hugeOf(n int64) hugeInt { return hugeInt{lower: uint64(n), upper: n >> 63} }

func (h hugeInt) int64() (int64, bool) {
	n := int64(h.lower)
	return n, h.upper == n>>63
}

func (h hugeInt) float() float64 {
	return float64(h.upper)*(1<<64) + float64(h.lower)
}

// roundQuotient divides, rounding half away from zero.
func roundQuotient(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Lsh(r.Abs(r), 1).CmpAbs(b) >= 0 {
		if a.Sign() == b.Sign() {
			q.Add(q, big.NewInt(1))
		} else {
			q.Sub(q, big.NewInt(1))
		}
	}
	return q
}

func resultNumeric(c *call, n *big.Int) (bool, error) {
	if n.CmpAbs(numericLimit) >= 0 {
		return false, errNumericOverflow
	}
	return result(c, hugeFromBig(n))
}

// hugeFromBig returns the two's complement of a number below 2^127.
func hugeFromBig(n *big.Int) hugeInt {
	abs := new(big.Int).Abs(n)
	lower := new(big.Int).And(abs, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	upper := int64(new(big.Int).Rsh(abs, 64).Uint64())
	if n.Sign() >= 0 {
		return hugeInt{lower: lower, upper: upper}
	}
	lower = -lower
	upper = ^upper
	if lower == 0 {
		upper++
	}
	return hugeInt{lower: lower, upper: upper}
}

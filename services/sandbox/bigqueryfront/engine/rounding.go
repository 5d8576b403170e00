package engine

import (
	"math"
	"math/big"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// rounding is a way to make a number whole. BigQuery's functions give FLOAT64 for
// INT64 and keep NUMERIC, where DuckDB's keep integers and change the scale of
// decimals.
type rounding struct {
	float func(float64) float64
	// whole divides by a power of ten.
	whole func(a, power *big.Int) *big.Int
}

var (
	halfAway    = rounding{math.Round, roundQuotient}
	towardsZero = rounding{math.Trunc, func(a, power *big.Int) *big.Int { return new(big.Int).Quo(a, power) }}
	// big's Div cuts downwards, for its divisors here are positive.
	downwards = rounding{math.Floor, func(a, power *big.Int) *big.Int { return new(big.Int).Div(a, power) }}
	upwards   = rounding{math.Ceil, func(a, power *big.Int) *big.Int {
		q := new(big.Int).Neg(a)
		return q.Neg(q.Div(q, power))
	}}
)

var roundings = []function{
	{"bq_rounded", []mapping.Type{tInt}, tDouble, halfAway.int},
	{"bq_rounded", []mapping.Type{tDouble}, tDouble, halfAway.double},
	{"bq_rounded", []mapping.Type{tNumeric}, tNumeric, halfAway.numeric},
	{"bq_rounded", []mapping.Type{tInt, tInt}, tDouble, halfAway.intTo},
	{"bq_rounded", []mapping.Type{tDouble, tInt}, tDouble, halfAway.doubleTo},
	{"bq_rounded", []mapping.Type{tNumeric, tInt}, tNumeric, halfAway.numericTo},
	{"bq_truncated", []mapping.Type{tInt}, tDouble, towardsZero.int},
	{"bq_truncated", []mapping.Type{tDouble}, tDouble, towardsZero.double},
	{"bq_truncated", []mapping.Type{tNumeric}, tNumeric, towardsZero.numeric},
	{"bq_truncated", []mapping.Type{tInt, tInt}, tDouble, towardsZero.intTo},
	{"bq_truncated", []mapping.Type{tDouble, tInt}, tDouble, towardsZero.doubleTo},
	{"bq_truncated", []mapping.Type{tNumeric, tInt}, tNumeric, towardsZero.numericTo},
	{"bq_floor", []mapping.Type{tInt}, tDouble, downwards.int},
	{"bq_floor", []mapping.Type{tDouble}, tDouble, downwards.double},
	{"bq_floor", []mapping.Type{tNumeric}, tNumeric, downwards.numeric},
	{"bq_ceiling", []mapping.Type{tInt}, tDouble, upwards.int},
	{"bq_ceiling", []mapping.Type{tDouble}, tDouble, upwards.double},
	{"bq_ceiling", []mapping.Type{tNumeric}, tNumeric, upwards.numeric},
}

func (r rounding) int(c *call) (bool, error)    { return result(c, float64(arg[int64](c, 0))) }
func (r rounding) double(c *call) (bool, error) { return result(c, r.float(arg[float64](c, 0))) }
func (r rounding) intTo(c *call) (bool, error) {
	return result(c, r.decimals(float64(arg[int64](c, 0)), arg[int64](c, 1)))
}
func (r rounding) doubleTo(c *call) (bool, error) {
	return result(c, r.decimals(arg[float64](c, 0), arg[int64](c, 1)))
}
func (r rounding) numeric(c *call) (bool, error)   { return r.scaled(c, 0) }
func (r rounding) numericTo(c *call) (bool, error) { return r.scaled(c, arg[int64](c, 1)) }

// decimals rounds to n places behind the point, before it when negative.
func (r rounding) decimals(x float64, n int64) float64 {
	const most = 400 // beyond any exponent
	n = max(min(n, most), -most)
	power := math.Pow10(int(max(n, -n)))
	switch {
	case n >= 0 && (math.IsInf(x*power, 0) || math.IsNaN(x)):
		return x // has no such places
	case n >= 0:
		return r.float(x*power) / power
	case math.IsInf(power, 0):
		return 0
	}
	return r.float(x/power) * power
}

func (r rounding) scaled(c *call, n int64) (bool, error) {
	if n >= 9 {
		return result(c, arg[hugeInt](c, 0))
	}
	// A NUMERIC has 29 places before the point.
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(9-max(n, -30)), nil)
	whole := r.whole(arg[hugeInt](c, 0).big(), power)
	return resultNumeric(c, whole.Mul(whole, power))
}

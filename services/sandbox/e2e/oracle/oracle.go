// Package oracle computes the daily reports from the warehouse that the reference
// implementation says there must be, so that the tests have something other than the
// reporter's SQL to compare its reports with.
package oracle

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// The reference implementation's words.
const (
	loaded      = "loaded"
	quarantined = "quarantined"
	unknown     = "unknown"
	none        = "none"
)

// Options say what a daily report is of and how it was configured.
type Options struct {
	// Date is the report's day, as its midnight in UTC.
	Date time.Time
	// Clock is the shop's; nil: UTC.
	Clock *time.Location
	// Through is what the report knows of: the end of the day, or when it was made
	// if the day was not over.
	Through time.Time

	ChurnAfterDays, ChurnValueDays, CoverCriticalDays, CoverWarningDays, MaxSeries int

	// Rhythm is the churn model that the report says it was made with.
	Rhythm                                 Rhythm
	CompletenessMin                        *big.Rat
	OrdersMaxAgeHours, CatalogsMaxAgeHours int
	AuditDays                              int // how many unchanged days a night recounts
}

// Sheet is a report as its CSV file has it, without the date: a row per line, in
// the report's order, NULL as "".
type Sheet [][]string

// number puts the position before each row.
func (s Sheet) number() Sheet {
	for i, row := range s {
		s[i] = append([]string{strconv.Itoa(i + 1)}, row...)
	}
	return s
}

// day is the day on the clock that shows t, as its midnight in UTC.
func day(t time.Time) time.Time {
	year, month, date := t.Date()
	return time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
}

// midnight is when the day so many days after the report's began on the shop's clock.
func (o Options) midnight(after int) time.Time {
	return time.Date(o.Date.Year(), o.Date.Month(), o.Date.Day()+after, 0, 0, 0, 0, o.clock())
}

func (o Options) clock() *time.Location {
	if o.Clock == nil {
		return time.UTC
	}
	return o.Clock
}

// daysBefore is how many days a moment's day lies before the report's.
func (o Options) daysBefore(t time.Time) int { return o.daysSince(day(t.In(o.clock()))) }

// daysSince is daysBefore of what is a day of the shop's clock already.
func (o Options) daysSince(day time.Time) int { return int(o.Date.Sub(day) / (24 * time.Hour)) }

func (o Options) dayBefore(n int) time.Time { return o.Date.AddDate(0, 0, -n) }

// rounded rounds to so many decimals, half away from zero, as NUMERIC does.
func rounded(r *big.Rat, places int64) *big.Rat {
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(places), nil))
	scaled := new(big.Rat).Mul(r, scale)
	twice := new(big.Int).Mul(scaled.Num(), big.NewInt(2))
	if scaled.Sign() < 0 {
		twice.Sub(twice, scaled.Denom())
	} else {
		twice.Add(twice, scaled.Denom())
	}
	whole := new(big.Int).Quo(twice, new(big.Int).Mul(scaled.Denom(), big.NewInt(2)))
	return new(big.Rat).Quo(new(big.Rat).SetInt(whole), scale)
}

// quotient is a division of the warehouse: to nine decimals.
func quotient(a, b *big.Rat) *big.Rat { return rounded(new(big.Rat).Quo(a, b), 9) }

func product(a, b *big.Rat) *big.Rat { return rounded(new(big.Rat).Mul(a, b), 9) }

func add(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }

func subtract(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }

func larger(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) >= 0 {
		return a
	}
	return b
}

func ratOf[N int | int64](n N) *big.Rat { return new(big.Rat).SetInt64(int64(n)) }

func magnitude(r *big.Rat) *big.Rat { return new(big.Rat).Abs(r) }

// plainText is a number without needless zeros; "" for nil.
func plainText(r *big.Rat) string {
	if r == nil {
		return ""
	}
	text := r.FloatString(9)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func wholeText[N int | int64](n N) string { return strconv.FormatInt(int64(n), 10) }

func dateText(t time.Time) string { return t.Format(time.DateOnly) }

// middle is the median, the mean of the two in the middle of an even number.
func middle(values []*big.Rat) *big.Rat {
	sorted := slices.SortedFunc(slices.Values(values), (*big.Rat).Cmp)
	n := len(sorted)
	return quotient(add(sorted[(n-1)/2], sorted[n/2]), ratOf(2))
}

// spread is the median distance from the median.
func spread(values []*big.Rat, from *big.Rat) *big.Rat {
	distances := make([]*big.Rat, len(values))
	for i, v := range values {
		distances[i] = magnitude(subtract(v, from))
	}
	return middle(distances)
}

// Bounds of what is expected: three standard deviations of a normal distribution
// in median distances, and a quarter.
var (
	deviations = big.NewRat(44478, 10000)
	quarter    = big.NewRat(1, 4)
)

// upTo gives the facts of the report's date and before.
func upTo(w *reference.Warehouse, o Options, yield func(reference.LineKey, reference.Fact)) {
	for key, f := range w.Facts {
		if o.daysBefore(f.Time) >= 0 {
			yield(key, f)
		}
	}
}

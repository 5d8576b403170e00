package oracle

import (
	"cmp"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily/ets"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// outlook is what a series came to on the 182 days up to the report's, the oldest first.
type outlook struct {
	category               string
	orders, units, revenue []*big.Rat
	recent                 *big.Rat // revenue of 90 days
	oldest                 int      // the day with its first order
}

const outlookDays = 182

func newOutlook(category string) *outlook {
	s := &outlook{category: category, recent: new(big.Rat), oldest: outlookDays}
	for _, list := range []*[]*big.Rat{&s.orders, &s.units, &s.revenue} {
		for range outlookDays {
			*list = append(*list, new(big.Rat))
		}
	}
	return s
}

// add adds to the day so many days before the report's.
func (s *outlook) add(ago int, orders, units int64, revenue *big.Rat) {
	at := outlookDays - 1 - ago
	s.oldest = min(s.oldest, at)
	s.orders[at] = add(s.orders[at], ratOf(orders))
	s.units[at] = add(s.units[at], ratOf(units))
	s.revenue[at] = add(s.revenue[at], revenue)
	if ago < 90 {
		s.recent = add(s.recent, revenue)
	}
}

// Forecast is the report forecast. What the series are it finds out by itself; how they go on it has package ets say,
// which published figures are held against.
func Forecast(w *reference.Warehouse, o Options) Sheet {
	all, of := newOutlook(""), make(map[string]*outlook)
	upTo(w, o, func(key reference.LineKey, f reference.Fact) {
		ago := o.daysBefore(f.Time)
		if ago >= outlookDays {
			return
		}
		order, inCategory, total, line := int64(0), int64(0), new(big.Rat), new(big.Rat)
		if key.Line == 1 {
			order, total = 1, f.Revenue().Rat()
		}
		if f.CategoryLine == 1 {
			inCategory = 1
		}
		if f.Status == "completed" || f.Status == "partially_refunded" {
			line = f.LineTotal.Rat()
		}
		all.add(ago, order, f.Quantity, total)
		if of[f.Category] == nil {
			of[f.Category] = newOutlook(f.Category)
		}
		of[f.Category].add(ago, inCategory, f.Quantity, line)
	})
	var named []*outlook
	for _, s := range of {
		named = append(named, s)
	}
	slices.SortFunc(named, func(a, b *outlook) int {
		return cmp.Or(b.recent.Cmp(a.recent), cmp.Compare(a.category, b.category))
	})
	if len(named) > o.MaxSeries {
		others := newOutlook("(other)")
		for _, s := range named[o.MaxSeries:] {
			others.oldest = min(others.oldest, s.oldest)
			for i := range outlookDays {
				others.orders[i], others.units[i], others.revenue[i] = add(others.orders[i], s.orders[i]), add(others.units[i], s.units[i]), add(others.revenue[i], s.revenue[i])
			}
		}
		named = append(named[:o.MaxSeries:o.MaxSeries], others)
	}
	var sheet Sheet
	for _, s := range append([]*outlook{all}, named...) {
		sheet = append(sheet, s.rows(o)...)
	}
	return sheet.number()
}

func (s *outlook) rows(o Options) Sheet {
	length := outlookDays - s.oldest
	if length < 28 {
		return nil
	}
	rows := make(Sheet, 28)
	var errors [][]string
	for i := range rows {
		rows[i] = []string{s.category, dateText(o.dayBefore(-1 - i)), wholeText(length)}
	}
	for _, values := range [][]*big.Rat{s.orders, s.units, s.revenue} {
		history := values[s.oldest:]
		forecast := func(known []float64, steps int) ([]ets.Step, error) {
			model, err := ets.Fit(floats(withoutUnusual(history[:len(known)])), 7)
			return model.Forecast(steps, 1.2816), err
		}
		ahead, err := forecast(floats(history), 28)
		if err != nil {
			return Sheet{{err.Error()}} // which no report has
		}
		for i, step := range ahead {
			rows[i] = append(rows[i], estimate(step.Mean, 2), estimate(step.Low, 2), estimate(step.High, 2))
		}
		past, err := ets.Test(forecast, floats(history), 7, 28, 3)
		if err != nil {
			return Sheet{{err.Error()}}
		}
		off := []string{"", ""}
		if past.Origins > 0 {
			off = []string{estimate(past.Model, 4), estimate(past.Naive, 4)}
		}
		errors = append(errors, off)
	}
	for i := range rows {
		rows[i] = append(slices.Concat(append([][]string{rows[i]}, errors...)...), "ETS(A,Ad,A)")
	}
	return rows
}

func floats(values []*big.Rat) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i], _ = v.Float64()
	}
	return out
}

// withoutUnusual gives each day that is far off what its weekday has in the weeks around it.
func withoutUnusual(days []*big.Rat) []*big.Rat {
	usual := make([]*big.Rat, len(days))
	off := make(map[int]float64) // of the roots, by day
	for i := range days {
		var same []*big.Rat // this weekday, week by week
		place := 0
		for j := i % 7; j < len(days); j += 7 {
			if j == i {
				place = len(same)
			}
			same = append(same, days[j])
		}
		for len(same) > 5 || len(same)%2 == 0 { // drop the week that is farther away, the last in doubt
			if place > len(same)-1-place {
				same, place = same[1:], place-1
			} else {
				same = same[:len(same)-1]
			}
		}
		usual[i] = slices.SortedFunc(slices.Values(same), (*big.Rat).Cmp)[len(same)/2]
		if usual[i].Sign() > 0 {
			roots := floats([]*big.Rat{days[i], usual[i]})
			off[i] = math.Sqrt(roots[0]) - math.Sqrt(roots[1])
		}
	}
	if len(off) == 0 {
		return days
	}
	ranked := slices.Sorted(maps.Values(off))
	quarter := func(n int) float64 {
		whole, rest := n*(len(ranked)-1)/4, n*(len(ranked)-1)%4
		if rest == 0 {
			return ranked[whole]
		}
		return ranked[whole] + float64(rest)/4*(ranked[whole+1]-ranked[whole])
	}
	first, third := quarter(1), quarter(3)
	beyond := func(i int, reach float64) int { // 1: above, -1: below
		switch {
		case i < 0 || i >= len(days) || first == third:
			return 0
		case off[i] > third+reach*(third-first):
			return 1
		case off[i] < first-reach*(third-first):
			return -1
		}
		return 0
	}
	out := slices.Clone(days)
	for i := range days {
		side := beyond(i, 3)
		least := new(big.Rat).Mul(usual[i], big.NewRat(1, 4))
		if side == 0 || usual[i].Sign() == 0 || magnitude(subtract(days[i], usual[i])).Cmp(least) < 0 {
			continue
		}
		inRow := 1 // days that are out on this side
		for before := i - 1; beyond(before, 1.5) == side; before-- {
			inRow++
		}
		for after := i + 1; beyond(after, 1.5) == side; after++ {
			inRow++
		}
		if inRow <= 4 {
			out[i] = usual[i]
		}
	}
	return out
}

// estimate is a float as the report states it.
func estimate(v float64, places int) string {
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(max(0, v), 'f', places, 64))
	return plainText(r)
}

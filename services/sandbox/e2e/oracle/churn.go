package oracle

import (
	"cmp"
	"math/big"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// buyer is what a customer ordered up to a date.
type buyer struct {
	id              string
	days            map[time.Time]bool
	orders          int64
	value, paid     *big.Rat
	usual, expected *big.Rat
	score, visits   *big.Rat
	lost, atRisk    *big.Rat
}

func (b *buyer) segment() string {
	if len(b.days) == 1 {
		return "one_time"
	}
	return "repeat"
}

func (b *buyer) first() time.Time { return slices.MinFunc(b.calendar(), time.Time.Compare) }
func (b *buyer) last() time.Time  { return slices.MaxFunc(b.calendar(), time.Time.Compare) }

// calendar is the days with orders, oldest first.
func (b *buyer) calendar() []time.Time {
	days := make([]time.Time, 0, len(b.days))
	for d := range b.days {
		days = append(days, d)
	}
	slices.SortFunc(days, time.Time.Compare)
	return days
}

// rhythm is the median pause between order days; nil with one.
func (b *buyer) rhythm() *big.Rat {
	days := b.calendar()
	if len(days) == 1 {
		return nil
	}
	var pauses []*big.Rat
	for i := 1; i < len(days); i++ {
		pauses = append(pauses, ratOf(int64(days[i].Sub(days[i-1])/(24*time.Hour))))
	}
	return middle(pauses)
}

// buyersOf are the customers who ordered up to the report's date, by id.
func buyersOf(w *reference.Warehouse, o Options) map[string]*buyer {
	buyers := make(map[string]*buyer)
	upTo(w, o, func(key reference.LineKey, f reference.Fact) {
		if key.Line != 1 || f.CustomerID == "" {
			return
		}
		b := buyers[f.CustomerID]
		if b == nil {
			b = &buyer{id: f.CustomerID, days: make(map[time.Time]bool), value: new(big.Rat), paid: new(big.Rat)}
			buyers[f.CustomerID] = b
		}
		b.days[day(f.Time.In(o.clock()))] = true
		b.orders++
		if f.Sold() {
			b.value = add(b.value, f.Net().Rat())
		}
		if f.Status == "completed" {
			b.paid = add(b.paid, f.Total.Rat())
		}
	})
	return buyers
}

// ChurnRisk is the report churn-risk.
func ChurnRisk(w *reference.Warehouse, o Options) Sheet {
	buyers := buyersOf(w, o)
	var rhythms []*big.Rat
	for _, b := range buyers {
		if b.usual = b.rhythm(); b.usual != nil {
			rhythms = append(rhythms, b.usual)
		}
	}
	typical := ratOf(o.ChurnAfterDays)
	if len(rhythms) > 0 {
		slices.SortFunc(rhythms, (*big.Rat).Cmp)
		typical = rhythms[(len(rhythms)-1)/2] // the lower of two
	}
	var away []*buyer
	for _, b := range buyers {
		h := o.history(b)
		b.score = fourPlaces(o.Rhythm.gone(h))
		overdue := len(b.days) > 1 && b.score.Cmp(big.NewRat(1, 2)) >= 0
		if o.daysSince(b.last()) < o.ChurnAfterDays && !overdue {
			continue
		}
		b.visits = fourPlaces(o.Rhythm.pace(h) * float64(o.ChurnValueDays))
		b.lost = rounded(quotient(product(b.value, b.visits), ratOf(len(b.days))), 2)
		b.atRisk = rounded(product(b.lost, b.score), 2)
		own := new(big.Rat)
		if b.usual != nil {
			own = new(big.Rat).Mul(b.usual, ratOf(len(b.days)-1))
		}
		b.expected = quotient(add(own, typical), ratOf(len(b.days)))
		away = append(away, b)
	}
	slices.SortFunc(away, func(a, b *buyer) int {
		return cmp.Or(
			cmp.Compare(b.segment(), a.segment()), // repeat before one_time
			b.atRisk.Cmp(a.atRisk), b.score.Cmp(a.score), b.value.Cmp(a.value), cmp.Compare(a.id, b.id),
		)
	})
	var sheet Sheet
	for _, b := range away {
		name, tier := "", unknown
		if c, known := w.Customers[b.id]; known {
			name, tier = c.Name, cmp.Or(c.Tier, none)
		}
		level := "low"
		switch {
		case b.score.Cmp(big.NewRat(8, 10)) >= 0:
			level = "high"
		case b.score.Cmp(big.NewRat(5, 10)) >= 0:
			level = "medium"
		}
		sheet = append(sheet, []string{
			b.id, name, tier, dateText(b.first()), dateText(b.last()), wholeText(o.daysSince(b.last())), wholeText(b.orders), wholeText(len(b.days)),
			plainText(b.value), plainText(b.paid), plainText(b.usual), plainText(b.expected), plainText(b.score), level,
			b.segment(), plainText(b.visits), plainText(b.lost), plainText(b.atRisk),
		})
	}
	return sheet.number()
}

package dashboard

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"time"
)

// group is what the lines of one key come to.
type group struct {
	Orders, customers map[string]bool
	completed         map[string]bool
	units, lines      int64
	ordered           *big.Rat // line_total of all
	sold, soldPaid    *big.Rat // line_total
	total, totalPaid  *big.Rat // total_amount
	revenue, refunded *big.Rat
	paidBack          *big.Rat // of the orders paid
	headline          *big.Rat // of the orders neither failed nor cancelled
	headlineLines     *big.Rat // line_total of them
	paidOrders        int64
	counted           int64               // orders that are revenue
	of                map[string]*big.Rat // total_amount by status
	first             saleLine
	byStatus          map[string]int64
}

// groupBy sums lines by a key; an order counts once per key, and its total_amount too.
func groupBy[K comparable](lines []saleLine, key func(saleLine) K) map[K]*group {
	groups := make(map[K]*group)
	for _, l := range lines {
		g := groups[key(l)]
		if g == nil {
			g = &group{
				Orders: map[string]bool{}, customers: map[string]bool{}, completed: map[string]bool{}, byStatus: map[string]int64{},
				ordered: new(big.Rat), sold: new(big.Rat), soldPaid: new(big.Rat), total: new(big.Rat), totalPaid: new(big.Rat), first: l,
				revenue: new(big.Rat), refunded: new(big.Rat), headline: new(big.Rat), headlineLines: new(big.Rat), paidBack: new(big.Rat),
				of: map[string]*big.Rat{"failed": new(big.Rat), "cancelled": new(big.Rat), "pending": new(big.Rat), "on hold": new(big.Rat)},
			}
			groups[key(l)] = g
		}
		paid, lost := l.Status == "completed", l.Status == "failed" || l.Status == "cancelled"
		if !g.Orders[l.Order] {
			g.Orders[l.Order] = true
			g.byStatus[l.Status]++
			g.total.Add(g.total, l.Total)
			g.refunded.Add(g.refunded, l.givenBack())
			if sum := g.of[l.Status]; sum != nil {
				sum.Add(sum, l.Total)
			} else {
				back := l.paidBack()
				g.paidOrders++
				g.paidBack.Add(g.paidBack, back)
				g.revenue.Add(g.revenue, new(big.Rat).Sub(l.Total, back))
			}
			if !lost {
				g.counted++
				g.headline.Add(g.headline, new(big.Rat).Sub(l.Total, l.givenBack()))
			}
			if paid {
				g.completed[l.Order] = true
				g.totalPaid.Add(g.totalPaid, l.Total)
			}
		}
		if l.customer.Valid {
			g.customers[l.customer.StringVal] = true
		}
		g.units += l.quantity
		g.lines++
		g.ordered.Add(g.ordered, l.LineTotal)
		if !lost {
			g.headlineLines.Add(g.headlineLines, l.LineTotal)
		}
		if paid || l.Status == "partially_refunded" {
			g.sold.Add(g.sold, l.LineTotal)
		}
		if paid {
			g.soldPaid.Add(g.soldPaid, l.LineTotal)
		}
	}
	return groups
}

// ranked lists groups by an amount, highest first, then by name.
func ranked[K cmp.Ordered](groups map[K]*group, amount func(*group) *big.Rat) []K {
	keys := make([]K, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b K) int {
		return cmp.Or(amount(groups[b]).Cmp(amount(groups[a])), cmp.Compare(a, b))
	})
	return keys
}

// byAmount is what a ranked list is ordered by: the revenue, all that was ordered, or the completed.
type byAmount struct {
	Param                string
	sold, total, average func(*group) *big.Rat // of lines, of orders, and of an order
}

var (
	byRevenue = byAmount{
		"revenue", func(g *group) *big.Rat { return g.sold }, func(g *group) *big.Rat { return g.revenue },
		func(g *group) *big.Rat {
			if g.paidOrders == 0 {
				return big.NewRat(-1, 1) // NULL comes last
			}
			return average(g.revenue, int(g.paidOrders))
		},
	}
	byTotal = byAmount{
		"total_revenue", func(g *group) *big.Rat { return g.ordered }, func(g *group) *big.Rat { return g.total }, averageOf,
	}
	byCompleted = byAmount{
		"completed_revenue", func(g *group) *big.Rat { return g.soldPaid }, func(g *group) *big.Rat { return g.totalPaid },
		func(g *group) *big.Rat {
			if len(g.completed) == 0 {
				return big.NewRat(-1, 1) // NULL comes last
			}
			return average(g.totalPaid, len(g.completed))
		},
	}
)

func average(sum *big.Rat, n int) *big.Rat {
	mean, _ := new(big.Rat).SetString(new(big.Rat).Quo(sum, big.NewRat(int64(n), 1)).FloatString(9))
	return mean
}

func averageOf(g *group) *big.Rat { return average(g.total, len(g.Orders)) }

func byHour(lines []saleLine) ([]string, map[string]*group) {
	groups := groupBy(lines, func(l saleLine) string { return l.At.Truncate(time.Hour).Format(time.RFC3339) })
	keys := make([]string, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys, groups
}

func otherOrders(g *group) int64 {
	return g.byStatus["on hold"]
}

// paidAverageOf is the average of the completed orders, nil without one.
func paidAverageOf(g *group) any {
	if len(g.completed) == 0 {
		return nil
	}
	return amountText(average(g.totalPaid, len(g.completed)))
}

// revenueAverageOf is the average of the orders that were paid, nil without one.
func revenueAverageOf(g *group) any {
	if g.paidOrders == 0 {
		return nil
	}
	return amountText(average(g.revenue, int(g.paidOrders)))
}

func amountText(r *big.Rat) string {
	text := strings.TrimRight(r.FloatString(9), "0")
	for strings.IndexByte(text, '.') > len(text)-3 {
		text += "0"
	}
	return text
}

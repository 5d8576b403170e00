package oracle

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

const (
	shownDays     = 90
	comparedWeeks = 8
	fewestWeeks   = 4
	shownWeeks    = 12
	rest          = "(other)"
)

// series is what the lines of a level, region and category come to, by days before
// the report's date.
type series struct {
	level            int
	region, category string
	orders           map[int]map[string]bool
	units            map[int]int64
	revenue, paid    map[int]*big.Rat
}

var levelNames = []string{"total", "region", "category", "region_category"}

func (s *series) revenueOf(n int) *big.Rat { return or0(s.revenue[n]) }

func or0(r *big.Rat) *big.Rat {
	if r == nil {
		return new(big.Rat)
	}
	return r
}

// sumOf adds up the days from n before the date to n+days-1 before it.
func sumOf(values map[int]*big.Rat, n, days int) *big.Rat {
	sum := new(big.Rat)
	for i := n; i < n+days; i++ {
		sum = add(sum, or0(values[i]))
	}
	return sum
}

// RevenueTrends is the report revenue-trends.
func RevenueTrends(w *reference.Warehouse, o Options) Sheet {
	history := -1 // how many days before the date the first order of all is
	upTo(w, o, func(_ reference.LineKey, f reference.Fact) { history = max(history, o.daysBefore(f.Time)) })
	regions := shownNames(w, o, func(f reference.Fact) string { return f.Area }, orderRevenue)
	categories := shownNames(w, o, func(f reference.Fact) string { return f.Category }, lineRevenue)
	all := trendSeries(w, o, regions, categories)
	var sheet Sheet
	for _, s := range all {
		head := func(granularity string) []string {
			return []string{granularity, levelNames[s.level], s.region, s.category}
		}
		for week := range shownWeeks {
			n := 7 * week
			orders, units := 0, int64(0)
			for i := n; i < n+7; i++ {
				orders += len(s.orders[i])
				units += s.units[i]
			}
			row := append(head("week"), dateText(o.dayBefore(n+6)), dateText(o.dayBefore(n)), wholeText(orders), wholeText(units),
				plainText(sumOf(s.revenue, n, 7)), plainText(sumOf(s.paid, n, 7)))
			row = append(row, change(sumOf(s.revenue, n, 7), sumOf(s.revenue, n+7, 7), n+13 <= history)...)
			sheet = append(sheet, append(row, "", "", "", "", ""))
		}
		for n := range shownDays {
			row := append(head("day"), dateText(o.dayBefore(n)), dateText(o.dayBefore(n)), wholeText(len(s.orders[n])), wholeText(s.units[n]),
				plainText(s.revenueOf(n)), plainText(or0(s.paid[n])))
			row = append(row, change(s.revenueOf(n), s.revenueOf(n+7), n+7 <= history)...)
			for _, days := range []int{7, 28} {
				average := ""
				if n+days-1 <= history {
					average = plainText(quotient(sumOf(s.revenue, n, days), ratOf(days)))
				}
				row = append(row, average)
			}
			sheet = append(sheet, append(row, s.judge(n, history)...))
		}
	}
	return sheet.number()
}

func change(now, before *big.Rat, known bool) []string {
	if !known {
		return []string{"", ""}
	}
	if before.Sign() == 0 {
		return []string{"0", ""}
	}
	return []string{plainText(before), plainText(rounded(quotient(subtract(now, before), before), 4))}
}

// judge says what a day's revenue was expected to be, and whether it was not.
func (s *series) judge(n, history int) []string {
	var seen []*big.Rat
	for week := 1; week <= comparedWeeks; week++ {
		if n+7*week <= history {
			seen = append(seen, s.revenueOf(n+7*week))
		}
	}
	if len(seen) < fewestWeeks {
		return []string{"", "", ""}
	}
	expected := middle(seen)
	deviation := spread(seen, expected)
	distance, anomaly := magnitude(subtract(s.revenueOf(n), expected)), ""
	if expected.Sign() > 0 && distance.Cmp(product(deviations, deviation)) > 0 && distance.Cmp(product(quarter, expected)) > 0 {
		anomaly = "low"
		if s.revenueOf(n).Cmp(expected) > 0 {
			anomaly = "high"
		}
	}
	return []string{plainText(expected), plainText(deviation), anomaly}
}

// shownNames are the names with the highest revenue of the 90 days.
func shownNames(w *reference.Warehouse, o Options, nameOf func(reference.Fact) string, revenueOf func(reference.LineKey, reference.Fact) *big.Rat) map[string]bool {
	sums := make(map[string]*big.Rat)
	upTo(w, o, func(key reference.LineKey, f reference.Fact) {
		if o.daysBefore(f.Time) < shownDays {
			sums[nameOf(f)] = add(or0(sums[nameOf(f)]), revenueOf(key, f))
		}
	})
	var names []string
	for name := range sums {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(sums[b].Cmp(sums[a]), cmp.Compare(a, b)) })
	shown := make(map[string]bool)
	for _, name := range names[:min(len(names), o.MaxSeries)] {
		shown[name] = true
	}
	return shown
}

// orderRevenue is what a line adds to the revenue of a level of whole orders: the
// first line all of its order, the others nothing.
func orderRevenue(key reference.LineKey, f reference.Fact) *big.Rat {
	if key.Line != 1 {
		return new(big.Rat)
	}
	return f.Revenue().Rat()
}

// lineRevenue is what a line adds to the revenue of its category.
func lineRevenue(_ reference.LineKey, f reference.Fact) *big.Rat {
	return f.LineRevenue().Rat()
}

// trendSeries gives the series with an order in the 90 days, in the report's order.
func trendSeries(w *reference.Warehouse, o Options, regions, categories map[string]bool) []*series {
	type key struct {
		level            int
		region, category string
	}
	found := make(map[key]*series)
	upTo(w, o, func(line reference.LineKey, f reference.Fact) {
		region, category := f.Area, f.Category
		if !regions[region] {
			region = rest
		}
		if !categories[category] {
			category = rest
		}
		for _, k := range []key{{0, "", ""}, {1, region, ""}, {2, "", category}, {3, region, category}} {
			s := found[k]
			if s == nil {
				s = &series{
					level: k.level, region: k.region, category: k.category, orders: make(map[int]map[string]bool),
					units: make(map[int]int64), revenue: make(map[int]*big.Rat), paid: make(map[int]*big.Rat),
				}
				found[k] = s
			}
			n := o.daysBefore(f.Time)
			if s.orders[n] == nil {
				s.orders[n] = make(map[string]bool)
			}
			s.orders[n][line.OrderID] = true
			s.units[n] += f.Quantity
			revenue := lineRevenue(line, f)
			if k.level <= 1 {
				revenue = orderRevenue(line, f)
			}
			s.revenue[n] = add(or0(s.revenue[n]), revenue)
			if f.Status == "completed" {
				s.paid[n] = add(or0(s.paid[n]), revenue)
			}
		}
	})
	var list []*series
	for _, s := range found {
		for n := range s.orders {
			if n < shownDays {
				list = append(list, s)
				break
			}
		}
	}
	last := func(name string) int {
		if name == rest {
			return 1
		}
		return 0
	}
	slices.SortFunc(list, func(a, b *series) int {
		return cmp.Or(a.level-b.level, last(a.region)-last(b.region), cmp.Compare(a.region, b.region),
			last(a.category)-last(b.category), cmp.Compare(a.category, b.category))
	})
	return list
}

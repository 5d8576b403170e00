package oracle

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// sale is what a product sold.
type sale struct {
	id                        string
	week, month, sinceCatalog int64
	revenue                   *big.Rat
	first                     time.Time
	known                     bool
	left                      int64
	demand, cover, atRisk     *big.Rat
	ahead                     *big.Rat // a day, by the forecast; nil: there is none
	severity                  string
	out                       time.Time
}

// perDay are the units of so many days, or of those since the first sale if they are fewer.
func (s *sale) perDay(o Options, units int64, days int) *big.Rat {
	return big.NewRat(units, int64(min(days, o.daysBefore(s.first)+1)))
}

// salesOf are the sales of 90 days, by product.
func salesOf(w *reference.Warehouse, o Options) map[string]*sale {
	sales := make(map[string]*sale)
	upTo(w, o, func(_ reference.LineKey, f reference.Fact) {
		ago := o.daysBefore(f.Time)
		if !f.Sold() || f.ProductID == "" || ago >= 90 {
			return
		}
		s := sales[f.ProductID]
		if s == nil {
			s = &sale{id: f.ProductID, revenue: new(big.Rat), first: f.Time}
			sales[f.ProductID] = s
		}
		if o.daysBefore(s.first) < ago {
			s.first = f.Time
		}
		if stated, known := w.StatedAt[s.id]; known && !f.Time.Before(stated) {
			s.sinceCatalog += f.Quantity
		}
		if ago < 7 {
			s.week += f.Quantity
		}
		if ago < 28 {
			s.month += f.Quantity
			s.revenue = add(s.revenue, f.LineTotal.Rat())
		}
	})
	return sales
}

// InventoryAlerts is the report inventory-alerts.
func InventoryAlerts(w *reference.Warehouse, o Options) Sheet {
	var short []*sale
	shares := newShares(w, o)
	for _, s := range salesOf(w, o) {
		if s.month == 0 {
			continue
		}
		p, known := w.Products[s.id]
		s.known, s.severity = known, "warning"
		s.demand = larger(s.perDay(o, s.week, 7), s.perDay(o, s.month, 28))
		if known && !p.Stock.Is {
			continue
		}
		days := shares.ahead(s, p, known)
		wanted := new(big.Rat)
		if known {
			s.left = p.Stock.Units - s.sinceCatalog
		}
		for i, d := range days {
			if left := subtract(ratOf(max(s.left, 0)), wanted); known && s.cover == nil && left.Cmp(d) < 0 {
				s.cover = rounded(add(ratOf(i), new(big.Rat).Quo(left, d)), 1)
				s.out = o.dayBefore(-i - 1)
				if i < o.CoverCriticalDays {
					s.severity = "critical"
				}
			}
			wanted = add(wanted, d)
		}
		if known && s.cover == nil {
			continue // it lasts
		}
		if s.ahead != nil {
			s.ahead = rounded(new(big.Rat).Quo(wanted, ratOf(len(days))), 9)
		}
		if known {
			lacking := subtract(wanted, ratOf(max(s.left, 0)))
			s.atRisk = rounded(new(big.Rat).Quo(new(big.Rat).Mul(s.revenue, lacking), ratOf(s.month)), 2)
		}
		short = append(short, s)
	}
	slices.SortFunc(short, func(a, b *sale) int {
		byRisk := 0
		switch {
		case a.known != b.known && a.known:
			return -1
		case a.known != b.known:
			return 1
		case a.known:
			byRisk = b.atRisk.Cmp(a.atRisk)
		}
		return cmp.Or(byRisk, b.revenue.Cmp(a.revenue), cmp.Compare(a.id, b.id))
	})
	var sheet Sheet
	for _, s := range short {
		name, category, alert, active, stock, since, left, out := "", unknown, "unknown_product", "", "", "", "", ""
		if p, known := w.Products[s.id]; known {
			name, category, alert, active, stock = p.Name, cmp.Or(p.Category, none), "low_cover", strconv.FormatBool(!p.Inactive), wholeText(p.Stock.Units)
			since, left, out = wholeText(s.sinceCatalog), wholeText(s.left), dateText(s.out)
			if s.left <= 0 {
				alert = "out_of_stock"
			}
		}
		week, month := rounded(s.perDay(o, s.week, 7), 9), rounded(s.perDay(o, s.month, 28), 9)
		sheet = append(sheet, []string{
			s.id, name, category, alert, s.severity, active, stock, wholeText(s.week), wholeText(s.month),
			plainText(week), plainText(month), plainText(larger(week, month)), plainText(s.cover), plainText(s.revenue),
			dateText(s.first), since, left, out, plainText(s.atRisk), plainText(s.ahead),
		})
	}
	return sheet.number()
}

// shares is what products may have a share of: what each category sold so many days before the report's,
// and what is forecast of it; those of the shop are by the category "\x00".
type shares struct {
	o        Options
	sold     map[string]*[28]int64
	forecast map[string][]*big.Rat // of the day after the report's, and so on
}

const shop = "\x00"

func newShares(w *reference.Warehouse, o Options) shares {
	all := shares{o, make(map[string]*[28]int64), make(map[string][]*big.Rat)}
	upTo(w, o, func(_ reference.LineKey, f reference.Fact) {
		ago := o.daysBefore(f.Time)
		for _, category := range []string{f.Category, shop} {
			if all.sold[category] == nil {
				all.sold[category] = new([28]int64)
			}
			if ago < 28 {
				all.sold[category][ago] += f.Quantity
			}
		}
	})
	for _, row := range Forecast(w, o) {
		category, units := cmp.Or(row[1], shop), row[7]
		r, _ := new(big.Rat).SetString(units)
		all.forecast[category] = append(all.forecast[category], r)
	}
	return all
}

// ahead is what a product is expected to sell on each day to come, and notes whether a forecast says so.
func (a shares) ahead(s *sale, p reference.Product, known bool) []*big.Rat {
	category := unknown
	if known {
		category = cmp.Or(p.Category, none)
	}
	units, length := s.month, 28
	if s.perDay(a.o, s.week, 7).Cmp(s.perDay(a.o, s.month, 28)) > 0 {
		units, length = s.week, 7
	}
	length = min(length, a.o.daysBefore(s.first)+1)
	days := make([]*big.Rat, a.o.CoverWarningDays)
	for _, of := range []string{category, shop} {
		all, sum := int64(0), new(big.Rat)
		if sold := a.sold[of]; sold != nil {
			for _, n := range sold[:length] {
				all += n
			}
		}
		if forecast := a.forecast[of]; len(forecast) == 0 || all == 0 || all < units {
			continue
		}
		for i := range days {
			at := i
			for at >= 27 {
				at -= 7
			}
			days[i] = new(big.Rat).Mul(big.NewRat(units, all), a.forecast[of][at])
			sum = add(sum, days[i])
		}
		if sum.Sign() > 0 {
			s.ahead = sum
			return days
		}
	}
	for i := range days {
		days[i] = s.demand
	}
	return days
}

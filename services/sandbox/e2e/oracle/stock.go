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
		if known {
			s.left = p.Stock.Units - s.sinceCatalog
			lasts := new(big.Rat).Quo(ratOf(max(s.left, 0)), s.demand)
			if lasts.Cmp(ratOf(o.CoverWarningDays)) >= 0 {
				continue
			}
			if lasts.Cmp(ratOf(o.CoverCriticalDays)) < 0 {
				s.severity = "critical"
			}
			s.cover = rounded(lasts, 1)
			days := new(big.Int).Quo(lasts.Num(), lasts.Denom()).Int64()
			s.out = o.dayBefore(int(-days - 1))
			lacking := subtract(new(big.Rat).Mul(s.demand, ratOf(o.CoverWarningDays)), ratOf(max(s.left, 0)))
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
			dateText(s.first), since, left, out, plainText(s.atRisk),
		})
	}
	return sheet.number()
}

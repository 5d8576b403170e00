package oracle

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// InventoryAlerts is the report inventory-alerts.
func InventoryAlerts(w *reference.Warehouse, o Options) Sheet {
	type sale struct {
		id            string
		week, month   int64
		revenue       *big.Rat
		known         bool
		cover, demand *big.Rat
		severity      string
	}
	sales := make(map[string]*sale)
	upTo(w, o, func(_ reference.LineKey, f reference.Fact) {
		if !f.Sold() || f.ProductID == "" || o.daysBefore(f.Time) >= 28 {
			return
		}
		s := sales[f.ProductID]
		if s == nil {
			s = &sale{id: f.ProductID, revenue: new(big.Rat)}
			sales[f.ProductID] = s
		}
		s.month += f.Quantity
		if o.daysBefore(f.Time) < 7 {
			s.week += f.Quantity
		}
		s.revenue = add(s.revenue, f.LineTotal.Rat())
	})
	var short []*sale
	for _, s := range sales {
		p, known := w.Products[s.id]
		s.known, s.severity = known, "warning"
		s.demand = larger(big.NewRat(s.week, 7), big.NewRat(s.month, 28))
		if known && !p.Stock.Is {
			continue
		}
		if known {
			stock := ratOf(max(p.Stock.Units, 0))
			lasts := func(days int) bool { return stock.Cmp(new(big.Rat).Mul(ratOf(days), s.demand)) >= 0 }
			if lasts(o.CoverWarningDays) {
				continue
			}
			if !lasts(o.CoverCriticalDays) {
				s.severity = "critical"
			}
			s.cover = quotient(stock, s.demand)
		}
		short = append(short, s)
	}
	slices.SortFunc(short, func(a, b *sale) int {
		rank := func(s *sale) int {
			switch {
			case s.severity == "critical":
				return 1
			case s.known:
				return 2
			}
			return 3
		}
		byCover := 0
		if a.known && b.known {
			byCover = a.cover.Cmp(b.cover)
		}
		return cmp.Or(rank(a)-rank(b), byCover, b.demand.Cmp(a.demand), cmp.Compare(a.id, b.id))
	})
	var sheet Sheet
	for _, s := range short {
		name, category, alert, active, stock := "", unknown, "unknown_product", "", ""
		if p, known := w.Products[s.id]; known {
			name, category, alert, active, stock = p.Name, cmp.Or(p.Category, none), "low_cover", strconv.FormatBool(!p.Inactive), wholeText(p.Stock.Units)
			if p.Stock.Units <= 0 {
				alert = "out_of_stock"
			}
		}
		cover := ""
		if s.known {
			cover = plainText(rounded(s.cover, 1))
		}
		week, month := quotient(ratOf(s.week), ratOf(7)), quotient(ratOf(s.month), ratOf(28))
		sheet = append(sheet, []string{
			s.id, name, category, alert, s.severity, active, stock, wholeText(s.week), wholeText(s.month),
			plainText(week), plainText(month), plainText(larger(week, month)), cover, plainText(s.revenue),
		})
	}
	return sheet.number()
}

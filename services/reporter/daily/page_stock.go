package daily

import "math/big"

// stockSection shows the products that run short, and those that nobody knows.
type stockSection struct {
	note
	OutOfStock, Critical, Warning int // products of the catalog, by what is wrong
	UnknownCount                  int
	Short                         []stockAlert
	Unknown                       []stockAlert
	MoreShort, MoreUnknown        string
}

type stockAlert struct {
	ID, Name, Category, Alert, Severity string
	Active                              bool
	Stock, Units7, Units28              int64
	PerDay7, PerDay28, Cover, Revenue   *big.Rat
}

const shownShort, shownUnknown = 25, 10

func newStock(made run) *stockSection { return &stockSection{note: noteOf(made)} }

func (s *stockSection) add(r record) {
	active, _ := r["is_active"].(bool)
	a := stockAlert{
		ID: r.text("product_id"), Name: r.text("product_name"), Category: r.text("category"),
		Alert: r.text("alert"), Severity: r.text("severity"), Active: active, Stock: r.whole("stock_level"),
		Units7: r.whole("units_7d"), Units28: r.whole("units_28d"),
		PerDay7: r.number("units_per_day_7d"), PerDay28: r.number("units_per_day_28d"),
		Cover: r.number("days_of_cover"), Revenue: r.number("revenue_28d"),
	}
	if a.Alert == "unknown_product" {
		s.UnknownCount++
		if len(s.Unknown) < shownUnknown {
			s.Unknown = append(s.Unknown, a)
		}
		return
	}
	switch {
	case a.Alert == "out_of_stock":
		s.OutOfStock++
	case a.Severity == "critical":
		s.Critical++
	default:
		s.Warning++
	}
	if len(s.Short) < shownShort {
		s.Short = append(s.Short, a)
	}
}

func (s *stockSection) finish() {
	s.MoreShort = more(len(s.Short), int64(s.OutOfStock+s.Critical+s.Warning))
	s.MoreUnknown = more(len(s.Unknown), int64(s.UnknownCount))
}

package daily

import (
	"math/big"

	"cloud.google.com/go/civil"
)

// stockSection shows the products that run short, and those that nobody knows.
type stockSection struct {
	note
	OutOfStock, Critical, Warning int // products of the catalog, by what is wrong
	UnknownCount                  int
	Short                         []stockAlert
	Unknown                       []stockAlert
	MoreShort, MoreUnknown        string
	AtRisk                        *big.Rat // of all products of the catalog
}

type stockAlert struct {
	ID, Name, Category, Alert, Severity string
	Active                              bool
	Units7, Units28, Left               int64
	Out                                 civil.Date
	Demand, Ahead                       *big.Rat // units per day of the past, and to come
	Cover, Revenue, AtRisk              *big.Rat
}

const shownShort, shownUnknown = 25, 10

func newStock(made run) *stockSection { return &stockSection{note: noteOf(made), AtRisk: new(big.Rat)} }

func (s *stockSection) add(r record) {
	active, _ := r["is_active"].(bool)
	a := stockAlert{
		ID: r.text("product_id"), Name: r.text("product_name"), Category: r.text("category"),
		Alert: r.text("alert"), Severity: r.text("severity"), Active: active,
		Units7: r.whole("units_7d"), Units28: r.whole("units_28d"),
		Left: r.whole("stock_left"), Demand: r.number("demand_per_day"), Out: r.date("stock_out_date"),
		Cover: r.number("days_of_cover"), Revenue: r.number("revenue_28d"), AtRisk: r.number("revenue_at_risk"),
	}
	if a.Alert == "unknown_product" {
		s.UnknownCount++
		if len(s.Unknown) < shownUnknown {
			s.Unknown = append(s.Unknown, a)
		}
		return
	}
	a.Ahead = a.Demand
	if r["forecast_per_day"] != nil {
		a.Ahead = r.number("forecast_per_day")
	}
	s.AtRisk.Add(s.AtRisk, a.AtRisk)
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

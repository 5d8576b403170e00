package daily

import (
	"math/big"
	"strings"

	"cloud.google.com/go/civil"
)

// forecastSection shows the four weeks to come: the days of all categories, and what each
// series will come to in sum.
type forecastSection struct {
	note
	Model   string // of all categories; empty: not known
	Instead string // why it is not the model that was wanted, for some series or all; empty: it is
	Days    []forecastDay
	Series  []*forecastSum // all categories first
	More    string

	rows int64 // so far
}

// forecastDay is a day of all categories.
type forecastDay struct {
	Day                               civil.Date
	Orders, Units, Revenue, Low, High *big.Rat
}

// forecastSum is a series in sum. The bounds of its days are those of single days, and are not
// summed up: days that miss in different directions make up for each other.
type forecastSum struct {
	Name                   string
	Orders, Units, Revenue *big.Rat
	WAPE, Naive            *big.Rat // of revenue; nil: the past is too short
}

const shownForecasts = 13 // all of them, and a dozen categories

func newForecast(made run) *forecastSection {
	_, instead, _ := strings.Cut(made.Parameters, insteadOf)
	return &forecastSection{note: noteOf(made), Instead: instead}
}

// ByTimesFM tells whether BigQuery's model has made it.
func (s *forecastSection) ByTimesFM() bool { return s.Model == modelTimesFM }

func (s *forecastSection) add(r record) {
	name := r.text("category")
	if name == "" {
		name, s.Model = "All categories", r.text("model")
		s.Days = append(s.Days, forecastDay{
			r.date("forecast_date"), r.number("orders"), r.number("units"), r.number("revenue"), r.number("revenue_low"), r.number("revenue_high"),
		})
	}
	if s.rows++; (s.rows-1)/forecastDays >= shownForecasts {
		return
	}
	if (s.rows-1)%forecastDays == 0 {
		s.Series = append(s.Series, &forecastSum{
			name, new(big.Rat), new(big.Rat), new(big.Rat), r.number("revenue_wape"), r.number("revenue_naive_wape"),
		})
	}
	sum := s.Series[len(s.Series)-1]
	sum.Orders.Add(sum.Orders, r.number("orders"))
	sum.Units.Add(sum.Units, r.number("units"))
	sum.Revenue.Add(sum.Revenue, r.number("revenue"))
}

func (s *forecastSection) finish() { s.More = more(len(s.Series), s.Rows/forecastDays) }

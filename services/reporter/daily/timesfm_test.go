package daily

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
)

var lastDay = civil.Date{Year: 2026, Month: 11, Day: 30}

// soldDays are a category's days, the last of which is lastDay: each sells ten units of five orders.
func soldDays(category string, days int) (sold []soldDay) {
	for i := range days {
		sold = append(sold, soldDay{category, lastDay.AddDays(i - days + 1), 5, 10, big.NewRat(2050, 100)})
	}
	return sold
}

// answersTo are what BigQuery says of a category: of each day to come 8 orders, 8 units and 8.125, from each end of which four weeks are known.
func answersTo(category string, days int) (rows []timesFMAnswer) {
	number := func(v float64) bigquery.NullFloat64 { return bigquery.NullFloat64{Float64: v, Valid: true} }
	for back := 0; back <= 84 && days-back >= 28; back += 28 {
		for _, measure := range []string{"orders", "revenue", "units"} {
			for h := range 28 {
				value := 8.0
				if measure == "revenue" {
					value = 8.125
				}
				rows = append(rows, timesFMAnswer{category, measure, int64(back), lastDay.AddDays(h + 1 - back), number(value), number(-1.5), number(value + 1), bigquery.NullString{Valid: true}})
			}
		}
	}
	return rows
}

func TestForecastByTimesFM(t *testing.T) {
	t.Parallel()
	all, err := newOutlook(slices.Concat(soldDays("", 140), soldDays("Books", 60), soldDays("New", 27)), lastDay, newTimesFM(slices.Concat(answersTo("", 140), answersTo("Books", 60))))
	if err != nil {
		t.Fatal(err)
	}
	if len(all.rows) != 56 || all.instead != "" || all.String() != "MODEL=TimesFM 2.0" {
		t.Fatalf("%d rows, %v", len(all.rows), all)
	}
	for i, r := range all.rows {
		category, history := "", int64(140)
		if i >= 28 {
			category, history = "Books", 60
		}
		got := fmt.Sprint(r.Position, r.Category, r.ForecastDate, r.HistoryDays, r.Model, r.Orders.FloatString(2), r.OrdersLow.FloatString(2), r.OrdersHigh.FloatString(2), r.Revenue.FloatString(9),
			r.OrdersWAPE.FloatString(4), r.UnitsWAPE.FloatString(4), r.RevenueWAPE.FloatString(4), r.OrdersNaive.FloatString(4))
		// 5 came where 8 were expected, 10 where 8 were, 20.5 where 8.125 were; every week is like the last.
		want := fmt.Sprint(int64(i+1), category, lastDay.AddDays(i%28+1), history, "TimesFM 2.0", "8.00", "0.00", "9.00", "8.120000000", "0.6000", "0.2000", "0.6037", "0.0000")
		if got != want {
			t.Errorf("row %d is %s, want %s", i, got, want)
		}
	}
}

// TestForecastWithoutTimesFM: where BigQuery does not answer as it should, the series is smoothed, and the report says why.
func TestForecastWithoutTimesFM(t *testing.T) {
	t.Parallel()
	damaged := func(damage func(r *timesFMAnswer)) *timesFM {
		rows := answersTo("Books", 60)
		damage(&rows[40])
		return newTimesFM(slices.Concat(answersTo("", 140), rows))
	}
	for name, test := range map[string]struct {
		said *timesFM
		rows int // of ETS
		why  string
	}{
		"refused":            {&timesFM{refused: errors.New("Access\n denied:  " + strings.Repeat("x", 400))}, 56, "Access denied: " + strings.Repeat("x", 285) + "…"},
		"nothing":            {newTimesFM(nil), 56, `TimesFM of orders of "": nothing for 2026-12-01`},
		"a status":           {damaged(func(r *timesFMAnswer) { r.Status.StringVal = "The time series data is too short." }), 28, `TimesFM of revenue of "Books": The time series data is too short.`},
		"no value":           {damaged(func(r *timesFMAnswer) { r.Value.Valid = false }), 28, `TimesFM of revenue of "Books": no number for 2026-12-13`},
		"not a number":       {damaged(func(r *timesFMAnswer) { r.High.Float64 = math.NaN() }), 28, `TimesFM of revenue of "Books": no number for 2026-12-13`},
		"an infinite number": {damaged(func(r *timesFMAnswer) { r.Low.Float64 = math.Inf(-1) }), 28, `TimesFM of revenue of "Books": no number for 2026-12-13`},
		"another day":        {damaged(func(r *timesFMAnswer) { r.Day = r.Day.AddDays(400) }), 28, `TimesFM of revenue of "Books": unexpected day 2028-01-17`},
		"a day twice":        {damaged(func(r *timesFMAnswer) { r.Day = r.Day.AddDays(-1) }), 28, `TimesFM of revenue of "Books": unexpected day 2026-12-12`},
		"a day too few":      {damaged(func(r *timesFMAnswer) { r.Measure = "visitors" }), 28, `TimesFM of revenue of "Books": nothing for 2026-12-13`},
		"an end too few":     {newTimesFM(slices.Concat(answersTo("", 140), answersTo("Books", 55))), 28, `TimesFM of orders of "Books": nothing for 2026-11-03`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			days := slices.Concat(soldDays("", 140), soldDays("Books", 60))
			all, err := newOutlook(days, lastDay, test.said)
			if err != nil {
				t.Fatal(err)
			}
			smoothed, err := newOutlook(days, lastDay, nil)
			if err != nil || smoothed.instead != "" {
				t.Fatalf("%v, %v", smoothed, err)
			}
			n := 0
			for i, r := range all.rows {
				if r.Model == modelETS {
					n++
					if r.Revenue.Cmp(smoothed.rows[i].Revenue) != 0 {
						t.Errorf("row %d: %s, by ETS alone %s", i, r.Revenue.FloatString(2), smoothed.rows[i].Revenue.FloatString(2))
					}
				}
			}
			if len(all.rows) != 56 || n != test.rows || all.instead != test.why || all.String() != "MODEL=TimesFM 2.0 INSTEAD="+test.why {
				t.Errorf("%d rows, %d by ETS, %v", len(all.rows), n, all)
			}
		})
	}
}

func TestForecastModel(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]string{"ets": "", "timesfm": "", "TimesFM": `FORECAST_MODEL must be ets or timesfm, is "TimesFM"`, "": `FORECAST_MODEL must be ets or timesfm, is ""`} {
		got := ""
		if err := validForecastModel(model); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", model, got, want)
		}
	}
}

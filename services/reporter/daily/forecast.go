package daily

import (
	"context"
	"fmt"
	"log/slog"
	"math/big"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily/ets"
)

const (
	forecastDays = 28
	// historyDays is how much of the past is looked at: half a year, in which weekdays show.
	historyDays = 182
	// origins is from how many earlier ends the past is forecast, to tell how well that goes.
	origins = 3
	// within are the standard deviations of a normal distribution that 80 % lie within.
	within = 1.2816
)

// soldDay is what a series of the forecast came to on a day.
type soldDay struct {
	Category string     `bigquery:"category"` // "": all of them
	Day      civil.Date `bigquery:"day"`
	Orders   int64      `bigquery:"orders"`
	Units    int64      `bigquery:"units"`
	Revenue  *big.Rat   `bigquery:"revenue"`
}

// forecastRow is a row of the report, as the insert takes it. A WAPE of -1 is none.
type forecastRow struct {
	Position     int64      `bigquery:"position"`
	Category     string     `bigquery:"category"`
	ForecastDate civil.Date `bigquery:"forecast_date"`
	HistoryDays  int64      `bigquery:"history_days"`
	Orders       *big.Rat   `bigquery:"orders"`
	OrdersLow    *big.Rat   `bigquery:"orders_low"`
	OrdersHigh   *big.Rat   `bigquery:"orders_high"`
	Units        *big.Rat   `bigquery:"units"`
	UnitsLow     *big.Rat   `bigquery:"units_low"`
	UnitsHigh    *big.Rat   `bigquery:"units_high"`
	Revenue      *big.Rat   `bigquery:"revenue"`
	RevenueLow   *big.Rat   `bigquery:"revenue_low"`
	RevenueHigh  *big.Rat   `bigquery:"revenue_high"`
	OrdersWAPE   *big.Rat   `bigquery:"orders_wape"`
	OrdersNaive  *big.Rat   `bigquery:"orders_naive_wape"`
	UnitsWAPE    *big.Rat   `bigquery:"units_wape"`
	UnitsNaive   *big.Rat   `bigquery:"units_naive_wape"`
	RevenueWAPE  *big.Rat   `bigquery:"revenue_wape"`
	RevenueNaive *big.Rat   `bigquery:"revenue_naive_wape"`
	Model        string     `bigquery:"model"`
}

// modelETS is how rows name the model of package ets.
const modelETS = "ETS(A,Ad,A)"

// outlook is the forecast of all series.
type outlook struct {
	rows  []forecastRow
	model string // that was wanted
	// instead says why another model has made some rows, or all; empty: none.
	instead string
}

// Params implements learned.
func (o outlook) Params() map[string]any { return map[string]any{"forecast": o.rows} }

// insteadOf stands before the reason in report_runs.parameters, last of all.
const insteadOf = " INSTEAD="

func (o outlook) String() string {
	if o.instead != "" {
		return "MODEL=" + o.model + insteadOf + o.instead
	}
	return "MODEL=" + o.model
}

// learnForecast reads the days of the past and forecasts those to come. A day that is not over
// is no day of the past yet.
func learnForecast(ctx context.Context, t *tables, date civil.Date, through time.Time) (learned, error) {
	last := date
	if through.Before(t.config.TimeZone.End(date)) {
		last = date.AddDays(-1)
	}
	first := last.AddDays(1 - historyDays)
	params := warehouse.Params{
		"from_date": first, "to_date": last, "max_series": int64(t.config.TrendMaxSeries), "time_zone": t.config.TimeZone.String(),
		"from_time": t.config.TimeZone.Start(first), "to_time": t.config.TimeZone.End(last),
	}
	var days []soldDay
	err := t.persist(ctx, func(ctx context.Context) (err error) {
		days, err = warehouse.All[soldDay](ctx, t.client, "reports/learn_forecast", params)
		return err
	})
	if err != nil {
		return nil, err
	}
	if t.config.ForecastModel != forecastTimesFM {
		return newOutlook(days, last, nil)
	}
	said, refused := t.askTimesFM(ctx, params)
	if refused != nil {
		if ctx.Err() != nil {
			return nil, refused
		}
		slog.WarnContext(ctx, "TimesFM makes no forecast, ETS does", "error", refused)
		said = &timesFM{refused: refused}
	}
	return newOutlook(days, last, said)
}

// newOutlook forecasts each series of days, given series by series, from the day after last: by what TimesFM has said, or, where
// that is nothing, by ETS; without said by ETS alone. A series that is too short has no forecast.
func newOutlook(days []soldDay, last civil.Date, said *timesFM) (outlook, error) {
	all := outlook{rows: []forecastRow{}, model: modelETS}
	if said != nil {
		all.model = modelTimesFM
	}
	for len(days) > 0 {
		n := 1
		for n < len(days) && days[n].Category == days[0].Category {
			n++
		}
		series := newSeries(days[:n], last)
		var rows []forecastRow
		var err error
		if said != nil {
			if rows, err = series.forecast(modelTimesFM, said.of(series)); err != nil && all.instead == "" {
				all.instead = reason(err)
			}
		}
		if said == nil || err != nil {
			rows, err = series.forecast(modelETS, func(string) ets.Forecaster { return smooth })
		}
		if err != nil {
			return outlook{}, fmt.Errorf("forecast category %q: %w", days[0].Category, err)
		}
		for _, r := range rows {
			r.Position = int64(len(all.rows) + 1)
			all.rows = append(all.rows, r)
		}
		days = days[n:]
	}
	return all, nil
}

// smooth forecasts days by exponential smoothing of the usual ones.
func smooth(known []float64, steps int) ([]ets.Step, error) {
	model, err := ets.FitUsual(known, 7)
	return model.Forecast(steps, within), err
}

// reason is an error as report_runs keeps it: one line, not too long.
func reason(err error) string {
	text := []rune(strings.Join(strings.Fields(err.Error()), " "))
	if len(text) > maxReason {
		return string(text[:maxReason]) + "…"
	}
	return string(text)
}

const maxReason = 300

// series are the measures of a category's days, oldest first; a day between them that is not among them sold nothing.
type series struct {
	category               string
	last                   civil.Date
	orders, units, revenue []float64
}

func newSeries(days []soldDay, last civil.Date) series {
	length := last.DaysSince(days[0].Day) + 1
	s := series{days[0].Category, last, make([]float64, length), make([]float64, length), make([]float64, length)}
	for _, d := range days {
		i := d.Day.DaysSince(days[0].Day)
		s.orders[i], s.units[i] = float64(d.Orders), float64(d.Units)
		s.revenue[i], _ = d.Revenue.Float64() // an estimate begins here: see package ets
	}
	return s
}

// forecast makes the series' rows by what a model says of each measure; none if the series is too short.
func (s series) forecast(model string, of func(measure string) ets.Forecaster) ([]forecastRow, error) {
	length := len(s.orders)
	if length < ets.MinSeasons*7 {
		return nil, nil
	}
	rows := make([]forecastRow, forecastDays)
	for i := range rows {
		rows[i] = forecastRow{Category: s.category, ForecastDate: s.last.AddDays(i + 1), HistoryDays: int64(length), Model: model}
	}
	for _, measure := range []struct {
		name   string
		values []float64
		set    func(r *forecastRow, mean, low, high, wape, naive *big.Rat)
	}{
		{"orders", s.orders, func(r *forecastRow, mean, low, high, wape, naive *big.Rat) {
			r.Orders, r.OrdersLow, r.OrdersHigh, r.OrdersWAPE, r.OrdersNaive = mean, low, high, wape, naive
		}},
		{"units", s.units, func(r *forecastRow, mean, low, high, wape, naive *big.Rat) {
			r.Units, r.UnitsLow, r.UnitsHigh, r.UnitsWAPE, r.UnitsNaive = mean, low, high, wape, naive
		}},
		{"revenue", s.revenue, func(r *forecastRow, mean, low, high, wape, naive *big.Rat) {
			r.Revenue, r.RevenueLow, r.RevenueHigh, r.RevenueWAPE, r.RevenueNaive = mean, low, high, wape, naive
		}},
	} {
		forecast := of(measure.name)
		ahead, err := forecast(measure.values, forecastDays)
		if err != nil {
			return nil, err
		}
		past, err := ets.Test(forecast, measure.values, 7, forecastDays, origins)
		if err != nil {
			return nil, err
		}
		wape, naive := big.NewRat(-1, 1), big.NewRat(-1, 1)
		if past.Origins > 0 {
			wape, naive = stated(past.Model, 4), stated(past.Naive, 4)
		}
		for h, f := range ahead {
			measure.set(&rows[h], stated(f.Mean, 2), stated(f.Low, 2), stated(f.High, 2), wape, naive)
		}
	}
	return rows, nil
}

// stated is an estimate as the report states it: a decimal of so many places, and no less than nothing. Here floats end.
func stated(v float64, places int) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(min(max(0, v), maxStated), 'f', places, 64))
	if !ok { // not a number
		return new(big.Rat)
	}
	return r
}

// maxStated is what NUMERIC holds.
const maxStated = 1e28

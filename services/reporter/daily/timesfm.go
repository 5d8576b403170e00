package daily

import (
	"context"
	"fmt"
	"math"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily/ets"
)

// Values of FORECAST_MODEL.
const (
	forecastETS     = "ets"
	forecastTimesFM = "timesfm"
)

// modelTimesFM is how rows name BigQuery's model, as learn_forecast_timesfm does.
const modelTimesFM = "TimesFM 2.0"

// timesFMAnswer is a day to come of one measure of one series, as BigQuery says it.
type timesFMAnswer struct {
	Category string               `bigquery:"category"`
	Measure  string               `bigquery:"measure"`
	DaysBack int64                `bigquery:"days_back"` // of the end of what was known, from the last day
	Day      civil.Date           `bigquery:"day"`
	Value    bigquery.NullFloat64 `bigquery:"value"`
	Low      bigquery.NullFloat64 `bigquery:"low"`
	High     bigquery.NullFloat64 `bigquery:"high"`
	Status   bigquery.NullString  `bigquery:"status"`
}

// timesFM is what BigQuery's model has said of all series.
type timesFM struct {
	answers map[timesFMKey][]timesFMAnswer
	refused error // why it says nothing at all
}

type timesFMKey struct {
	category, measure string
	daysBack          int64
}

// askTimesFM asks BigQuery for the forecasts, within half of the time that is left: the other half is for ETS.
func (t *tables) askTimesFM(ctx context.Context, params warehouse.Params) (*timesFM, error) {
	if end, bounded := ctx.Deadline(); bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(end)/2)
		defer cancel()
	}
	var rows []timesFMAnswer
	err := t.persist(ctx, func(ctx context.Context) (err error) {
		rows, err = warehouse.All[timesFMAnswer](ctx, t.client, "reports/learn_forecast_timesfm", params)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newTimesFM(rows), nil
}

func newTimesFM(rows []timesFMAnswer) *timesFM {
	said := &timesFM{answers: make(map[timesFMKey][]timesFMAnswer)}
	for _, r := range rows {
		key := timesFMKey{r.Category, r.Measure, r.DaysBack}
		said.answers[key] = append(said.answers[key], r)
	}
	return said
}

// of gives what was said of a series, by measure.
func (t *timesFM) of(s series) func(measure string) ets.Forecaster {
	return func(measure string) ets.Forecaster {
		return func(known []float64, steps int) ([]ets.Step, error) {
			back := len(s.orders) - len(known)
			return t.steps(timesFMKey{s.category, measure, int64(back)}, s.last.AddDays(-back), steps)
		}
	}
}

// steps are the days after end, each of which must have been answered.
func (t *timesFM) steps(key timesFMKey, end civil.Date, steps int) ([]ets.Step, error) {
	if t.refused != nil {
		return nil, t.refused
	}
	out, said := make([]ets.Step, steps), make([]bool, steps)
	for _, a := range t.answers[key] {
		if a.Status.StringVal != "" {
			return nil, fmt.Errorf("TimesFM of %s of %q: %s", key.measure, key.category, a.Status.StringVal)
		}
		h := a.Day.DaysSince(end) - 1
		if h < 0 || h >= steps || said[h] {
			return nil, fmt.Errorf("TimesFM of %s of %q: unexpected day %s", key.measure, key.category, a.Day)
		}
		for _, v := range []bigquery.NullFloat64{a.Value, a.Low, a.High} {
			if !v.Valid || math.IsNaN(v.Float64) || math.IsInf(v.Float64, 0) {
				return nil, fmt.Errorf("TimesFM of %s of %q: no number for %s", key.measure, key.category, a.Day)
			}
		}
		out[h], said[h] = ets.Step{Mean: a.Value.Float64, Low: a.Low.Float64, High: a.High.Float64}, true
	}
	for h, ok := range said {
		if !ok {
			return nil, fmt.Errorf("TimesFM of %s of %q: nothing for %s", key.measure, key.category, end.AddDays(h+1))
		}
	}
	return out, nil
}

// validForecastModel refuses what is no model.
func validForecastModel(model string) error {
	if model == forecastETS || model == forecastTimesFM {
		return nil
	}
	return fmt.Errorf("FORECAST_MODEL must be %s or %s, is %q", forecastETS, forecastTimesFM, model)
}

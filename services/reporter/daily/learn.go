package daily

import (
	"context"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily/rhythm"
)

// rhythmSample is how many customers the model of their rhythm is fitted to: their histories
// take a megabyte, the fit a second, and more would change no second digit of the model.
const rhythmSample = 5_000

// learnRhythm fits the churn report's model.
func learnRhythm(ctx context.Context, t *tables, date civil.Date, _ time.Time) (learned, error) {
	var sample []rhythm.Customers
	err := t.persist(ctx, func(ctx context.Context) (err error) {
		sample, err = warehouse.All[rhythm.Customers](ctx, t.client, "reports/learn_churn_risk", warehouse.Params{
			"report_date": date, "sample_size": int64(rhythmSample),
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return rhythm.Fit(sample, t.config.ChurnAfterDays)
}

// factDays are the days of the facts that a report reads, by the name of the parameter.
type factDays struct {
	param string
	days  []int32 // since 1970-01-01
}

// Params implements learned.
func (f factDays) Params() map[string]any { return map[string]any{f.param: f.days} }

// String tells nothing: which days are read changes nothing that the report says.
func (f factDays) String() string { return "" }

// learnDays asks of which days a report must read the facts.
func learnDays(statement, param string) func(context.Context, *tables, civil.Date, time.Time) (learned, error) {
	return func(ctx context.Context, t *tables, date civil.Date, _ time.Time) (learned, error) {
		days, err := t.days(ctx, statement, warehouse.Params{"report_date": date, "max_series": int64(t.config.TrendMaxSeries)})
		return factDays{param, days}, err
	}
}

// days asks for days, since 1970-01-01. It is asked before a report's transaction, because BigQuery prunes
// partitions by literals alone.
func (t *tables) days(ctx context.Context, statement string, params warehouse.Params) (days []int32, err error) {
	err = t.persist(ctx, func(ctx context.Context) error {
		rows, err := warehouse.All[struct {
			Day civil.Date `bigquery:"day"`
		}](ctx, t.client, statement, params)
		days = make([]int32, len(rows))
		for i, row := range rows {
			days[i] = epoch.Day(row.Day.In(time.UTC))
		}
		return err
	})
	return days, err
}

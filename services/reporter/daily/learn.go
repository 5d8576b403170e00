package daily

import (
	"context"
	"time"

	"cloud.google.com/go/civil"

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

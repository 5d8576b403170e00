package watch

import (
	"context"
	"log/slog"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/notify"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/reports"
)

// Troubles asks the warehouse what the webhook is to be told of.
type Troubles struct {
	Source   query.Source
	Zone     calendar.Zone // the shop's
	Notifier *notify.Notifier
	Interval time.Duration
	Timeout  time.Duration // of a look
	Now      func() time.Time
	Log      *slog.Logger
}

// Run looks at once, and then every Interval until ctx is done.
func (t *Troubles) Run(ctx context.Context) {
	every(ctx, t.Interval, func() bool {
		if err := t.look(ctx); err != nil && ctx.Err() == nil {
			t.Log.WarnContext(ctx, "trouble not known", "error", err)
		}
		return true
	})
}

func (t *Troubles) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.Timeout)
	defer cancel()
	now := t.Now()
	today := t.Zone.Date(now)
	midnight := t.Zone.Start(today)
	result, err := t.Source.Query(ctx, "notify/state", query.Params{
		"letters_from": civil.DateOf(now.Add(-topology.DeadLetterRetention).UTC()), "today_from": midnight,
		"reports_from": today.AddDays(-reports.MaxDates), "reports_to": today,
	})
	if err != nil || len(result.Rows) != 1 {
		return err
	}
	row := result.Rows[0]
	t.Notifier.Look(notify.State{
		DeadLetters: result.Number(row, "open_letters"), QualityErrors: result.Number(row, "quality_errors"),
		Today: midnight, ReportsThrough: result.Timestamp(row, "reports_through"),
	})
	return nil
}

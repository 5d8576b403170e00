package reporting

import (
	"context"
	"log/slog"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/notify"
)

// troubles asks the warehouse what the webhook is to be told of.
type troubles struct {
	source   Source
	zone     calendar.Zone
	notifier *notify.Notifier
	interval time.Duration
	timeout  time.Duration
	now      func() time.Time
	log      *slog.Logger
}

// run looks at once, and then every interval until ctx is done.
func (t *troubles) run(ctx context.Context) {
	ticks := time.NewTicker(t.interval)
	defer ticks.Stop()
	for {
		if err := t.look(ctx); err != nil && ctx.Err() == nil {
			t.log.WarnContext(ctx, "trouble not known", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

func (t *troubles) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	now := t.now()
	today := t.zone.Date(now)
	midnight := t.zone.Start(today)
	result, err := t.source.Query(ctx, "notify/state", Params{
		"letters_from": civil.DateOf(now.Add(-topology.DeadLetterRetention).UTC()), "today_from": midnight,
		"reports_from": today.AddDays(-maxDates), "reports_to": today,
	})
	if err != nil || len(result.Rows) != 1 {
		return err
	}
	row := result.Rows[0]
	t.notifier.Look(notify.State{
		DeadLetters: result.number(row, "open_letters"), QualityErrors: result.number(row, "quality_errors"),
		Today: midnight, ReportsThrough: result.timestamp(row, "reports_through"),
	})
	return nil
}

package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
)

// reportPoll is how often the schedule looks at the clock and for first data. It
// does not sleep until midnight in one go: a laptop's timer stands still while its
// lid is closed.
const reportPoll = time.Second

// reportSchedule makes the daily reports: at the start those of yesterday, if they
// are missing, and of today so far, as soon as there is data; then those of each day
// when it is over.
type reportSchedule struct {
	// made tells whether a date has its final reports.
	made func(context.Context, civil.Date) (bool, error)
	make func(context.Context, civil.Date) error
	// ready tells whether there is data worth a report.
	ready func(context.Context) (bool, error)
	now   func() time.Time
	zone  calendar.Zone // the shop's
	// tick is heard about once in reportPoll.
	tick <-chan time.Time
	log  *slog.Logger
}

// run follows the clock until ctx is done. A failure is logged, and tried again with
// the next day: until then a person can run "reporter daily".
func (s *reportSchedule) run(ctx context.Context) {
	if !s.awaitData(ctx) {
		return
	}
	today := s.zone.Date(s.now())
	if made, err := s.made(ctx, today.AddDays(-1)); err != nil {
		s.failed(ctx, today.AddDays(-1), err)
	} else if !made {
		s.makeFor(ctx, today.AddDays(-1))
	}
	s.makeFor(ctx, today) // so far: a new sandbox has all its files today
	for {
		select {
		case now := <-s.tick:
			for ; today.Before(s.zone.Date(now)) && ctx.Err() == nil; today = today.AddDays(1) {
				s.makeFor(ctx, today)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (s *reportSchedule) makeFor(ctx context.Context, date civil.Date) {
	if err := s.make(ctx, date); err != nil {
		s.failed(ctx, date, err)
	}
}

func (s *reportSchedule) failed(ctx context.Context, date civil.Date, err error) {
	if ctx.Err() == nil {
		s.log.ErrorContext(ctx, "daily reports not made", "report_date", date.String(), "error", err)
	}
}

// awaitData returns when there is data, or false when ctx is done.
func (s *reportSchedule) awaitData(ctx context.Context) bool {
	for {
		ready, err := s.ready(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "not known whether there is data for reports", "error", err)
		}
		if ready {
			return true
		}
		select {
		case <-s.tick:
		case <-ctx.Done():
			return false
		}
	}
}

// scheduleReports runs what in production is a CronJob that calls "reporter daily".
func (s *Stack) scheduleReports(ctx context.Context, endpoints cloud.Config) error {
	set, err := readSettings(s.config.Variables, endpoints)
	if err != nil {
		return err
	}
	runner, err := daily.New(context.WithoutCancel(ctx), set.daily, time.Now)
	if err != nil {
		return fmt.Errorf("start the daily reports: %w", err)
	}
	client, err := endpoints.NewBigQuery(context.WithoutCancel(ctx))
	if err != nil {
		return errors.Join(err, runner.Close())
	}
	asking := &warehouse.Client{BigQuery: client, Dataset: endpoints.Dataset, Service: "sandbox", Task: "daily"}
	log := s.log.With("service", "reporter", "task", "daily")
	s.tasks.Go(func() {
		ticks := time.NewTicker(reportPoll)
		defer ticks.Stop()
		schedule := &reportSchedule{
			made: runner.Complete,
			make: func(ctx context.Context, date civil.Date) error {
				return runner.Make(ctx, date, func(s daily.Step) { daily.Log(log, s) })
			},
			ready: func(ctx context.Context) (bool, error) { return loadedFirst(ctx, asking) },
			now:   time.Now, zone: set.daily.TimeZone, tick: ticks.C, log: log,
		}
		if err := s.awaitSamples(ctx, asking); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "not known whether the sample files are loaded", "error", err)
		}
		schedule.run(ctx)
		if err := errors.Join(asking.Close(), runner.Close()); err != nil {
			log.WarnContext(ctx, "clients of the daily reports not closed", "error", err)
		}
	})
	return nil
}

// awaitSamples returns when the history of a new sandbox is loaded, so that no report is made of a part of it.
func (s *Stack) awaitSamples(ctx context.Context, ledger *warehouse.Client) error {
	if !s.config.Generate {
		return nil
	}
	select {
	case ids := <-s.samples:
		return upload.Await(ctx, ledger, ids, func(upload.Outcome) {})
	case <-ctx.Done():
		return ctx.Err()
	}
}

// loadedFirst tells whether orders and both catalogs are in the warehouse.
func loadedFirst(ctx context.Context, client *warehouse.Client) (bool, error) {
	row, _, err := warehouse.First[struct{ Kinds int64 }](ctx, client, "check/loaded_kinds", nil)
	if err != nil {
		return false, fmt.Errorf("look for loaded files: %w", err)
	}
	return row.Kinds == 3, nil
}

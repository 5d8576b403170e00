package stack

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
)

// TestReportSchedule lets three days pass on a clock of its own.
func TestReportSchedule(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var (
		start = time.Date(2026, 11, 25, 19, 0, 0, 0, time.UTC)
		looks int
		tick  = make(chan time.Time)
		dates = make(chan string)
	)
	s := &reportSchedule{
		made: func(context.Context, civil.Date) (bool, error) { return false, nil },
		make: func(_ context.Context, date civil.Date) error {
			dates <- date.String()
			return errors.New("a failure must not end the schedule")
		},
		ready: func(context.Context) (bool, error) {
			looks++
			return looks > 1, errors.New("nor must this")
		},
		now:  func() time.Time { return start },
		tick: tick, log: slog.New(slog.DiscardHandler),
	}
	var running sync.WaitGroup
	running.Go(func() { s.run(ctx) })
	tick <- start // the first look found nothing
	got := []string{<-dates, <-dates}
	tick <- start.Add(4*time.Hour + 59*time.Minute) // a minute before midnight
	tick <- start.Add(5 * time.Hour)
	got = append(got, <-dates)
	tick <- start.Add(61 * time.Hour) // the lid was closed
	got = append(got, <-dates, <-dates)
	cancel()
	running.Wait()
	want := []string{"2026-11-24", "2026-11-25", "2026-11-25", "2026-11-26", "2026-11-27"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dates made (-want +got):\n%s", diff)
	}
}

// TestReportScheduleAfterRestart does not make yesterday's reports again.
func TestReportScheduleAfterRestart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var got []string
	s := &reportSchedule{
		made: func(_ context.Context, date civil.Date) (bool, error) { return date.Day == 24, nil },
		make: func(_ context.Context, date civil.Date) error {
			got = append(got, date.String())
			cancel()
			return nil
		},
		ready: func(context.Context) (bool, error) { return true, nil },
		now:   func() time.Time { return time.Date(2026, 11, 25, 19, 0, 0, 0, time.UTC) },
		log:   slog.New(slog.DiscardHandler),
	}
	s.run(ctx)
	if diff := cmp.Diff([]string{"2026-11-25"}, got); diff != "" {
		t.Errorf("dates made (-want +got):\n%s", diff)
	}
}

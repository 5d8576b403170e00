package daily

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/notify"
)

const usage = `reporter daily [-date DATES]

Makes the daily reports of one or more dates (days of TIME_ZONE) in the warehouse and in the
bucket's reports/ folder. A date may be made again at any time: its reports are
replaced. The exit code is 1 if a report could not be made, 2 for wrong arguments.

DATES are dates and ranges with commas: 2026-11-24 or 2026-11-01..2026-11-07,2026-11-24

`

// maxDates bounds what one run is asked for by mistake: a year of reports is
// minutes, a typing error in the year would be days.
const maxDates = 400

// Main runs the command with its arguments and returns the process's exit code.
func Main(args []string) int {
	var cfg Config
	flags := flag.NewFlagSet("reporter daily", flag.ContinueOnError)
	dates := flags.String("date", "yesterday", "the `DATES` to make; today is made as far as it has come")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
		fmt.Fprintln(flags.Output())
		_ = config.Usage(flags.Output(), "reporter daily", &cfg)
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	err := config.Load(&cfg)
	wanted, wrong := parseDates(*dates, cfg.TimeZone, time.Now())
	err = errors.Join(wrong, err)
	if flags.NArg() > 0 {
		err = errors.Join(err, fmt.Errorf("unexpected argument %q", flags.Arg(0)))
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "reporter daily: wrong arguments or configuration:\n%v\n\nRun it with -h for the table of variables.\n", err)
		return 2
	}
	ctx, stop := service.SignalContext()
	defer stop()
	tell := reporter(os.Stderr, cfg.ProjectID)
	if err := makeAll(ctx, cfg, wanted, tell.step); err != nil {
		tell.failed(err)
		return 1
	}
	return 0
}

func makeAll(ctx context.Context, cfg Config, dates []civil.Date, done func(Step)) error {
	runner, err := New(ctx, cfg, time.Now)
	if err != nil {
		return err
	}
	var faults []error
	for _, date := range dates {
		if ctx.Err() != nil {
			faults = append(faults, fmt.Errorf("reports of %s: %w", date, ctx.Err()))
			break
		}
		faults = append(faults, runner.Make(ctx, date, done))
	}
	return errors.Join(append(faults, runner.Close())...)
}

// parseDates reads dates and ranges with commas; each date once, in their order.
func parseDates(text string, zone calendar.Zone, now time.Time) ([]civil.Date, error) {
	today := zone.Date(now)
	words := map[string]civil.Date{"today": today, "yesterday": today.AddDays(-1)}
	read := func(word string) (civil.Date, error) {
		if date, ok := words[word]; ok {
			return date, nil
		}
		date, err := civil.ParseDate(word)
		switch {
		case err != nil:
			return date, fmt.Errorf("-date: %q is no date such as 2026-11-24", word)
		case date.After(today):
			return date, fmt.Errorf("-date: %s has not begun (it is %s, %s)", date, today, zone)
		}
		return date, nil
	}
	var dates []civil.Date
	seen := make(map[civil.Date]bool)
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "..")
		from, err := read(first)
		if err != nil {
			return nil, err
		}
		to := from
		if isRange {
			if to, err = read(last); err != nil {
				return nil, err
			}
		}
		if to.Before(from) {
			return nil, fmt.Errorf("-date: the range %s ends before it begins", part)
		}
		if to.DaysSince(from)+len(dates) >= maxDates {
			return nil, fmt.Errorf("-date: more than %d dates", maxDates)
		}
		for date := from; !date.After(to); date = date.AddDays(1) {
			if !seen[date] {
				seen[date] = true
				dates = append(dates, date)
			}
		}
	}
	return dates, nil
}

// audience hears of a run.
type audience struct {
	step   func(Step)
	failed func(error)
}

// reporter tells a person in lines, and a machine in log entries.
func reporter(w *os.File, project string) audience {
	if isTerminal(w) {
		return audience{
			step:   func(s Step) { tellLine(w, s) },
			failed: func(err error) { fmt.Fprintf(w, "reporter daily: not all reports were made:\n%v\n", err) },
		}
	}
	log := telemetry.NewLogger(w, project).With("service", "reporter", "task", "daily")
	return audience{
		step:   func(s Step) { Log(log, s) },
		failed: func(err error) { log.Error("not all reports were made", "error", err) },
	}
}

func tellLine(w io.Writer, s Step) {
	outcome := "made"
	switch {
	case s.Err != nil:
		outcome = "FAILED"
	case s.What == notify.Morning:
		outcome = "told"
	case s.What != Files:
		outcome = "made, " + whole(s.Rows) + " rows,"
	}
	fmt.Fprintf(w, "%s  %-17s %s in %s\n", s.Date, s.What, outcome, s.Took.Round(time.Millisecond))
}

// Log logs a step.
func Log(log *slog.Logger, s Step) {
	log = log.With("report_date", s.Date.String(), "report", s.What, "took", s.Took.String())
	if s.Err != nil {
		log.Error("report not made", "error", s.Err)
		return
	}
	if s.What == notify.Morning {
		log.Info("webhook told of the day")
		return
	}
	log.Info("report made", "rows", s.Rows)
}

// isTerminal tells whether a person reads along.
func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

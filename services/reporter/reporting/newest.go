package reporting

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
)

// newestInterval is how often the reporter asks for the newest daily reports. A look is
// billed as 10 MB whatever it reads; an alert of 30 hours needs no finer one.
const newestInterval = 15 * time.Minute

// newestReports exports through when the newest daily reports go: the run that makes
// them is a job of its own, which is gone when somebody could ask it how it went.
type newestReports struct {
	source  Source
	zone    calendar.Zone // the shop's
	gauge   metric.Float64Gauge
	timeout time.Duration
	now     func() time.Time
	log     *slog.Logger
}

// newNewestReports makes the gauge. While no report is known it tells when this process
// began, so that reports that are never made are missed as soon as others.
func newNewestReports(cfg Config, rt service.Runtime, source Source, now func() time.Time) (*newestReports, error) {
	gauge, err := rt.Meter.Float64Gauge("reporter.reports.newest", metric.WithUnit("s"),
		metric.WithDescription("Through when the newest complete set of daily reports goes, in seconds since 1970; the start of the process while none is known"))
	if err != nil {
		return nil, fmt.Errorf("make the gauge of the newest reports: %w", err)
	}
	n := &newestReports{source: source, zone: cfg.TimeZone, gauge: gauge, timeout: cfg.QueryTimeout, now: now, log: rt.Log}
	n.record(context.Background(), now())
	return n, nil
}

func (n *newestReports) record(ctx context.Context, through time.Time) {
	n.gauge.Record(ctx, float64(through.UnixMilli())/1000)
}

// run looks at once, and then every interval until ctx is done.
func (n *newestReports) run(ctx context.Context, interval time.Duration) {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		n.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

func (n *newestReports) look(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	today := n.zone.Date(n.now())
	result, err := n.source.Query(asking, "reports/read_newest_complete", Params{"from_date": today.AddDays(-maxDates), "to_date": today})
	if err != nil {
		if ctx.Err() == nil {
			n.log.WarnContext(ctx, "newest reports not known", "error", err)
		}
		return
	}
	if len(result.Rows) == 1 {
		n.record(ctx, result.timestamp(result.Rows[0], "data_through"))
	}
}

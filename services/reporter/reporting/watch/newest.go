package watch

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/reports"
)

// NewestReports exports through when the newest daily reports go, and what their audit found of the shop's expectations:
// the run that makes them is a job of its own, which is gone when somebody could ask it how it went.
type NewestReports struct {
	source  query.Source
	zone    calendar.Zone // the shop's
	gauge   metric.Float64Gauge
	broken  metric.Int64Gauge // expectations, by severity
	timeout time.Duration
	now     func() time.Time
	log     *slog.Logger
}

// NewNewestReports makes the gauge. While no report is known it tells when this process
// began, so that reports that are never made are missed as soon as others.
func NewNewestReports(rt service.Runtime, source query.Source, zone calendar.Zone, timeout time.Duration, now func() time.Time) (*NewestReports, error) {
	gauge, err := rt.Meter.Float64Gauge("reporter.reports.newest", metric.WithUnit("s"),
		metric.WithDescription("Through when the newest complete set of daily reports goes, in seconds since 1970; the start of the process while none is known"))
	if err != nil {
		return nil, fmt.Errorf("make the gauge of the newest reports: %w", err)
	}
	broken, err := rt.Meter.Int64Gauge("reporter.expectations.broken",
		metric.WithDescription("Expectations that the audit of the newest complete set of daily reports found broken, by severity; 0 while none is known"))
	if err != nil {
		return nil, fmt.Errorf("make the gauge of broken expectations: %w", err)
	}
	n := &NewestReports{source: source, zone: zone, gauge: gauge, broken: broken, timeout: timeout, now: now, log: rt.Log}
	n.record(context.Background(), now())
	n.recordBroken(context.Background(), 0, 0)
	return n, nil
}

func (n *NewestReports) recordBroken(ctx context.Context, warnings, errors int64) {
	n.broken.Record(ctx, warnings, metric.WithAttributes(attribute.String("severity", "warning")))
	n.broken.Record(ctx, errors, metric.WithAttributes(attribute.String("severity", "error")))
}

func (n *NewestReports) record(ctx context.Context, through time.Time) {
	n.gauge.Record(ctx, float64(through.UnixMilli())/1000)
}

// Run looks at once, and then every interval until ctx is done.
func (n *NewestReports) Run(ctx context.Context, interval time.Duration) {
	every(ctx, interval, func() bool {
		n.look(ctx)
		return true
	})
}

func (n *NewestReports) look(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	today := n.zone.Date(n.now())
	result, err := n.source.Query(asking, "reports/read_newest_complete", query.Params{"from_date": today.AddDays(-reports.MaxDates), "to_date": today})
	if err != nil {
		if ctx.Err() == nil {
			n.log.WarnContext(ctx, "newest reports not known", "error", err)
		}
		return
	}
	if len(result.Rows) != 1 {
		return
	}
	row := result.Rows[0]
	n.record(ctx, result.Timestamp(row, "data_through"))
	if row[result.Column("has_expectations")] != true {
		n.recordBroken(ctx, 0, 0)
		return // and nothing is billed
	}
	audit, err := n.source.Query(asking, "reports/read_broken_expectations", query.Params{"report_date": row[result.Column("report_date")]})
	if err != nil {
		if ctx.Err() == nil {
			n.log.WarnContext(ctx, "broken expectations not known", "error", err)
		}
		return
	}
	if len(audit.Rows) == 1 {
		n.recordBroken(ctx, audit.Number(audit.Rows[0], "warnings"), audit.Number(audit.Rows[0], "errors"))
	}
}

package loading

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

type metrics struct {
	files      metric.Int64Counter
	duration   metric.Float64Histogram
	incomplete metric.Int64Counter
	blocked    metric.Int64Counter
	billed     metric.Int64Counter
	overBudget metric.Int64Counter
}

func newMetrics(meter metric.Meter) (*metrics, error) {
	files, err1 := meter.Int64Counter("pipeline.transaction.files",
		metric.WithDescription("Files by the outcome of their transaction"), metric.WithUnit("{file}"))
	duration, err2 := meter.Float64Histogram("pipeline.transaction.duration",
		metric.WithDescription("Time of a transaction by its outcome"), metric.WithUnit("s"))
	incomplete, err3 := meter.Int64Counter("pipeline.files.incomplete",
		metric.WithDescription("Alarms about files whose records do not all arrive"), metric.WithUnit("{file}"))
	blocked, err4 := meter.Int64Counter("pipeline.transaction.blocked",
		metric.WithDescription("Files that could neither be loaded nor quarantined, because the warehouse refuses"), metric.WithUnit("{file}"))
	billed, err5 := meter.Int64Counter("pipeline.transaction.billed",
		metric.WithDescription("Bytes that committed transactions were billed"), metric.WithUnit("By"))
	overBudget, err6 := meter.Int64Counter("pipeline.transaction.over_budget",
		metric.WithDescription("Alarms about files held because their transaction would bill more than MAX_BYTES_BILLED"), metric.WithUnit("{file}"))
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return nil, fmt.Errorf("make the aggregator's instruments: %w", err)
	}
	return &metrics{files, duration, incomplete, blocked, billed, overBudget}, nil
}

func (m *metrics) transacted(ctx context.Context, files int, took time.Duration, billed int64, err error) {
	outcome := "committed"
	switch {
	case err == nil:
	case isPermanent(err), isOverBudget(err):
		outcome = "failed"
	default:
		outcome = "retried"
	}
	set := metric.WithAttributes(attribute.String("outcome", outcome))
	m.files.Add(ctx, int64(files), set)
	m.billed.Add(ctx, billed)
	m.duration.Record(ctx, took.Seconds(), set)
}

package staging

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// metrics counts what the writer appends.
type metrics struct {
	rows     metric.Int64Counter
	bytes    metric.Int64Counter
	duration metric.Float64Histogram
}

func newMetrics(meter metric.Meter) (*metrics, error) {
	rows, err1 := meter.Int64Counter("pipeline.append.rows",
		metric.WithDescription("Rows appended by table and outcome"), metric.WithUnit("{row}"))
	bytes, err2 := meter.Int64Counter("pipeline.append.size",
		metric.WithDescription("Bytes of rows appended by table and outcome"), metric.WithUnit("By"))
	duration, err3 := meter.Float64Histogram("pipeline.append.duration",
		metric.WithDescription("Time from an append request to its confirmation"), metric.WithUnit("s"))
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fmt.Errorf("make the writer's instruments: %w", err)
	}
	return &metrics{rows, bytes, duration}, nil
}

func (m *metrics) appended(ctx context.Context, table string, rows, size int, took time.Duration, err error) {
	outcome := "confirmed"
	if err != nil {
		outcome = "failed"
	}
	set := metric.WithAttributeSet(attribute.NewSet(
		attribute.String("table", path.Base(table)), attribute.String("outcome", outcome)))
	m.rows.Add(ctx, int64(rows), set)
	m.bytes.Add(ctx, int64(size), set)
	m.duration.Record(ctx, took.Seconds(), set)
}

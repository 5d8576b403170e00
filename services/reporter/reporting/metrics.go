package reporting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/dataset"
)

// metrics counts what the dashboard asks for.
type metrics struct {
	queries  metric.Float64Histogram
	requests metric.Int64Counter
}

func newMetrics(meter metric.Meter, streams func() int) (*metrics, error) {
	queries, err1 := meter.Float64Histogram("reporter.query.duration",
		metric.WithDescription("Duration of the dashboard's queries"), metric.WithUnit("s"),
		metric.WithExplicitBucketBoundaries(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30))
	requests, err2 := meter.Int64Counter("reporter.requests",
		metric.WithDescription("Requests of the API by dataset and outcome"), metric.WithUnit("{request}"))
	_, err3 := meter.Int64ObservableGauge("reporter.event.streams",
		metric.WithDescription("Open event streams"), metric.WithUnit("{stream}"),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(int64(streams()))
			return nil
		}))
	m := &metrics{queries: queries, requests: requests}
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fmt.Errorf("make the reporter's instruments: %w", err)
	}
	// An alarm sees a counter rise only from a value that it has seen before.
	for _, path := range dataset.Paths() {
		m.requests.Add(context.Background(), 0, answered(path, "failed"))
	}
	return m, nil
}

// Queried implements query.Observer.
func (m *metrics) Queried(ctx context.Context, statement string, took time.Duration, err error) {
	outcome := "ok"
	if err != nil {
		outcome = "failed"
	}
	m.queries.Record(ctx, took.Seconds(), metric.WithAttributes(
		attribute.String("statement", statement), attribute.String("outcome", outcome)))
}

// Requested implements answer.Counter.
func (m *metrics) Requested(ctx context.Context, dataset, outcome string) {
	m.requests.Add(ctx, 1, answered(dataset, outcome))
}

func answered(dataset, outcome string) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("dataset", dataset), attribute.String("outcome", outcome))
}

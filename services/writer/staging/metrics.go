package staging

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// metrics counts what the writer appends.
type metrics struct {
	rows     metric.Int64Counter
	bytes    metric.Int64Counter
	duration metric.Float64Histogram
	letters  metric.Int64Counter
}

// Why a message became a dead letter: a service gave it up and said why in the
// letter, or Pub/Sub did, after delivering it too often without an answer.
const (
	reasonGivenUp  = "given_up"
	reasonAttempts = "delivery_attempts"
)

// How an append ends.
const (
	outcomeConfirmed = "confirmed"
	outcomeFailed    = "failed"
)

func newMetrics(meter metric.Meter) (*metrics, error) {
	rows, err1 := meter.Int64Counter("pipeline.append.rows",
		metric.WithDescription("Rows appended by table and outcome"), metric.WithUnit("{row}"))
	bytes, err2 := meter.Int64Counter("pipeline.append.size",
		metric.WithDescription("Bytes of rows appended by table and outcome"), metric.WithUnit("By"))
	duration, err3 := meter.Float64Histogram("pipeline.append.duration",
		metric.WithDescription("Time from an append request to its confirmation"), metric.WithUnit("s"))
	letters, err4 := meter.Int64Counter("pipeline.dead_letters",
		metric.WithDescription("Dead letters stored, by the subscription that they come from and by reason"), metric.WithUnit("{message}"))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, fmt.Errorf("make the writer's instruments: %w", err)
	}
	// An alarm sees a counter rise only from a value that it has seen before.
	ctx := context.Background()
	for _, subscription := range topology.Subscriptions() {
		letters.Add(ctx, 0, letter(subscription, reasonGivenUp))
		letters.Add(ctx, 0, letter(subscription, reasonAttempts))
	}
	for table := range rowTypes {
		rows.Add(ctx, 0, ofAppend(table, outcomeConfirmed))
		rows.Add(ctx, 0, ofAppend(table, outcomeFailed))
	}
	return &metrics{rows, bytes, duration, letters}, nil
}

func ofAppend(table, outcome string) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(attribute.String("table", table), attribute.String("outcome", outcome)))
}

func letter(subscription, reason string) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("subscription", subscription), attribute.String("reason", reason))
}

// buried returns what counts the stored dead letters of a subscription.
func (m *metrics) buried(subscription string) func(*pubsub.Message) {
	return func(message *pubsub.Message) {
		reason := reasonAttempts
		if message.Attributes[topology.AttrError] != "" {
			reason = reasonGivenUp
		}
		m.letters.Add(context.Background(), 1, letter(subscription, reason))
	}
}

func (m *metrics) appended(ctx context.Context, table string, rows, size int, took time.Duration, err error) {
	outcome := outcomeConfirmed
	if err != nil {
		outcome = outcomeFailed
	}
	set := ofAppend(path.Base(table), outcome)
	m.rows.Add(ctx, int64(rows), set)
	m.bytes.Add(ctx, int64(size), set)
	m.duration.Record(ctx, took.Seconds(), set)
}

package messaging

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
)

func TestInHand(t *testing.T) {
	t.Parallel()
	reader := metric.NewManualReader()
	meter := metric.NewMeterProvider(metric.WithReader(reader)).Meter("test")
	inHand, err := NewInHand(service.Runtime{Log: slog.New(slog.DiscardHandler), Meter: meter}, "s", 4)
	if err != nil {
		t.Fatal(err)
	}
	read := func() (values map[string]float64) {
		var all metricdata.ResourceMetrics
		if err := reader.Collect(context.Background(), &all); err != nil {
			t.Fatal(err)
		}
		values = make(map[string]float64)
		for _, m := range all.ScopeMetrics[0].Metrics {
			switch data := m.Data.(type) {
			case metricdata.Gauge[int64]:
				values[m.Name] = float64(data.DataPoints[0].Value)
			case metricdata.Gauge[float64]:
				values[m.Name] = data.DataPoints[0].Value
			}
		}
		return values
	}
	expect := func(when string, inHand float64, old bool) {
		t.Helper()
		got := read()
		if lease := got["pipeline.messages.oldest_lease"]; (lease > 0) != (inHand > 0) || lease > 30 {
			t.Errorf("%s: the oldest lease is %v s", when, lease)
		}
		if got["pipeline.messages.in_hand"] != inHand || got["pipeline.messages.capacity"] != 4 {
			t.Errorf("%s: %v", when, got)
		}
		if age := got["pipeline.messages.age"]; (age >= 60) != old || !old && inHand == 0 && age != 0 {
			t.Errorf("%s: the age is %v s", when, age)
		}
	}
	expect("before the first message", 0, false)
	first := inHand.Begin(&pubsub.Message{PublishTime: time.Now().Add(-time.Minute)})
	expect("with a message that waited", 1, true)
	second := inHand.Begin(&pubsub.Message{PublishTime: time.Now()})
	expect("with a younger one", 2, false)
	first.End()
	expect("when the first is settled", 1, false)
	second.End()
	expect("when all are settled", 0, false)
}

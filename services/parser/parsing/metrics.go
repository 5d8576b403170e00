package parsing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
)

// metrics are counted once per reading, so that a record costs none of it.
type metrics struct {
	files    metric.Int64Counter
	bytes    metric.Int64Counter
	accepted metric.Int64Counter
	rejected metric.Int64Counter
	seconds  metric.Float64Histogram
}

func newMetrics(meter metric.Meter) (*metrics, error) {
	files, err1 := meter.Int64Counter("pipeline.parser.files",
		metric.WithDescription("Files read, by kind and reason of quarantine"), metric.WithUnit("{file}"))
	bytes, err2 := meter.Int64Counter("pipeline.parser.files.size",
		metric.WithDescription("Bytes of the files read, as they are stored, by kind"), metric.WithUnit("By"))
	accepted, err3 := meter.Int64Counter("pipeline.parser.records.accepted",
		metric.WithDescription("Records published as valid, by kind"), metric.WithUnit("{record}"))
	rejected, err4 := meter.Int64Counter("pipeline.parser.records.rejected",
		metric.WithDescription("Records refused, by kind and rule"), metric.WithUnit("{record}"))
	seconds, err5 := meter.Float64Histogram("pipeline.parser.file.duration",
		metric.WithDescription("From a file's announcement in hand to its manifest published"), metric.WithUnit("s"))
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return nil, fmt.Errorf("make the parser's instruments: %w", err)
	}
	return &metrics{files, bytes, accepted, rejected, seconds}, nil
}

func (m *metrics) record(ctx context.Context, r *reading.Reading, manifest *pipelinev1.FileManifest, took time.Duration) {
	kind := attribute.String("kind", topology.KindFolder(r.File.GetKind()))
	m.files.Add(ctx, 1, metric.WithAttributes(kind, attribute.String("reason", manifest.GetReason())))
	m.bytes.Add(ctx, r.File.GetBytes(), metric.WithAttributes(kind))
	m.accepted.Add(ctx, manifest.GetAccepted(), metric.WithAttributes(kind))
	for rule, n := range r.Rejected() {
		m.rejected.Add(ctx, n, metric.WithAttributes(kind, attribute.String("rule", string(rule))))
	}
	m.seconds.Record(ctx, took.Seconds(), metric.WithAttributes(kind))
}

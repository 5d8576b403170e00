package parsing

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// metrics are counted once per reading, so that a record costs none of it.
type metrics struct {
	files    metric.Int64Counter
	bytes    metric.Int64Counter
	accepted metric.Int64Counter
	rejected metric.Int64Counter
	seconds  metric.Float64Histogram
}

func newMetrics(meter metric.Meter) (metrics, error) {
	files, filesErr := meter.Int64Counter("pipeline.parser.files",
		metric.WithDescription("Files read, by kind and reason of quarantine"), metric.WithUnit("{file}"))
	bytes, bytesErr := meter.Int64Counter("pipeline.parser.files.size",
		metric.WithDescription("Bytes of the files read, as they are stored, by kind"), metric.WithUnit("By"))
	accepted, acceptedErr := meter.Int64Counter("pipeline.parser.records.accepted",
		metric.WithDescription("Records published as valid, by kind"), metric.WithUnit("{record}"))
	rejected, rejectedErr := meter.Int64Counter("pipeline.parser.records.rejected",
		metric.WithDescription("Records refused, by kind and rule"), metric.WithUnit("{record}"))
	seconds, secondsErr := meter.Float64Histogram("pipeline.parser.file.duration",
		metric.WithDescription("From a file's announcement in hand to its manifest published"), metric.WithUnit("s"))
	return metrics{files, bytes, accepted, rejected, seconds}, errors.Join(filesErr, bytesErr, acceptedErr, rejectedErr, secondsErr)
}

func (m metrics) record(ctx context.Context, r *reading, manifest *pipelinev1.FileManifest, took time.Duration) {
	kind := attribute.String("kind", topology.KindFolder(r.file.GetKind()))
	m.files.Add(ctx, 1, metric.WithAttributes(kind, attribute.String("reason", manifest.GetReason())))
	m.bytes.Add(ctx, r.file.GetBytes(), metric.WithAttributes(kind))
	m.accepted.Add(ctx, manifest.GetAccepted(), metric.WithAttributes(kind))
	for rule, n := range r.rejected {
		m.rejected.Add(ctx, n, metric.WithAttributes(kind, attribute.String("rule", string(rule))))
	}
	m.seconds.Record(ctx, took.Seconds(), metric.WithAttributes(kind))
}

package landing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// metrics counts the files on their way in and out.
type metrics struct {
	claimed metric.Int64Counter
	bytes   metric.Int64Counter
	delay   metric.Float64Histogram
	stuck   metric.Int64Counter
	givenUp metric.Int64Counter
	putAway metric.Int64Counter
}

func newMetrics(meter metric.Meter) (*metrics, error) {
	claimed, err1 := meter.Int64Counter("pipeline.files.claimed",
		metric.WithDescription("Files taken from landing/, by kind"), metric.WithUnit("{file}"))
	bytes, err2 := meter.Int64Counter("pipeline.files.claimed.size",
		metric.WithDescription("Bytes of the files taken from landing/, by kind"), metric.WithUnit("By"))
	delay, err3 := meter.Float64Histogram("pipeline.files.claim.delay",
		metric.WithDescription("Time from a file's landing to its claim, by kind"), metric.WithUnit("s"),
		metric.WithExplicitBucketBoundaries(.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600))
	stuck, err4 := meter.Int64Counter("pipeline.files.stuck",
		metric.WithDescription("Files found without progress by a sweep"), metric.WithUnit("{file}"))
	givenUp, err5 := meter.Int64Counter("pipeline.files.given_up",
		metric.WithDescription("Files that no parser finished reading"), metric.WithUnit("{file}"))
	putAway, err6 := meter.Int64Counter("pipeline.files.put_away",
		metric.WithDescription("Files moved to archive/ or quarantine/, by kind and place"), metric.WithUnit("{file}"))
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return nil, fmt.Errorf("make the watcher's instruments: %w", err)
	}
	// An alarm sees a counter rise only from a value that it has seen before.
	stuck.Add(context.Background(), 0)
	givenUp.Add(context.Background(), 0)
	for _, kind := range topology.Kinds() {
		claimed.Add(context.Background(), 0, ofKind(kind))
		for _, place := range []string{placeArchive, placeQuarantine} {
			putAway.Add(context.Background(), 0, ofKind(kind), ofPlace(place))
		}
	}
	return &metrics{claimed, bytes, delay, stuck, givenUp, putAway}, nil
}

// Where a finished file is put.
const (
	placeArchive    = "archive"
	placeQuarantine = "quarantine"
)

func ofPlace(place string) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("place", place))
}

func ofKind(kind pipelinev1.FileKind) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("kind", topology.KindFolder(kind)))
}

func (m *metrics) claim(ctx context.Context, kind pipelinev1.FileKind, bytes int64, delay time.Duration) {
	set := ofKind(kind)
	m.claimed.Add(ctx, 1, set)
	m.bytes.Add(ctx, bytes, set)
	m.delay.Record(ctx, delay.Seconds(), set)
}

func (m *metrics) put(ctx context.Context, done *pipelinev1.FileCompleted) {
	place := placeArchive
	if done.GetVerdict() == pipelinev1.Verdict_VERDICT_QUARANTINED {
		place = placeQuarantine
	}
	m.putAway.Add(ctx, 1, ofKind(done.GetFile().GetKind()), ofPlace(place))
}

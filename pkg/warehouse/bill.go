package warehouse

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// patience bounds the question what a query was billed.
const patience = 10 * time.Second

// Bill counts the bytes that queries are billed, by purpose. An answer does not say what it
// cost; its job does, and asking for a job is free. Safe for concurrent use.
type Bill struct {
	bytes  metric.Int64Counter
	log    *slog.Logger
	asking sync.WaitGroup
}

// NewBill makes a bill, which begins at zero for each purpose.
func NewBill(meter metric.Meter, log *slog.Logger, purposes ...string) (*Bill, error) {
	bytes, err := meter.Int64Counter("pipeline.query.billed", metric.WithUnit("By"),
		metric.WithDescription("Bytes that queries besides transactions were billed, by purpose"))
	if err != nil {
		return nil, fmt.Errorf("make the counter of what queries are billed: %w", err)
	}
	for _, purpose := range purposes {
		bytes.Add(context.Background(), 0, of(purpose))
	}
	return &Bill{bytes: bytes, log: log}, nil
}

func of(purpose string) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("purpose", purpose))
}

// count counts what a query's job was billed, without having the caller wait for it. A query
// that BigQuery answered without a job is not billed apart.
func (b *Bill) count(ctx context.Context, purpose string, job *bigquery.Job) {
	if job == nil {
		return
	}
	b.asking.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		status, err := job.Status(ctx)
		if err != nil {
			b.log.WarnContext(ctx, "bill of a query not known", "purpose", purpose, "error", err)
			return
		}
		b.bytes.Add(ctx, Billed(status), of(purpose))
	})
}

// wait waits until all that was asked for is counted; the client must be open until then.
func (b *Bill) wait() { b.asking.Wait() }

// Billed is what a job was billed, also if it failed.
func Billed(status *bigquery.JobStatus) int64 {
	if status == nil || status.Statistics == nil {
		return 0
	}
	if q, ok := status.Statistics.Details.(*bigquery.QueryStatistics); ok {
		return q.TotalBytesBilled
	}
	return 0
}

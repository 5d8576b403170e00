// Package billing counts the bytes that BigQuery bills for queries. An answer does not
// say what it cost; its job does, and asking for a job is free.
package billing

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

// Counter counts what queries are billed, by purpose. Safe for concurrent use.
type Counter struct {
	bytes  metric.Int64Counter
	log    *slog.Logger
	asking sync.WaitGroup
}

// NewCounter makes the counter, which begins at zero for each purpose.
func NewCounter(meter metric.Meter, log *slog.Logger, purposes ...string) (*Counter, error) {
	bytes, err := meter.Int64Counter("pipeline.query.billed", metric.WithUnit("By"),
		metric.WithDescription("Bytes that queries besides transactions were billed, by purpose"))
	if err != nil {
		return nil, fmt.Errorf("make the counter of what queries are billed: %w", err)
	}
	for _, purpose := range purposes {
		bytes.Add(context.Background(), 0, of(purpose))
	}
	return &Counter{bytes: bytes, log: log}, nil
}

func of(purpose string) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("purpose", purpose))
}

// Count counts what the query behind rows was billed, without having the caller wait for
// it. Rows that BigQuery gave without a job are not billed apart.
func (c *Counter) Count(ctx context.Context, purpose string, rows *bigquery.RowIterator) {
	job := rows.SourceJob()
	if job == nil {
		return
	}
	c.asking.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		status, err := job.Status(ctx)
		if err != nil {
			c.log.WarnContext(ctx, "bill of a query not known", "purpose", purpose, "error", err)
			return
		}
		c.bytes.Add(ctx, Billed(status), of(purpose))
	})
}

// Wait waits until all that was asked for is counted; the client must be open until then.
func (c *Counter) Wait() { c.asking.Wait() }

// Billed is what a job was billed, be it that it failed.
func Billed(status *bigquery.JobStatus) int64 {
	if status == nil || status.Statistics == nil {
		return 0
	}
	if q, ok := status.Statistics.Details.(*bigquery.QueryStatistics); ok {
		return q.TotalBytesBilled
	}
	return 0
}

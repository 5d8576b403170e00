package harness

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"
)

// Jobs counts those whose id and text begin so.
func (p *Pipeline) Jobs(t *testing.T, id, text string) (n int) {
	t.Helper()
	for all := p.Bigquery.Jobs(t.Context()); ; {
		job, err := all.Next()
		if errors.Is(err, iterator.Done) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(job.ID(), id) {
			continue
		}
		if text != "" {
			described, err := job.Config()
			if err != nil {
				t.Fatal(err)
			}
			if query, ok := described.(*bigquery.QueryConfig); !ok || !strings.HasPrefix(query.Q, text) {
				continue
			}
		}
		n++
	}
}

// EndTransactions cancels every running transaction whose text has a part.
func (p *Pipeline) EndTransactions(ctx context.Context, part string) {
	for ctx.Err() == nil {
		running := p.Bigquery.Jobs(ctx)
		running.State = bigquery.Running
		for {
			job, err := running.Next()
			if err != nil {
				break
			}
			if described, err := job.Config(); err == nil && strings.HasPrefix(job.ID(), "load_") {
				if query, ok := described.(*bigquery.QueryConfig); ok && strings.Contains(query.Q, part) {
					_ = job.Cancel(ctx) // it may have ended by itself
				}
			}
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

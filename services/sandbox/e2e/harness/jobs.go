package harness

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// EachJob visits the query jobs of the project, newest first.
func (p *Pipeline) EachJob(ctx context.Context, visit func(*bigquery.Job, *bigquery.QueryConfig)) error {
	for jobs := p.Bigquery.Jobs(ctx); ; {
		job, err := jobs.Next()
		if errors.Is(err, iterator.Done) {
			return nil
		}
		if err != nil {
			return err
		}
		config, err := job.Config()
		if err != nil {
			return err
		}
		if query, ok := config.(*bigquery.QueryConfig); ok {
			visit(job, query)
		}
	}
}

// failOnUnlabelled fails the test for a job of the pipeline's that does not say who asks,
// about what and with which statement. A sandbox that is gone is not asked.
func (p *Pipeline) failOnUnlabelled(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = p.EachJob(ctx, func(job *bigquery.Job, query *bigquery.QueryConfig) {
		if !strings.HasPrefix(job.ID(), "query_") {
			return // a test's own
		}
		for _, key := range []string{warehouse.LabelService, warehouse.LabelTask, warehouse.LabelStatement} {
			if query.Labels[key] == "" {
				t.Errorf("job %s has no label %s: %s", job.ID(), key, query.Q)
			}
		}
	})
}

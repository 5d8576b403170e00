package harness

import (
	"testing"
)

// AwaitEstimates waits until queries of small tables are billed.
func (p *Pipeline) AwaitEstimates(t *testing.T) {
	t.Helper()
	Await(t, "estimates from the tables' sizes", func() (bool, error) {
		q := p.Bigquery.Query("SELECT epoch FROM pipeline_fence")
		q.DefaultDatasetID, q.DryRun = p.Endpoints.Dataset, true
		job, err := q.Run(t.Context())
		return err == nil && job.LastStatus().Statistics.TotalBytesProcessed > 0, err
	})
}

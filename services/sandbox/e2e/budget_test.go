package e2e

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// TestBudget lands files whose transaction may not be paid for: they wait, with an
// alarm and no verdict, until an aggregator comes that may spend more.
func TestBudget(t *testing.T) {
	t.Parallel()
	config := newConfig(t.TempDir(), "all")
	config.MaxBytesBilled = 1
	s, stop := startStack(t, config)
	p := connect(t, s.Endpoints(), s.DashboardURL())
	await(t, "estimates from the tables' sizes", func() (bool, error) {
		q := p.bigquery.Query("SELECT epoch FROM pipeline_fence")
		q.DefaultDatasetID, q.DryRun = p.endpoints.Dataset, true
		job, err := q.Run(t.Context())
		return err == nil && job.LastStatus().Statistics.TotalBytesProcessed > 0, err
	})
	var files landed
	files.add(t, p, "orders/a.json", []byte(order("o-1", 1, "P-1", "C-1", "10.00")))
	files.add(t, p, "orders/b.json", []byte(order("o-2", 1, "P-1", "C-1", "10.00")))
	await(t, "two files held", func() (bool, error) {
		response, err := http.Get(s.ServiceURL(topology.Aggregator) + "/metrics")
		if err != nil {
			return false, err
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "pipeline_transaction_over_budget_total") {
				return strings.HasSuffix(line, " 2\n"), nil
			}
		}
		return false, err
	})
	p.check(t, "ledger", "SELECT COUNT(*) FROM file_ledger", "0\n")
	objects, held := p.bucket().Objects(t.Context(), &storage.Query{Prefix: topology.Staging}), 0
	for {
		if _, err := objects.Next(); errors.Is(err, iterator.Done) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		held++
	}
	if held != 2 {
		t.Errorf("%d files in staging/, want 2", held)
	}
	stop()

	config.MaxBytesBilled = 0
	p = startWith(t, config)
	p.awaitFiles(t, len(files.sources))
	verifyAll(t, p, files.sources)
}

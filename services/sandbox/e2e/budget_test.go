package e2e

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// TestBudget lands files whose transaction may not be paid for: they wait, with an
// alarm and no verdict, until an aggregator comes that may spend more.
func TestBudget(t *testing.T) {
	t.Parallel()
	config := newConfig(t.TempDir(), "all")
	config.MaxBytesBilled = 1
	s, stop := startStack(t, config)
	p := connect(t, s.Endpoints(), s.DashboardURL())
	p.awaitEstimates(t)
	var files landed
	files.add(t, p, "orders/a.json", []byte(order("o-1", 1, "P-1", "C-1", "10.00")))
	files.add(t, p, "orders/b.json", []byte(order("o-2", 1, "P-1", "C-1", "10.00")))
	await(t, "two files held", func() (bool, error) {
		held, err := counted(s.ServiceURL(topology.Aggregator), "pipeline_transaction_over_budget_total")
		return held == 2, err
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

// awaitEstimates waits until queries of small tables are billed.
func (p *pipeline) awaitEstimates(t *testing.T) {
	t.Helper()
	await(t, "estimates from the tables' sizes", func() (bool, error) {
		q := p.bigquery.Query("SELECT epoch FROM pipeline_fence")
		q.DefaultDatasetID, q.DryRun = p.endpoints.Dataset, true
		job, err := q.Run(t.Context())
		return err == nil && job.LastStatus().Statistics.TotalBytesProcessed > 0, err
	})
}

// counted is the value of the first series that begins so among a service's metrics; 0:
// there is none.
func counted(service, series string) (_ float64, err error) {
	response, err := http.Get(service + "/metrics")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, series) {
			return strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' '):]), 64)
		}
	}
	return 0, err
}

// TestBillOfWhatFails: a transaction is billed for what it has read, whether it commits or
// not, and so are the questions before and beside it.
func TestBillOfWhatFails(t *testing.T) {
	t.Parallel()
	s, stop := startStack(t, newConfig(t.TempDir(), "all"))
	defer stop()
	p := connect(t, s.Endpoints(), s.DashboardURL())
	p.mustQuery(t, "INSERT INTO report_runs (report_date, report, row_count, data_through, parameters) SELECT CURRENT_DATE(), 'churn-risk', 0, CURRENT_TIMESTAMP(), ''")
	p.awaitEstimates(t)
	if _, err := fetch(p.dashboard + "/api/v1/reports"); err != nil {
		t.Fatal(err)
	}
	// The last table that a transaction changes asks for a column that it does not give.
	ledger, err := sql.Statement("schema/file_ledger")
	if err != nil {
		t.Fatal(err)
	}
	p.mustQuery(t, "DROP TABLE file_ledger")
	p.mustQuery(t, strings.Replace(ledger, "file_ledger (", "file_ledger (another INT64 NOT NULL,", 1))
	p.land(t, "orders/a.json", []byte(order("o-1", 1, "P-1", "C-1", "10.00")))
	aggregator := s.ServiceURL(topology.Aggregator)
	await(t, "a transaction that the warehouse refuses", func() (bool, error) {
		blocked, err := counted(aggregator, "pipeline_transaction_blocked_total")
		return blocked > 0, err
	})
	for name, service := range map[string]string{
		`pipeline_transaction_billed_bytes_total`:                   aggregator,
		`pipeline_query_billed_bytes_total{purpose="completeness"}`: aggregator,
		`pipeline_query_billed_bytes_total{purpose="loading"}`:      aggregator,
		`pipeline_query_billed_bytes_total{purpose="reports"}`:      s.DashboardURL(),
	} {
		await(t, name, func() (bool, error) {
			bytes, err := counted(service, name)
			return bytes > 0, err
		})
	}
	if committed, err := counted(aggregator, `pipeline_transaction_files_total{outcome="committed"}`); committed > 0 || err != nil {
		t.Errorf("%v files were loaded, error %v", committed, err)
	}
}

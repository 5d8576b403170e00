package recovery

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
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// TestBudget lands files whose transaction may not be paid for: they wait, with an
// alarm and no verdict, until an aggregator comes that may spend more.
func TestBudget(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["AGGREGATOR_MAX_BYTES_BILLED"] = "1"
	s, stop := harness.StartStack(t, config)
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	var files harness.Landed
	files.Add(t, p, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	files.Add(t, p, "orders/b.json", []byte(harness.Order("o-2", 1, "P-1", "C-1", "10.00")))
	harness.Await(t, "two files held", func() (bool, error) {
		held, err := counted(s.ServiceURL(topology.Aggregator), "pipeline_transaction_over_budget_total")
		return held == 2, err
	})
	p.Check(t, "ledger", "SELECT COUNT(*) FROM file_ledger", "0\n")
	objects, held := p.Bucket().Objects(t.Context(), &storage.Query{Prefix: topology.Staging}), 0
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

	config.Variables["AGGREGATOR_MAX_BYTES_BILLED"] = "0"
	p = harness.StartWith(t, config)
	p.AwaitFiles(t, len(files.Sources))
	harness.VerifyAll(t, p, files.Sources)
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
	s, stop := harness.StartStack(t, harness.NewConfig(t.TempDir(), "all"))
	defer stop()
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	p.MustQuery(t, "INSERT INTO report_runs (report_date, report, row_count, data_through, parameters) SELECT CURRENT_DATE(), 'churn-risk', 0, CURRENT_TIMESTAMP(), ''")
	p.Fetch(t, "/api/v1/reports")
	// The last table that a transaction changes asks for a column that it does not give.
	ledger, known, err := schema.Find("file_ledger")
	if err != nil || !known {
		t.Fatal("no file_ledger", err)
	}
	p.MustQuery(t, "DROP TABLE file_ledger")
	p.MustQuery(t, strings.Replace(ledger.DDL, "file_ledger (", "file_ledger (another INT64 NOT NULL,", 1))
	p.Land(t, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	aggregator := s.ServiceURL(topology.Aggregator)
	harness.Await(t, "a transaction that the warehouse refuses", func() (bool, error) {
		blocked, err := counted(aggregator, "pipeline_transaction_blocked_total")
		return blocked > 0, err
	})
	for name, service := range map[string]string{
		`pipeline_transaction_billed_bytes_total`:                   aggregator,
		`pipeline_query_billed_bytes_total{purpose="completeness"}`: aggregator,
		`pipeline_query_billed_bytes_total{purpose="loading"}`:      aggregator,
		`pipeline_query_billed_bytes_total{purpose="reports"}`:      s.DashboardURL(),
	} {
		harness.Await(t, name, func() (bool, error) {
			bytes, err := counted(service, name)
			return bytes > 0, err
		})
	}
	if committed, err := counted(aggregator, `pipeline_transaction_files_total{outcome="committed"}`); committed > 0 || err != nil {
		t.Errorf("%v files were loaded, error %v", committed, err)
	}
}

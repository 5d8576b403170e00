package reports

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// endlessly is the end of a view that takes longer to read than any test.
const endlessly = " FROM UNNEST(GENERATE_ARRAY(1, 200000)) AS a CROSS JOIN UNNEST(GENERATE_ARRAY(1, 200000)) AS b WHERE MOD(a * b, 7) = 3"

// TestDailyRunEndsItsJob tells a daily run to end in the middle of a transaction that
// would take for ever: the transaction ends with it.
func TestDailyRunEndsItsJob(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "none")
	date := civil.Date{Year: 2026, Month: 3, Day: 1}
	insertCustomersAway(t, p, date.AddDays(-60), 1, 10)
	p.MustQuery(t, "DROP TABLE dim_customers")
	p.MustQuery(t, "CREATE VIEW dim_customers AS SELECT CAST(COUNT(*) AS STRING) AS customer_id, 'x' AS name, 'x' AS customer_tier"+endlessly)
	runner := p.Daily(t, time.Now)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	made := make(chan error, 1)
	go func() { made <- runner.Make(ctx, date, nil) }()
	job := awaitJob(t, p, "report_churn_risk")
	end()
	if err := <-made; !errors.Is(err, context.Canceled) {
		t.Errorf("the run ended with %v", err)
	}
	wantStopped(t, p, job)
}

// TestDashboardEndsItsJobs asks what takes for ever: the job ends with QUERY_TIMEOUT.
func TestDashboardEndsItsJobs(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "none")
	p.MustQuery(t, "DROP TABLE agg_category_revenue")
	p.MustQuery(t, "CREATE VIEW agg_category_revenue AS SELECT CURRENT_DATE() AS metric_date, 'x' AS category, COUNT(*) AS orders, COUNT(*) AS units, "+
		"CAST(COUNT(*) AS NUMERIC) AS revenue, CAST(COUNT(*) AS NUMERIC) AS completed_revenue, CAST(COUNT(*) AS NUMERIC) AS headline_revenue, CAST(COUNT(*) AS NUMERIC) AS paid_revenue"+endlessly)
	var cfg reporting.Config
	if err := config.Defaults(&cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Config, cfg.QueryTimeout = p.Endpoints, time.Second
	url, _ := harness.RunService(t, topology.Reporter, func(rt service.Runtime) (service.Runner, error) {
		return reporting.New(context.WithoutCancel(t.Context()), cfg, rt)
	})
	response, err := http.Get(url + "/api/v1/category-revenue")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode < 500 {
		t.Errorf("an answer that takes for ever: %s", response.Status)
	}
	wantStopped(t, p, awaitJob(t, p, "agg_category_revenue"))
}

// awaitJob waits for a job of the reporter's that names a table.
func awaitJob(t *testing.T, p *harness.Pipeline, table string) (found *bigquery.Job) {
	t.Helper()
	harness.Await(t, "a job that names "+table, func() (bool, error) {
		err := p.EachJob(t.Context(), func(job *bigquery.Job, query *bigquery.QueryConfig) {
			if strings.Contains(query.Q, "by the reporter") && strings.Contains(query.Q, table) {
				found = job
			}
		})
		return found != nil, err
	})
	return found
}

// wantStopped waits for the end of a job, which must not be one of its own.
func wantStopped(t *testing.T, p *harness.Pipeline, job *bigquery.Job) {
	t.Helper()
	var status *bigquery.JobStatus
	harness.Await(t, "the end of the job", func() (_ bool, err error) {
		status, err = job.Status(t.Context())
		return err == nil && status.Done(), err
	})
	fault, ok := errors.AsType[*bigquery.Error](status.Err())
	if !ok || fault.Reason != "stopped" && fault.Reason != "timeout" {
		t.Errorf("the job ended with %v", status.Err())
	}
}

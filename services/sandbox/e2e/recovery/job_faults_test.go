package recovery

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// passingReasons are those for which BigQuery's documents say: try again.
var passingReasons = []string{"jobInternalError", "jobBackendError", "jobRateLimitExceeded", "tableUnavailable", "timeout", "somethingNew/400"}

// plan replaces the sandbox's faults.
func plan(t *testing.T, s *stack.Stack, rules ...string) {
	t.Helper()
	harness.FaultsCall(t, http.MethodPut, s.FaultsURL(), rules...)
}

// struck holds that every rule was met.
func struck(t *testing.T, s *stack.Stack) {
	t.Helper()
	for rule := range strings.Lines(harness.FaultsCall(t, http.MethodGet, s.FaultsURL())) {
		if strings.Contains(rule, "(struck 0 times)") {
			t.Errorf("nothing met this fault: %s", rule)
		}
	}
}

// TestJobFaults has transactions end for every reason that passes, one after another at
// every point, and the calls about them refused for the same: healthy files are loaded,
// each once, and none is taken for the culprit. So are reports made.
func TestJobFaults(t *testing.T) {
	t.Parallel()
	s, _ := harness.StartStack(t, harness.NewConfig(t.TempDir(), "all"))
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	var files harness.Landed
	for i, reason := range passingReasons {
		plan(t, s,
			// The nth rule's first n calls are the first n-1 rules' before: it strikes the nth.
			"bigquery.job.aggregator.loading.transaction end "+reason+" begin first 1",
			"bigquery.job.aggregator.loading.transaction end "+reason+" middle first 2",
			"bigquery.job.aggregator.loading.transaction end "+reason+" commit first 3",
			"bigquery.job.aggregator.loading.bounds end "+reason+" begin first 1",
			"bigquery.jobs.insert fail "+reason+" first 1",
			"bigquery.jobs.getQueryResults fail "+reason+" first 1",
		)
		files.Add(t, p, fmt.Sprintf("orders/%d.json", i), []byte(harness.Order(fmt.Sprintf("o-%d", i), 1+i, "P-1", "C-1", "10.00")))
		p.AwaitFiles(t, len(files.Sources))
		struck(t, s)
	}
	plan(t, s, "bigquery.job.aggregator.loading.transaction end jobBackendError after first 1")
	files.Add(t, p, "orders/committed.json", []byte(harness.Order("o-c", 9, "P-1", "C-1", "10.00")))
	p.AwaitFiles(t, len(files.Sources))
	struck(t, s)
	p.Check(t, "verdicts", "SELECT verdict, COUNT(*) FROM file_ledger GROUP BY verdict", fmt.Sprintf("loaded|%d\n", len(files.Sources)))

	date := civil.Date{Year: 2026, Month: 11, Day: 2}
	plan(t, s,
		"bigquery.job.reporter.daily.churn_risk end jobInternalError begin first 1",
		"bigquery.job.reporter.daily.churn_risk end jobBackendError middle first 2",
		"bigquery.job.reporter.daily.churn_risk end jobRateLimitExceeded commit first 3",
		"bigquery.job.reporter.daily.data_quality end tableUnavailable begin first 1",
		"bigquery.job.reporter.daily.data_quality end timeout middle first 2",
		"bigquery.job.reporter.daily.data_quality end somethingNew/400 commit first 3",
		"bigquery.job.reporter.daily.inventory_alerts end jobBackendError after first 1",
		"bigquery.job.reporter.daily.revenue_trends end quotaExceeded begin first 1",
		"bigquery.job.reporter.daily.read_* end timeout begin first 1",
		"bigquery.jobs.insert fail jobInternalError first 1",
		"bigquery.jobs.getQueryResults fail tableUnavailable first 1",
	)
	if err := p.Daily(t, time.Now).Make(t.Context(), date, nil); err != nil {
		t.Errorf("reports: %v", err)
	}
	struck(t, s)
	p.Check(t, "reports", "SELECT COUNT(*) FROM report_runs", "7\n")
	harness.FaultsCall(t, http.MethodDelete, s.FaultsURL())
	harness.VerifyAll(t, p, files.Sources)
	p.AskInto(t, "summary", new(map[string]any))
	wantLabels(t, p)
}

// wantLabels holds that the jobs of every part of the pipeline say who asks about what.
func wantLabels(t *testing.T, p *harness.Pipeline) {
	t.Helper()
	seen := make(map[string]bool)
	if err := p.EachJob(t.Context(), func(_ *bigquery.Job, query *bigquery.QueryConfig) {
		seen[query.Labels[warehouse.LabelService]+" "+query.Labels[warehouse.LabelTask]] = true
	}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"aggregator loading", "reporter daily", "reporter dashboard", "pipelinectl verify", "pipelinectl provision"} {
		if !seen[want] {
			t.Errorf("no job of %s among %v", want, seen)
		}
	}
}

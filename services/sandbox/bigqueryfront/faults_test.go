package bigqueryfront_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/faults"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// newFaulty starts a front whose jobs and calls heed a plan from now on.
func newFaulty(t *testing.T, latency time.Duration) (*front, func(plan string)) {
	t.Helper()
	injector := new(faults.Injector)
	f := startConfigured(t, bigqueryfront.Config{Dir: t.TempDir(), Middleware: injector.BigQuery, JobFaults: injector.Job, Latency: latency})
	t.Cleanup(func() { f.close(t) })
	if err := f.client.Dataset(f.dataset).Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return f, func(text string) {
		plan, err := faults.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		injector.Set(plan)
	}
}

// asking is a client of package warehouse.
func (f *front) asking() *warehouse.Client {
	return &warehouse.Client{BigQuery: f.client, Dataset: f.dataset, Service: "tester", Task: "faults"}
}

// tested runs a text by package warehouse, labelled.
func (f *front) tested(ctx context.Context, text string) (*bigquery.JobStatus, error) {
	return f.asking().Run(ctx, sql.Statement{Name: "script", Text: text}, nil)
}

// TestJobFaults ends a script at each point for each reason that Google documents for
// jobs. What it did in a transaction is undone unless all was done, statements that ran
// are its children and its bill, and the same script does better the next time.
func TestJobFaults(t *testing.T) {
	t.Parallel()
	const script = "BEGIN TRANSACTION; UPDATE t SET a = a + 1 WHERE TRUE; SELECT COUNT(*) FROM t; COMMIT TRANSACTION;"
	f, plan := newFaulty(t, 0)
	f.mustQuery(t, "CREATE TABLE t (a INT64)")
	f.mustQuery(t, "INSERT INTO t SELECT a FROM UNNEST(GENERATE_ARRAY(1, 1000)) AS a")
	want := int64(500500)
	for _, reason := range []string{
		"jobInternalError", "jobBackendError", "jobRateLimitExceeded", "tableUnavailable", "timeout", "quotaExceeded",
		"bytesBilledLimitExceeded", "internalError", "backendError", "rateLimitExceeded", "somethingNew/400",
	} {
		for point, children := range map[string]int64{"begin": 0, "middle": 3, "commit": 4, "after": 4} {
			plan("bigquery.job.tester.faults.script end " + reason + " " + point + " first 1")
			status, err := f.tested(t.Context(), script)
			bare, _, _ := strings.Cut(reason, "/")
			if failure, ok := errors.AsType[*bigquery.Error](err); !ok || failure.Reason != bare {
				t.Errorf("%s at %s: %v", reason, point, err)
			}
			if status == nil || status.Statistics.NumChildJobs != children {
				t.Fatalf("%s at %s: status %+v, want %d children", reason, point, status, children)
			}
			if point == "after" {
				want += 1000
			}
			if sum := f.mustQuery(t, "SELECT SUM(a) FROM t")[0][0]; sum != want {
				t.Fatalf("%s at %s: the sum is %v, want %d", reason, point, sum, want)
			}
		}
	}
	want += 1000
	if _, err := f.tested(t.Context(), script); err != nil {
		t.Errorf("a job that no fault is left for: %v", err)
	}
	if sum := f.mustQuery(t, "SELECT SUM(a) FROM t")[0][0]; sum != want {
		t.Errorf("in the end the sum is %v, want %d", sum, want)
	}
}

// TestReadsOutliveLostJobs reads while jobs, or the calls about them, fail for
// BigQuery's own sake, as the documents say they do.
func TestReadsOutliveLostJobs(t *testing.T) {
	t.Parallel()
	f, plan := newFaulty(t, 0)
	for _, rule := range []string{
		"bigquery.job.* end jobInternalError begin first 2",
		"bigquery.job.* end internalError after first 2",
		"bigquery.jobs.insert fail jobInternalError first 2",
		"bigquery.jobs.insert lost backendError first 1",
		"bigquery.jobs.getQueryResults fail jobBackendError first 1",
		"bigquery.jobs.getQueryResults fail tableUnavailable/400 first 1",
	} {
		plan(rule)
		rows, err := warehouse.Query[struct{ N int64 }](t.Context(), f.asking(), sql.Statement{Text: "SELECT 7 AS n"}, nil)
		if err != nil {
			t.Errorf("%s: %v", rule, err)
			continue
		}
		for row, err := range rows.All() {
			if err != nil || row.N != 7 {
				t.Errorf("%s: %v, %v", rule, row, err)
			}
		}
	}
}

// endOf runs a query that has a time limit of its own.
func endOf(t *testing.T, q *bigquery.Query) error {
	t.Helper()
	job, err := q.Run(t.Context())
	if err != nil {
		return err
	}
	status, err := warehouse.Await(t.Context(), job)
	if err != nil {
		return err
	}
	return status.Err()
}

// TestLatency: a job's time counts the latency of its statements, and ends it.
func TestLatency(t *testing.T) {
	t.Parallel()
	slow, _ := newFaulty(t, time.Minute)
	q := slow.client.Query("SELECT 1; SELECT 2")
	q.JobTimeout = time.Millisecond
	if err := endOf(t, q); !warehouse.HasReason(err, "timeout") {
		t.Errorf("a job that may not take the time of its statements: %v", err)
	}
	f, plan := newFaulty(t, 0)
	plan("bigquery.job.* delay 1m")
	q = f.client.Query("SELECT 1")
	q.JobTimeout = time.Millisecond
	if err := endOf(t, q); !warehouse.HasReason(err, "timeout") {
		t.Errorf("a job that begins too late: %v", err)
	}
}

// TestLoadFaults: what befalls query jobs befalls load jobs, and an insert whose answer is
// lost comes again and is there once.
func TestLoadFaults(t *testing.T) {
	t.Parallel()
	f, plan := newFaulty(t, time.Millisecond)
	f.mustQuery(t, "CREATE TABLE t (a INT64)")
	for rows, point := range []string{"begin", "after"} { // so many rows are there in the end
		plan("bigquery.job.tester.* end jobBackendError " + point + " first 1")
		status, err := f.loadText(t, "t", "1\n", func(_ *bigquery.ReaderSource, l *bigquery.Loader) {
			l.Labels, l.WriteDisposition = map[string]string{"service": "tester", "task": "load"}, bigquery.WriteTruncate
		})
		if err != nil {
			t.Fatal(err)
		}
		if failure, ok := errors.AsType[*bigquery.Error](status.Err()); !ok || failure.Reason != "jobBackendError" {
			t.Errorf("at %s: %v", point, status.Err())
		}
		if got := f.mustQuery(t, "SELECT COUNT(*) FROM t")[0][0]; got != int64(rows) {
			t.Errorf("after a failure at %s there are %v rows", point, got)
		}
	}
	plan("bigquery.jobs.insert fail unavailable first 1")
	if _, err := f.loadText(t, "t", "1\n", func(*bigquery.ReaderSource, *bigquery.Loader) {}); apiError(err).Code != 503 {
		t.Errorf("an upload that is refused: %v", err) // the client does not read the file again
	}
	plan("bigquery.tabledata.insertAll lost unavailable first 1")
	if err := f.client.Dataset(f.dataset).Table("t").Inserter().Put(t.Context(), []bigquery.ValueSaver{mapSaver{map[string]bigquery.Value{"a": 2}, "two"}}); err != nil {
		t.Fatal(err)
	}
	if got := f.mustQuery(t, "SELECT COUNT(*) FROM t WHERE a = 2")[0][0]; got != int64(1) {
		t.Errorf("the row is there %v times", got)
	}
}

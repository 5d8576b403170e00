package bigqueryfront_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/conformance"
)

func testJobs(t *testing.T, f *front) {
	ctx := t.Context()
	f.mustQuery(t, "CREATE TABLE t (a INT64, b STRING)")
	run := func(id, sql string) (*bigquery.Job, error) {
		q := f.client.Query(sql)
		q.DefaultProjectID, q.DefaultDatasetID, q.JobID = f.project, f.dataset, id
		return q.Run(ctx)
	}
	insert := conformance.Name("insert")
	job, err := run(insert, "INSERT INTO t VALUES (1, 'x'), (2, 'y')")
	if err != nil {
		t.Fatal(err)
	}
	status, err := job.Wait(ctx)
	if err != nil || status.Err() != nil {
		t.Fatal(err, status.Err())
	}
	details, ok := status.Statistics.Details.(*bigquery.QueryStatistics)
	if !ok || details.StatementType != "INSERT" || details.NumDMLAffectedRows != 2 || details.DMLStats.InsertedRowCount != 2 {
		t.Errorf("statistics %+v", details)
	}
	if _, err := run(insert, "INSERT INTO t VALUES (1, 'x')"); apiError(err).Code != 409 || reason(err) != "duplicate" {
		t.Errorf("the same job id: %v", err)
	}
	again, err := f.client.JobFromID(ctx, insert)
	if err != nil || again.LastStatus().Err() != nil || !again.LastStatus().Done() {
		t.Errorf("job by id: %v", err)
	}
	job, err = run(conformance.Name("merge"), "MERGE t USING (SELECT 2 AS a UNION ALL SELECT 3 UNION ALL SELECT 4) AS s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = 'z' WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a) WHEN NOT MATCHED BY SOURCE THEN DELETE")
	if err != nil {
		t.Fatal(err)
	}
	if status, err = job.Wait(ctx); err != nil || status.Err() != nil {
		t.Fatal(err, status.Err())
	}
	details, _ = status.Statistics.Details.(*bigquery.QueryStatistics)
	if diff := cmp.Diff(&bigquery.DMLStatistics{InsertedRowCount: 2, UpdatedRowCount: 1, DeletedRowCount: 1}, details.DMLStats); diff != "" {
		t.Errorf("merge statistics (-want +got):\n%s", diff)
	}
	job, err = run(conformance.Name("bad"), "SELECT nope FROM t")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = job.Wait(ctx); reason(err) != "invalidQuery" {
		t.Errorf("a failed job: %v", err)
	}
}

func testPages(t *testing.T, f *front) {
	q := f.client.Query("SELECT x, REPEAT('y', 1000) FROM UNNEST(GENERATE_ARRAY(1, 30000)) AS x ORDER BY x")
	it, err := q.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var want int64
	for {
		var r row
		err := it.Next(&r)
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		want++
		if r[0] != want || len(fmt.Sprint(r[1])) != 1000 {
			t.Fatalf("row %d is %v", want, r[0])
		}
	}
	if want != 30000 || it.TotalRows != 30000 {
		t.Errorf("%d rows, total %d, want 30000", want, it.TotalRows)
	}
	// A job's rows in pages of a size, from a place, come by other requests.
	job, err := q.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if it, err = job.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	it.StartIndex = 29990
	it.PageInfo().MaxSize = 7
	var sizes []int
	for {
		var r row
		err := it.Next(&r)
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if sizes = append(sizes, it.PageInfo().Remaining()); r[0] != int64(29990+len(sizes)) {
			t.Errorf("row %v after %d rows from 29991", r[0], len(sizes)-1)
		}
	}
	if diff := cmp.Diff([]int{6, 5, 4, 3, 2, 1, 0, 2, 1, 0}, sizes); diff != "" {
		t.Errorf("rows left of each page (-want +got):\n%s", diff)
	}
}

func testCancel(t *testing.T, f *front) {
	q := f.client.Query("SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 200000)) AS a CROSS JOIN UNNEST(GENERATE_ARRAY(1, 200000)) AS b WHERE MOD(a * b, 7) = 3")
	job, err := q.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := job.Cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := job.Wait(ctx); reason(err) != "stopped" {
		t.Errorf("a cancelled job: %v", err)
	}
}

func testDryRuns(t *testing.T, f *front) {
	f.mustQuery(t, "CREATE TABLE t (a INT64, b STRING)")
	f.mustQuery(t, "INSERT INTO t VALUES (1, 'x')")
	for _, c := range []struct {
		name, sql, kind string
		columns         int
		reads           bool
		reason          string
	}{
		{"query", "SELECT a, b FROM t", "SELECT", 2, true, ""},
		{"parameters", "SELECT b FROM t WHERE a = @a", "SELECT", 1, true, ""},
		{"constant", "SELECT 1", "SELECT", 1, false, ""},
		{"insert", "INSERT INTO t VALUES (2, 'y')", "INSERT", 0, false, ""},
		{"delete", "DELETE FROM t WHERE TRUE", "DELETE", 0, true, ""},
		{"table", "CREATE TABLE u (a INT64)", "CREATE_TABLE", 0, false, ""},
		{"bad column", "SELECT nope FROM t", "", 0, false, "invalidQuery"},
		{"bad syntax", "SELECT FROM", "", 0, false, "invalidQuery"},
		{"no table", "SELECT 1 FROM missing", "", 0, false, "notFound"},
	} {
		q := f.client.Query(c.sql)
		q.DefaultProjectID, q.DefaultDatasetID, q.DryRun = f.project, f.dataset, true
		q.Parameters = []bigquery.QueryParameter{{Name: "a", Value: 1}}
		job, err := q.Run(t.Context())
		if c.reason != "" || err != nil {
			if reason(err) != c.reason {
				t.Errorf("%s: %v, want %q", c.name, err, c.reason)
			}
			continue
		}
		status := job.LastStatus()
		details, ok := status.Statistics.Details.(*bigquery.QueryStatistics)
		if !ok || details.StatementType != c.kind || len(details.Schema) != c.columns || (details.TotalBytesProcessed > 0) != c.reads {
			t.Errorf("%s: %+v", c.name, details)
		}
	}
	// Nothing was done.
	if diff := cmp.Diff([]row{{int64(1), "x"}}, f.mustQuery(t, "SELECT a, b FROM t")); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	if _, err := f.client.Dataset(f.dataset).Table("u").Metadata(t.Context()); reason(err) != "notFound" {
		t.Errorf("a table that was not made: %v", err)
	}
}

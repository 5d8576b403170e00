package bigqueryfront_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
)

func TestDatasets(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	ctx := t.Context()
	ds := f.client.Dataset("other")
	if err := ds.Create(ctx, &bigquery.DatasetMetadata{Description: "first", Labels: map[string]string{"a": "b"}, Location: "EU"}); err != nil {
		t.Fatal(err)
	}
	if err := ds.Create(ctx, nil); reason(err) != "duplicate" || apiError(err).Code != 409 {
		t.Errorf("creating twice: %v", err)
	}
	meta, err := ds.Metadata(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if meta.Description != "first" || meta.Location != "EU" || meta.Labels["a"] != "b" || meta.ETag == "" {
		t.Errorf("metadata %+v", meta)
	}
	updated, err := ds.Update(ctx, bigquery.DatasetMetadataToUpdate{Description: "second"}, meta.ETag)
	if err != nil {
		t.Fatal(err)
	}
	if updated.Description != "second" || updated.Labels["a"] != "b" {
		t.Errorf("metadata after the update %+v", updated)
	}
	if _, err := ds.Update(ctx, bigquery.DatasetMetadataToUpdate{Description: "third"}, meta.ETag); apiError(err).Code != 412 {
		t.Errorf("update with an old ETag: %v", err)
	}
	var names []string
	it := f.client.Datasets(ctx)
	for d, err := it.Next(); !errors.Is(err, iterator.Done); d, err = it.Next() {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, d.DatasetID)
	}
	if diff := cmp.Diff([]string{"other", dataset}, names); diff != "" {
		t.Errorf("datasets (-want +got):\n%s", diff)
	}
	f.mustQuery(t, "CREATE TABLE other.t (a INT64)")
	if err := ds.Delete(ctx); reason(err) != "resourceInUse" {
		t.Errorf("deleting a full dataset: %v", err)
	}
	if err := ds.DeleteWithContents(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := ds.Metadata(ctx); reason(err) != "notFound" {
		t.Errorf("metadata of a deleted dataset: %v", err)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	ctx := t.Context()
	table := f.client.Dataset(dataset).Table("orders")
	schema := bigquery.Schema{
		{Name: "id", Type: bigquery.StringFieldType, Required: true, Description: "The id"},
		{Name: "day", Type: bigquery.DateFieldType},
		{Name: "items", Type: bigquery.RecordFieldType, Repeated: true, Schema: bigquery.Schema{{Name: "price", Type: bigquery.NumericFieldType}}},
	}
	meta := &bigquery.TableMetadata{Schema: schema, Description: "Orders",
		TimePartitioning: &bigquery.TimePartitioning{Field: "day", Expiration: 24 * time.Hour}, Clustering: &bigquery.Clustering{Fields: []string{"id"}}}
	if err := table.Create(ctx, meta); err != nil {
		t.Fatal(err)
	}
	if err := table.Create(ctx, meta); reason(err) != "duplicate" {
		t.Errorf("creating twice: %v", err)
	}
	got, err := table.Metadata(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(schema, got.Schema); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
	if got.TimePartitioning.Field != "day" || got.TimePartitioning.Expiration != 24*time.Hour || got.Clustering.Fields[0] != "id" || got.Description != "Orders" || got.Type != bigquery.RegularTable {
		t.Errorf("metadata %+v", got)
	}
	view := f.client.Dataset(dataset).Table("v")
	if err := view.Create(ctx, &bigquery.TableMetadata{ViewQuery: "SELECT * FROM shop.orders WHERE TRUE", Description: "All"}); err != nil {
		t.Fatal(err)
	}
	wider := append(append(bigquery.Schema{}, got.Schema...), &bigquery.FieldSchema{Name: "note", Type: bigquery.StringFieldType})
	if _, err := table.Update(ctx, bigquery.TableMetadataToUpdate{Schema: wider, Description: "More"}, got.ETag); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Update(ctx, bigquery.TableMetadataToUpdate{Description: "Late"}, got.ETag); apiError(err).Code != 412 {
		t.Errorf("update with an old ETag: %v", err)
	}
	if _, err := table.Update(ctx, bigquery.TableMetadataToUpdate{Schema: wider[:2]}, ""); reason(err) != "invalid" {
		t.Errorf("dropping columns: %v", err)
	}
	f.mustQuery(t, "INSERT INTO orders (id, note) VALUES ('a', 'n')")
	if diff := cmp.Diff([]row{{"a", nil, row(nil), "n"}}, f.mustQuery(t, "SELECT * FROM v")); diff != "" {
		t.Errorf("the view follows its table (-want +got):\n%s", diff)
	}
	if got, err = table.Metadata(ctx); err != nil || got.NumRows != 1 || got.Description != "More" {
		t.Errorf("metadata %+v, %v", got, err)
	}
	var read row
	if err := table.Read(ctx).Next(&read); err != nil || read[0] != "a" {
		t.Errorf("table data: %v, %v", read, err)
	}
	vm, err := view.Metadata(ctx)
	if err != nil || vm.Type != bigquery.ViewTable || vm.ViewQuery != "SELECT * FROM shop.orders WHERE TRUE" || len(vm.Schema) != 4 {
		t.Errorf("view %+v, %v", vm, err)
	}
	info := f.mustQuery(t, "SELECT column_name, data_type, is_nullable FROM shop.INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'orders' ORDER BY ordinal_position")
	want := []row{{"id", "STRING", "NO"}, {"day", "DATE", "YES"}, {"items", "ARRAY<STRUCT<price NUMERIC>>", "YES"}, {"note", "STRING", "YES"}}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Errorf("INFORMATION_SCHEMA.COLUMNS (-want +got):\n%s", diff)
	}
	info = f.mustQuery(t, "SELECT table_name, table_type FROM INFORMATION_SCHEMA.TABLES ORDER BY table_name")
	if diff := cmp.Diff([]row{{"orders", "BASE TABLE"}, {"v", "VIEW"}}, info); diff != "" {
		t.Errorf("INFORMATION_SCHEMA.TABLES (-want +got):\n%s", diff)
	}
	if err := table.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Metadata(ctx); reason(err) != "notFound" {
		t.Errorf("metadata of a deleted table: %v", err)
	}
}

func TestUnserved(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE t (a INT64)")
	table := f.client.Dataset(dataset).Table("t")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for name, call := range map[string]func() error{
		"insertAll": func() error { return table.Inserter().Put(ctx, []bigquery.ValueSaver{&bigquery.ValuesSaver{}}) },
		"load": func() error {
			_, err := table.LoaderFrom(bigquery.NewGCSReference("gs://b/o")).Run(ctx)
			return err
		},
		"copy": func() error {
			_, err := table.CopierFrom(table).Run(ctx)
			return err
		},
		"model": func() error {
			_, err := f.client.Dataset(dataset).Model("m").Metadata(ctx)
			return err
		},
		"legacy SQL": func() error {
			q := f.client.Query("SELECT 1")
			q.UseLegacySQL = true
			_, err := q.Run(ctx)
			return err
		},
	} {
		if err := call(); apiError(err).Code != 501 || !strings.Contains(err.Error(), "does not serve") {
			t.Errorf("%s: %v, want status 501", name, err)
		}
	}
}

func TestJobs(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	ctx := t.Context()
	f.mustQuery(t, "CREATE TABLE t (a INT64, b STRING)")
	run := func(id, sql string) (*bigquery.Job, error) {
		q := f.client.Query(sql)
		q.DefaultProjectID, q.DefaultDatasetID, q.JobID = project, dataset, id
		return q.Run(ctx)
	}
	job, err := run("insert-1", "INSERT INTO t VALUES (1, 'x'), (2, 'y')")
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
	if _, err := run("insert-1", "INSERT INTO t VALUES (1, 'x')"); apiError(err).Code != 409 || reason(err) != "duplicate" {
		t.Errorf("the same job id: %v", err)
	}
	again, err := f.client.JobFromID(ctx, "insert-1")
	if err != nil || again.LastStatus().Err() != nil || !again.LastStatus().Done() {
		t.Errorf("job by id: %v", err)
	}
	job, err = run("merge-1", "MERGE t USING (SELECT 2 AS a UNION ALL SELECT 3 UNION ALL SELECT 4) AS s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = 'z' WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a) WHEN NOT MATCHED BY SOURCE THEN DELETE")
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
	job, err = run("bad-1", "SELECT nope FROM t")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = job.Wait(ctx); reason(err) != "invalidQuery" {
		t.Errorf("a failed job: %v", err)
	}
	q := f.client.Query("SELECT a, b FROM t")
	q.DefaultProjectID, q.DefaultDatasetID, q.DryRun = project, dataset, true
	job, err = q.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	details, _ = job.LastStatus().Statistics.Details.(*bigquery.QueryStatistics)
	if details.StatementType != "SELECT" || len(details.Schema) != 2 || details.TotalBytesProcessed == 0 {
		t.Errorf("dry run %+v", details)
	}
	q = f.client.Query("SELECT nope FROM t")
	q.DefaultProjectID, q.DefaultDatasetID, q.DryRun = project, dataset, true
	if _, err = q.Run(ctx); reason(err) != "invalidQuery" {
		t.Errorf("a dry run of a bad statement: %v", err)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	f := newFront(t)
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
	it, err = q.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	it.PageInfo().MaxSize = 7
	var r row
	if err := it.Next(&r); err != nil || it.PageInfo().Remaining() > 30000 {
		t.Errorf("a page of 7: %v", err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	q := f.client.Query("SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 200000)) AS a CROSS JOIN UNNEST(GENERATE_ARRAY(1, 200000)) AS b WHERE MOD(a * b, 7) = 3")
	job, err := q.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := job.Cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := job.Wait(ctx); reason(err) != "stopped" {
		t.Errorf("a cancelled job: %v", err)
	}
}

func BenchmarkQuery(b *testing.B) {
	f := newFront(b)
	f.mustQuery(b, "CREATE TABLE t (a INT64, b STRING)")
	for b.Loop() {
		f.mustQuery(b, "SELECT a, b FROM t WHERE a = @a", bigquery.QueryParameter{Name: "a", Value: 1})
	}
}

// TestMaxBytesBilled refuses what would cost more than it may, and of a script what
// stands behind the statement that would.
func TestMaxBytesBilled(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE t (a INT64)")
	f.mustQuery(t, "INSERT INTO t (a) SELECT x FROM UNNEST(GENERATE_ARRAY(1, 1000)) AS x")
	const statement = 10 << 20 // the least that is billed
	// The sizes that estimates are made from are a little behind.
	deadline := time.After(time.Minute)
	for f.processed(t, "SELECT a FROM t") == 0 {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			t.Fatal("the estimate stays 0")
		}
	}
	tests := []struct {
		name, sql string
		limit     int64
		want      string // the failure, or none
	}{
		{"below", "SELECT COUNT(*) AS n FROM t", statement - 1, "Query exceeded limit for bytes billed: 10485759. 10485760 or higher required."},
		{"at the limit", "SELECT COUNT(*) AS n FROM t", statement, ""},
		{"no table", "SELECT 1 AS n", 1, ""},
		{"a script", "SELECT 1 AS n; SELECT a FROM t; INSERT INTO t (a) VALUES (1)", statement - 1,
			"Query error: Query exceeded limit for bytes billed: 10485759. 10485760 or higher required. at [1:16]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, job := range []string{"", "limited_" + strings.ReplaceAll(tt.name, " ", "_")} { // jobs.query, jobs.insert
				q := f.client.Query(tt.sql)
				q.DefaultProjectID, q.DefaultDatasetID, q.JobID, q.MaxBytesBilled = project, dataset, job, tt.limit
				_, err := q.Read(t.Context())
				if tt.want == "" {
					if err != nil {
						t.Error(err)
					}
					continue
				}
				if e := apiError(err); reason(err) != "bytesBilledLimitExceeded" || e.Message != tt.want {
					t.Errorf("job %q: %v", job, err)
				}
			}
		})
	}
	if rows := f.mustQuery(t, "SELECT COUNT(*) FROM t"); rows[0][0] != int64(1000) {
		t.Errorf("%v rows, want 1000", rows[0][0])
	}
}

// processed is the estimate of a dry run, in bytes.
func (f *front) processed(t testing.TB, sql string) int64 {
	t.Helper()
	q := f.client.Query(sql)
	q.DefaultProjectID, q.DefaultDatasetID, q.DryRun = project, dataset, true
	job, err := q.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return job.LastStatus().Statistics.TotalBytesProcessed
}

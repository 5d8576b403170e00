package bigqueryfront_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
)

// TestUnserved refuses by name what the real service has.
func TestUnserved(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE t (a INT64)")
	table := f.client.Dataset(f.dataset).Table("t")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	loadOf := func(format bigquery.DataFormat) func() error {
		return func() error {
			source := bigquery.NewReaderSource(strings.NewReader("bytes"))
			source.SourceFormat = format
			_, err := table.LoaderFrom(source).Run(ctx)
			return err
		}
	}
	for name, call := range map[string]func() error{
		"load jobs from a bucket": func() error {
			_, err := table.LoaderFrom(bigquery.NewGCSReference("gs://b/o")).Run(ctx)
			return err
		},
		"load jobs of format PARQUET":          loadOf(bigquery.Parquet),
		"load jobs of format AVRO":             loadOf(bigquery.Avro),
		"load jobs of format ORC":              loadOf(bigquery.ORC),
		"load jobs of format DATASTORE_BACKUP": loadOf(bigquery.DatastoreBackup),
		"autodetect": func() error {
			source := bigquery.NewReaderSource(strings.NewReader("1"))
			source.AutoDetect = true
			_, err := table.LoaderFrom(source).Run(ctx)
			return err
		},
		"extract jobs": func() error {
			_, err := table.ExtractorTo(bigquery.NewGCSReference("gs://b/o")).Run(ctx)
			return err
		},
		"schemaUpdateOptions": func() error {
			q := f.client.Query("SELECT 1 AS b")
			q.Dst, q.SchemaUpdateOptions = table, []string{"ALLOW_FIELD_ADDITION"}
			_, err := q.Run(ctx)
			return err
		},
		"copy jobs": func() error {
			_, err := table.CopierFrom(table).Run(ctx)
			return err
		},
		"models": func() error {
			_, err := f.client.Dataset(f.dataset).Model("m").Metadata(ctx)
			return err
		},
		"legacy SQL": func() error {
			q := f.client.Query("SELECT 1")
			q.UseLegacySQL = true
			_, err := q.Run(ctx)
			return err
		},
	} {
		err := apiError(call())
		if err.Code != 400 || len(err.Errors) != 1 || err.Errors[0].Reason != "notImplemented" || !strings.HasPrefix(err.Message, "The embedded BigQuery does not serve ") || !strings.Contains(err.Message, name) {
			t.Errorf("%s: %v, want status 400 and the reason notImplemented", name, err)
		}
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

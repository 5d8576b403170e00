package bigqueryfront_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
)

func TestUnserved(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE t (a INT64)")
	table := f.client.Dataset(f.dataset).Table("t")
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
		if err := call(); apiError(err).Code != 501 || !strings.Contains(err.Error(), "does not serve") {
			t.Errorf("%s: %v, want status 501", name, err)
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

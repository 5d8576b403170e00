package bigqueryfront_test

import (
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
)

// TestViewColumns describes the columns of views, in the statement that makes one and afterwards, and has the
// descriptions outlive changes of the query and of the table behind it.
func TestViewColumns(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE t (a INT64, b STRING)")
	f.mustQuery(t, "CREATE VIEW v (a OPTIONS (description = 'a number'), b) AS SELECT a, b FROM t")
	view := f.client.Dataset(f.dataset).Table("v")
	described := func() map[string]string {
		t.Helper()
		metadata, err := view.Metadata(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all := make(map[string]string)
		for _, field := range metadata.Schema {
			all[field.Name] = string(field.Type) + " " + field.Description
		}
		return all
	}
	check := func(want map[string]string) {
		t.Helper()
		if diff := cmp.Diff(want, described()); diff != "" {
			t.Errorf("columns (-want +got):\n%s", diff)
		}
	}
	check(map[string]string{"a": "INTEGER a number", "b": "STRING "})
	change := bigquery.TableMetadataToUpdate{Schema: bigquery.Schema{
		{Name: "a", Type: bigquery.IntegerFieldType, Description: "a number"}, {Name: "b", Type: bigquery.StringFieldType, Description: "a text"},
	}}
	if _, err := view.Update(t.Context(), change, ""); err != nil {
		t.Fatal(err)
	}
	check(map[string]string{"a": "INTEGER a number", "b": "STRING a text"})
	f.mustQuery(t, "ALTER TABLE t ADD COLUMN c INT64")
	if _, err := view.Update(t.Context(), bigquery.TableMetadataToUpdate{ViewQuery: "SELECT a, c, b FROM `" + f.dataset + ".t`"}, ""); err != nil {
		t.Fatal(err)
	}
	check(map[string]string{"a": "INTEGER a number", "b": "STRING a text", "c": "INTEGER "})
	for statement, want := range map[string]string{
		"CREATE VIEW w (a) AS SELECT a, b FROM t":                 "number of columns",
		"CREATE VIEW w (a, other) AS SELECT a, b FROM t":          "other names",
		"CREATE VIEW w (a OPTIONS (size = 1)) AS SELECT a FROM t": "size",
		"CREATE VIEW w () AS SELECT a FROM t":                     "",
	} {
		if _, err := f.query(t.Context(), statement); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

package schema

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

func TestParseViewColumns(t *testing.T) {
	t.Parallel()
	got, err := parseDDL("CREATE VIEW v (a OPTIONS (description = 'one'), b) OPTIONS (description = 'both') AS SELECT a, b FROM t")
	if err != nil {
		t.Fatal(err)
	}
	want := Table{Name: "v", Description: "both", ViewQuery: "SELECT a, b FROM t", ViewColumns: []Column{{Name: "a", Description: "one"}, {Name: "b"}}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Table{}, "DDL")); diff != "" {
		t.Error(diff)
	}
}

func TestParseTable(t *testing.T) {
	t.Parallel()
	const src = `-- Grain: one row per thing.
create table Things (
  id STRING NOT NULL OPTIONS (description = "The thing's id"),
  at TIMESTAMP,
  ` + "`day`" + ` DATE,
  tags ARRAY<STRING> OPTIONS (description = 'a \'b\'\n\x41'),
  raw STRING OPTIONS (description = r"a\n"),
  parts ARRAY<STRUCT<
    name STRING OPTIONS (description = 'Its name'),
    sizes ARRAY<STRUCT<w NUMERIC NOT NULL, h FLOAT64>>
  >>,
  origin STRUCT<country STRING>
)
PARTITION BY TIMESTAMP_TRUNC(at, DAY)
CLUSTER BY id, day
OPTIONS (partition_expiration_days = 90, description = 'All things');`
	got, err := parseDDL(src)
	if err != nil {
		t.Fatal(err)
	}
	want := Table{
		Name:                    "Things",
		Description:             "All things",
		PartitionColumn:         "at",
		PartitionExpirationDays: 90,
		Clustering:              []string{"id", "day"},
		Columns: []Column{
			{Name: "id", Type: "STRING", Mode: "REQUIRED", Description: "The thing's id"},
			{Name: "at", Type: "TIMESTAMP", Mode: "NULLABLE"},
			{Name: "day", Type: "DATE", Mode: "NULLABLE"},
			{Name: "tags", Type: "STRING", Mode: "REPEATED", Description: "a 'b'\nA"},
			{Name: "raw", Type: "STRING", Mode: "NULLABLE", Description: `a\n`},
			{Name: "parts", Type: "RECORD", Mode: "REPEATED", Fields: []Column{
				{Name: "name", Type: "STRING", Mode: "NULLABLE", Description: "Its name"},
				{Name: "sizes", Type: "RECORD", Mode: "REPEATED", Fields: []Column{
					{Name: "w", Type: "NUMERIC", Mode: "REQUIRED"},
					{Name: "h", Type: "FLOAT64", Mode: "NULLABLE"},
				}},
			}},
			{Name: "origin", Type: "RECORD", Mode: "NULLABLE", Fields: []Column{
				{Name: "country", Type: "STRING", Mode: "NULLABLE"},
			}},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Table{}, "DDL")); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestParseView(t *testing.T) {
	t.Parallel()
	got, err := parseDDL("CREATE VIEW v OPTIONS (description = 'All') AS\nSELECT 1 -- one\n;")
	if err != nil {
		t.Fatal(err)
	}
	want := Table{Name: "v", Description: "All", ViewQuery: "SELECT 1"}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Table{}, "DDL")); diff != "" {
		t.Errorf("view (-want +got):\n%s", diff)
	}
}

func TestParseDDLErrors(t *testing.T) {
	t.Parallel()
	deep := "CREATE TABLE t (a " + strings.Repeat("STRUCT<a ", 16) + "INT64" + strings.Repeat(">", 16) + ")"
	tests := []struct{ name, src, want string }{
		{"no statement", "", "line 1: no statement"},
		{"other statement", "DROP TABLE t", "line 1: expected CREATE, found DROP"},
		{"function", "CREATE FUNCTION f", "line 1: expected TABLE or VIEW, found FUNCTION"},
		{"name of two parts", "CREATE TABLE d.t (a INT64)", "line 1: expected (, found ."},
		{"odd name", "CREATE TABLE `a-b` (a INT64)", "line 1: expected the table's name of letters, digits and _, found `a-b`"},
		{"no columns", "CREATE TABLE t ()", "line 1: expected a column's name, found )"},
		{"end in columns", "CREATE TABLE t (a INT64", "line 1: expected ,, found the end of the text"},
		{"unknown type", "CREATE TABLE t (\n  a INT\n)", "line 2: expected STRING, INT64, NUMERIC, TIMESTAMP, DATE, BOOL, BYTES, JSON, FLOAT64, STRUCT or ARRAY of these, found INT"},
		{"array of arrays", "CREATE TABLE t (a ARRAY<ARRAY<INT64>>)", "line 1: expected STRING, INT64, NUMERIC, TIMESTAMP, DATE, BOOL, BYTES, JSON, FLOAT64, STRUCT or ARRAY of these, found ARRAY"},
		{"array not null", "CREATE TABLE t (a ARRAY<INT64> NOT NULL)", "line 1: column a: an ARRAY is never NULL and takes no NOT NULL"},
		{"too deep", deep, "line 1: RECORDs nest deeper than 15"},
		{"twice", "CREATE TABLE t (a INT64,\nA STRING)", "line 2: column A stands twice"},
		{"default", "CREATE TABLE t (a INT64 DEFAULT 1)", "line 1: expected ,, found DEFAULT"},
		{"partition by string", "CREATE TABLE t (a STRING) PARTITION BY a", "line 1: cannot partition by a: no column of type DATE"},
		{"partition by timestamp", "CREATE TABLE t (a TIMESTAMP) PARTITION BY a", "line 1: cannot partition by a: no column of type DATE"},
		{"truncated date", "CREATE TABLE t (a DATE) PARTITION BY TIMESTAMP_TRUNC(a, DAY)", "line 1: cannot partition by a: no column of type TIMESTAMP"},
		{"hourly", "CREATE TABLE t (a TIMESTAMP) PARTITION BY TIMESTAMP_TRUNC(a, HOUR)", "line 1: expected DAY, found HOUR"},
		{"cluster by nothing", "CREATE TABLE t (a INT64) CLUSTER BY b", "line 1: cannot cluster by b: no plain column of that name"},
		{"five clusters", "CREATE TABLE t (a INT64) CLUSTER BY a, a, a, a, a", "line 1: more than 4 clustering columns"},
		{"unknown option", "CREATE TABLE t (a INT64) OPTIONS (labels = [])", "line 1: option labels is not known here"},
		{"option of a table on a column", "CREATE TABLE t (a INT64 OPTIONS (partition_expiration_days = 1))", "line 1: option partition_expiration_days is not known here"},
		{"no description", "CREATE TABLE t (a INT64) OPTIONS (description = 1)", "line 1: expected a string, found 1"},
		{"zero days", "CREATE TABLE t (a DATE) PARTITION BY a OPTIONS (partition_expiration_days = 0)", "line 1: expected a number of days above 0, found 0"},
		{"expiration without partition", "CREATE TABLE t (a DATE)\nOPTIONS (partition_expiration_days = 9)", "line 2: partition_expiration_days without PARTITION BY"},
		{"something after", "CREATE TABLE t (a DATE) AS SELECT 1", "line 1: expected the end of the statement, found AS"},
		{"view without query", "CREATE VIEW v AS", "line 1: expected the view's query, found the end of the text"},
		{"view without as", "CREATE VIEW v SELECT 1", "line 1: expected AS, found SELECT"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseDDL(test.src)
			if want := "sql: " + test.want; message(err) != want {
				t.Errorf("error = %q\n want   %q", message(err), want)
			}
		})
	}
}

// message is an error's text, empty for nil.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// FuzzParse feeds any bytes to the parser: it must come back with a table or a SyntaxError.
func FuzzParse(f *testing.F) {
	tables, err := Tables()
	if err != nil {
		f.Fatal(err)
	}
	for _, t := range tables {
		f.Add(t.DDL)
	}
	f.Add("CREATE TABLE t (a ARRAY<STRUCT<b INT64 NOT NULL OPTIONS (description = '\\n')>>) CLUSTER BY a")
	f.Fuzz(func(t *testing.T, src string) {
		if _, err := parseDDL(src); err != nil && !errors.As(err, new(*lexer.SyntaxError)) {
			t.Errorf("error is no SyntaxError: %v", err)
		}
	})
}

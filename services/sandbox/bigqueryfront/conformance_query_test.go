package bigqueryfront_test

import (
	"math/big"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
)

func testDialect(t *testing.T, f *front) {
	for _, c := range dialectCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := f.query(t.Context(), c.sql)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, equalRats); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func testParameters(t *testing.T, f *front) {
	type item struct {
		ID    string   `bigquery:"id"`
		Price *big.Rat `bigquery:"price"`
		Tags  []string `bigquery:"tags"`
	}
	at := instant("2026-01-15T01:02:03.000004Z")
	hostile := "'; DROP TABLE t; -- \x00 \\ \" é"
	got := f.mustQuery(t, `SELECT @s, @empty, @i, @f, @b, @n, @t, @d, @bytes, @null, @a, @s IN UNNEST(@list), ARRAY_LENGTH(@none), @one.id,
		(SELECT SUM(x.price) FROM UNNEST(@items) AS x WHERE x.id != 'c'), (SELECT STRING_AGG(x.tags[SAFE_OFFSET(0)], '' ORDER BY id) FROM UNNEST(@items) AS x)`,
		bigquery.QueryParameter{Name: "s", Value: hostile}, bigquery.QueryParameter{Name: "empty", Value: ""},
		bigquery.QueryParameter{Name: "i", Value: -5}, bigquery.QueryParameter{Name: "f", Value: 1e-7}, bigquery.QueryParameter{Name: "b", Value: true},
		bigquery.QueryParameter{Name: "n", Value: numeric("-12345678901234567890.123456789")},
		bigquery.QueryParameter{Name: "t", Value: at}, bigquery.QueryParameter{Name: "d", Value: day(2026, 1, 15)},
		bigquery.QueryParameter{Name: "bytes", Value: []byte{0, 255}}, bigquery.QueryParameter{Name: "null", Value: bigquery.NullString{}},
		bigquery.QueryParameter{Name: "a", Value: []int64{1, 2}}, bigquery.QueryParameter{Name: "list", Value: []string{"x", hostile}},
		bigquery.QueryParameter{Name: "none", Value: []string{}}, bigquery.QueryParameter{Name: "one", Value: item{"only", numeric("0"), nil}},
		bigquery.QueryParameter{Name: "items", Value: []item{{"a", numeric("1.1"), []string{"p", "q"}}, {"b", numeric("2.2"), nil}, {"c", numeric("9"), []string{"r"}}}})
	want := []row{{hostile, "", int64(-5), 1e-7, true, numeric("-12345678901234567890.123456789"), at, day(2026, 1, 15), []byte{0, 255}, nil,
		row{int64(1), int64(2)}, true, n, "only", numeric("3.3"), "pr"}}
	if diff := cmp.Diff(want, got, equalRats); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
}

// testErrors holds statements that must fail, with their reason and message.
func testErrors(t *testing.T, f *front) {
	f.mustQuery(t, "CREATE TABLE t (a INT64 NOT NULL, b STRING)")
	for _, c := range []struct{ name, sql, reason, message string }{
		{"unknown table", "SELECT * FROM missing", "notFound", "Not found: Table PROJECT:DATASET.missing was not found"},
		{"unknown column", "SELECT nope FROM t", "invalidQuery", "Unrecognized name: nope"},
		{"unknown parameter", "SELECT @x", "invalidQuery", "Query parameter 'x' not found at [1:8]"},
		{"an error of one's own", "SELECT IF(x > 1, ERROR(CONCAT('bad ', CAST(x AS STRING))), x) FROM UNNEST([1, 2]) AS x", "invalidQuery", "bad 2"},
		{"division by zero", "SELECT 1 / 0", "invalidQuery", "division by zero: 1 / 0"},
		{"numeric division by zero", "SELECT NUMERIC '1' / 0", "invalidQuery", "division by zero: 1 / 0"},
		{"overflow", "SELECT 9223372036854775807 * 2", "invalidQuery", "int64 overflow: 9223372036854775807 * 2"},
		{"array bounds", "SELECT [1][OFFSET(1)]", "invalidQuery", "Array index 1 is out of bounds"},
		{"unclosed string", "SELECT 'a", "invalidQuery", "Unclosed string literal at [1:8]"},
		{"update without where", "UPDATE t SET b = 'x'", "invalidQuery", "UPDATE must have a WHERE clause at [1:1]"},
		{"delete without where", "DELETE FROM t", "invalidQuery", "DELETE must have a WHERE clause at [1:1]"},
		{"required column", "INSERT INTO t (b) VALUES ('x')", "invalidQuery", "Required field a cannot be null"},
		{"temp table outside a script", "CREATE TEMP TABLE x AS SELECT 1 AS a", "invalidQuery", "Use of CREATE TEMPORARY TABLE requires a script or session"},
		{"DDL in a transaction", "BEGIN TRANSACTION; CREATE TABLE u (a INT64); COMMIT TRANSACTION", "invalidQuery", "not supported inside a transaction at [1:20]"},
		{"commit without begin", "SELECT 1; COMMIT TRANSACTION", "invalidQuery", "There is no active transaction at [1:11]"},
		{"a table twice", "CREATE TABLE t (a INT64)", "duplicate", "Already Exists: Table PROJECT:DATASET.t"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := f.query(t.Context(), c.sql)
			if reason(err) != c.reason || !strings.Contains(apiError(err).Message, f.named(c.message)) {
				t.Errorf("got %q %v, want %q %q", reason(err), err, c.reason, f.named(c.message))
			}
		})
	}
}

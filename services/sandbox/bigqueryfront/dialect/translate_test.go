package dialect_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
)

func env() dialect.Env {
	text := func(s string) *dialect.ParamValue { return &dialect.ParamValue{Value: &s} }
	ids, err := dialect.NewParam(&bq.QueryParameterType{Type: "ARRAY", ArrayType: &bq.QueryParameterType{Type: "STRING"}},
		&dialect.ParamValue{ArrayValues: []*dialect.ParamValue{text("a"), text("b")}})
	if err != nil {
		return dialect.Env{}
	}
	return dialect.Env{Project: "p", Dataset: "d", Params: map[string]dialect.Param{"ids": ids},
		Table: func(r dialect.TableRef) *bq.Table {
			if r.Table == "missing" {
				return nil
			}
			return &bq.Table{}
		}}
}

// TestTranslate pins the forms that matter for speed: constants where DuckDB
// prunes by them, and the unnesting that it runs fast.
func TestTranslate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, want string }{
		{"pruning", "SELECT a FROM t WHERE day IN (DATE '2026-01-01') AND id IN UNNEST(@ids)",
			`SELECT "a" AS "a" FROM "d"."t" AS "t" WHERE (("day" IN (CAST('2026-01-01' AS DATE))) AND ("id" IN (CAST('a' AS VARCHAR), CAST('b' AS VARCHAR))))`},
		{"unnesting", "SELECT i.x FROM t, UNNEST(t.items) AS i", `SELECT "i"."x" AS "x" FROM "d"."t" AS "t" CROSS JOIN UNNEST("t"."items") AS "i"("i")`},
		{"unnesting with offset", "SELECT o FROM t, UNNEST(t.items) AS i WITH OFFSET AS o",
			`SELECT "o" AS "o" FROM "d"."t" AS "t" CROSS JOIN (SELECT unnest("t"."items") AS "i", generate_subscripts("t"."items", 1) - 1 AS "o") AS "i"`},
		{"names", "SELECT x FROM `p.d2.t` JOIN p.d3.`u` ON TRUE JOIN `d4`.v ON TRUE",
			`SELECT "x" AS "x" FROM "d2"."t" AS "t" JOIN "d3"."u" AS "u" ON TRUE JOIN "d4"."v" AS "v" ON TRUE`},
		{"conditions on the left of an outer join", "SELECT a.x FROM t AS a LEFT JOIN t AS b ON b.k = a.k AND a.ok",
			`SELECT "a"."x" AS "x" FROM "d"."t" AS "a" LEFT JOIN "d"."t" AS "b" ON ((CASE WHEN "a"."ok" THEN "a"."k" END) = "b"."k")`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := dialect.Translate(c.sql, env())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got[0].SQL); diff != "" {
				t.Errorf("translation (-want +got):\n%s", diff)
			}
		})
	}
}

// costly are short statements whose translations are, or would be, very long.
var costly = map[string]string{
	"membership":  "SELECT (" + strings.Repeat("(", 60) + "a" + strings.Repeat(" IN UNNEST(x))", 60) + ") FROM t",
	"subscripts":  "SELECT a" + strings.Repeat("[0]", 120) + " FROM t",
	"indexes":     "SELECT " + strings.Repeat("a[", 60) + "0" + strings.Repeat("]", 60) + " FROM t",
	"extremes":    "SELECT " + strings.Repeat("GREATEST(", 60) + "a" + strings.Repeat(", 1)", 60) + " FROM t",
	"patterns":    "SELECT " + strings.Repeat("REGEXP_EXTRACT(", 60) + "a" + strings.Repeat(", r'b')", 60) + " FROM t",
	"substrings":  "SELECT " + strings.Repeat("SUBSTR(", 60) + "a" + strings.Repeat(", b)", 60) + " FROM t",
	"macros":      "SELECT " + strings.Repeat("CAST(", 60) + "a" + strings.Repeat(" AS STRING)", 60) + " FROM t",
	"windows":     "SELECT " + strings.Repeat("AVG(", 60) + "a" + strings.Repeat(") OVER ()", 60) + " FROM t",
	"choices":     "SELECT " + strings.Repeat("IF(TRUE, ", 40) + "a" + strings.Repeat(", 1.5)", 40) + " FROM t",
	"sums":        "SELECT 1" + strings.Repeat("+1", 100_000),
	"joins":       "SELECT 1 FROM t" + strings.Repeat(" LEFT JOIN t AS u ON (SELECT 1 FROM t", 25) + strings.Repeat(" LEFT JOIN t AS u ON u.a = 1)", 25),
	"aliases":     "SELECT *, CONCAT(" + strings.Repeat("'a', ", 10_000) + "'a') AS a FROM t ORDER BY a" + strings.Repeat(", a", 5_000),
	"parameters":  "SELECT @ids" + strings.Repeat(", @ids", 3),
	"disjunction": "SELECT 1" + strings.Repeat(" OR 1", 100_000),
	"conjunction": "SELECT 1" + strings.Repeat(" AND 1", 100_000),
	"statements":  strings.Repeat("SELECT 1;", 20_000),
}

// TestCostly holds that a short statement is either translated or refused before
// it has grown: each of these would end the process or run for hours.
func TestCostly(t *testing.T) {
	t.Parallel()
	const tooLarge = "Resources exceeded during query execution: Not enough resources for query planning - the translation of the query is too large"
	translated := map[string]bool{"joins": true, "parameters": true, "disjunction": true, "conjunction": true, "statements": true}
	for name, sql := range costly {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := dialect.Translate(sql, env())
			if translated[name] {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), tooLarge) {
				t.Errorf("got %v, want %s", err, tooLarge)
			}
		})
	}
}

// FuzzTranslate holds that any text is translated or refused, and that what is
// refused is refused by the room's own error.
func FuzzTranslate(f *testing.F) {
	files, err := filepath.Glob("../../../../sql/*/*.sql")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("MERGE t USING (SELECT 1) ON x WHEN NOT MATCHED BY SOURCE THEN DELETE; DECLARE x ARRAY<STRUCT<a INT64>>; SET x = []")
	f.Add("SELECT FORMAT('%x')")
	f.Add("SELECT DATE_DIFF(a, b, `day'`), DATE_TRUNC(a, `x'`), TIMESTAMP_TRUNC(a, `x'`), EXTRACT(`x'` FROM a), INTERVAL 1 `x'`")
	for _, name := range []string{"AVG", "SUM", "COUNTIF", "MIN", "ANY_VALUE", "ARRAY_AGG", "ARRAY_CONCAT_AGG", "STRING_AGG", "LOGICAL_OR", "MAX_BY",
		"APPROX_COUNT_DISTINCT", "APPROX_QUANTILES", "PERCENTILE_CONT", "PERCENTILE_DISC", "ROW_NUMBER", "NTILE", "LAG", "GROUPING", "ABS", "CONCAT"} {
		f.Add("SELECT " + name + "(*) FROM t")
		f.Add("SELECT " + name + "(*) OVER () FROM t")
		f.Add("SELECT " + name + "() FROM t")
	}
	for _, sql := range costly {
		if len(sql) < 10_000 {
			f.Add(sql)
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		statements, err := dialect.Translate(src, env())
		if err != nil {
			if _, ok := errors.AsType[*dialect.Error](err); !ok {
				t.Errorf("error of type %T: %v", err, err)
			}
			return
		}
		for _, s := range statements {
			if strings.ContainsRune(s.SQL, 0) {
				t.Errorf("a zero byte in %q", s.SQL)
			}
		}
	})
}

package sql

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const src = `-- Why.
-- @param id STRING
-- @param order_dates ARRAY<DATE>
-- @param files ARRAY<STRUCT<file_id STRING, n INT64>>
-- @when versions, repairs
-- @unless catalogs
INSERT INTO file_ledger (file_id)
SELECT f.file_id FROM fact_orders AS f WHERE f.order_id = @id AND f.order_date IN UNNEST(@order_dates); -- the end
`
	got, err := Parse("a/b", src)
	if err != nil {
		t.Fatal(err)
	}
	want := Statement{
		Name: "a/b", Text: src[:len(src)-len("; -- the end\n")],
		Parameters: []Parameter{{"id", "STRING"}, {"order_dates", "ARRAY<DATE>"}, {"files", "ARRAY<STRUCT<file_id STRING, n INT64>>"}},
		Reads:      []string{"fact_orders"}, Writes: []string{"file_ledger"},
		When: []string{"versions", "repairs"}, Unless: []string{"catalogs"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Statement{})); diff != "" {
		t.Errorf("statement (-want +got):\n%s", diff)
	}
	for i, isDates := range []bool{false, true, false} {
		if p := got.Parameters[i]; p.IsDates() != isDates {
			t.Errorf("@%s: a list of dates %t", p.Name, p.IsDates())
		}
	}
}

func TestTransaction(t *testing.T) {
	t.Parallel()
	parse := func(src string) Statement {
		t.Helper()
		s, err := Parse("a", src)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := parse("-- @param a INT64\n-- @param b STRING\nUPDATE pipeline_fence SET epoch = @a WHERE id = @b;")
	second := parse("-- @param c DATE\n-- @param a INT64\nINSERT INTO file_ledger (loaded) SELECT @a FROM pipeline_fence WHERE @c IS NOT NULL;")
	got, err := Transaction("all", first, second)
	if err != nil {
		t.Fatal(err)
	}
	want := Statement{
		Name: "all", Text: "-- begin\nBEGIN TRANSACTION;\n-- a\n" + first.Text + ";\n-- a\n" + second.Text + ";\n-- commit\nCOMMIT TRANSACTION;\n",
		Parameters: []Parameter{{"a", "INT64"}, {"b", "STRING"}, {"c", "DATE"}},
		Reads:      []string{"pipeline_fence"}, Writes: []string{"file_ledger", "pipeline_fence"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Statement{})); diff != "" {
		t.Errorf("transaction (-want +got):\n%s", diff)
	}
	dated, err := Transaction("dated", first, parse("SELECT 1 FROM a WHERE d IN UNNEST(@x_dates)"), parse("SELECT 2 FROM b WHERE e IN UNNEST(@y_dates)"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := dated.InlineDates(map[string][]int32{"x_dates": {0}, "y_dates": {1}})
	if want := first.Text + ";\n-- a\nSELECT 1 FROM a WHERE d IN (DATE '1970-01-01');\n-- a\nSELECT 2 FROM b WHERE e IN (DATE '1970-01-02');\n"; err != nil || text != "-- begin\nBEGIN TRANSACTION;\n-- a\n"+want+"-- commit\nCOMMIT TRANSACTION;\n" {
		t.Errorf("with dates %q, error %v", text, err)
	}
	names, err := NamesIn(text)
	if diff := cmp.Diff([]string{"begin", "a", "a", "a", "commit"}, names); diff != "" || err != nil {
		t.Errorf("names (-want +got), error %v:\n%s", err, diff)
	}
	const wrong = "sql: a takes @a as DATE, others of all as INT64"
	if _, err := Transaction("all", first, parse("-- @param a DATE\nSELECT @a")); message(err) != wrong {
		t.Errorf("error %q, want %q", message(err), wrong)
	}
}

// BenchmarkCatalog is what a program pays once for all statements.
func BenchmarkCatalog(b *testing.B) {
	for b.Loop() {
		if _, err := readCatalog(); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzParse feeds any bytes to the reader of statements: it must come back with a
// SyntaxError, or with a statement whose dates can be put into its text once.
func FuzzParse(f *testing.F) {
	all, err := Statements()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range all {
		f.Add(s.Text)
	}
	f.Add(`SELECT r'\'', b"""x""" FROM t WHERE d IN UNNEST(@day_dates) -- @day_dates`)
	f.Fuzz(func(t *testing.T, src string) {
		s, err := Parse("", src)
		if err != nil {
			if !errors.As(err, new(*lexer.SyntaxError)) {
				t.Errorf("error is no SyntaxError: %v", err)
			}
			return
		}
		text, err := s.InlineDates(map[string][]int32{"day_dates": {0}})
		if err != nil {
			if !errors.As(err, new(*lexer.SyntaxError)) {
				t.Errorf("dates error is no SyntaxError: %v", err)
			}
			return
		}
		if again, err := inlined(text, nil); err != nil || again != text {
			t.Errorf("inlining twice changes %q to %q, error %v", text, again, err)
		}
	})
}

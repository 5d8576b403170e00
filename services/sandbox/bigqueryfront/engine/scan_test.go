package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestScans compares what is planned, and what is noted of a run, with what a person reads in the statement.
func TestScans(t *testing.T) {
	t.Parallel()
	db, err := Open(Options{Path: t.TempDir() + "/db", Threads: 1, MemoryLimit: "1GB", CheckpointThreshold: "1GB", MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	conn.Taint()
	for _, statement := range []string{
		"CREATE SCHEMA s",
		"CREATE TABLE s.f AS SELECT 'o''' || i AS id, DATE '2026-01-01' + CAST(i % 30 AS INT) AS day, i AS n, {'a': i, 'b': 'x'} AS r, " +
			"TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_hours(i) AS at FROM range(3000) AS t(i)",
		"CREATE TEMP TABLE k AS SELECT id, day FROM s.f WHERE n < 100",
	} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.NoteScans(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, sql string
		want      []Scan
		noted     bool // nothing is, of a table without such a row
	}{
		{"no table", "SELECT 1", nil, true},
		{"a column", "SELECT sum(n) FROM s.f", []Scan{{Schema: "s", Table: "f", Columns: []string{"n"}}}, true},
		{"no column", "SELECT count(*) FROM s.f", []Scan{{Schema: "s", Table: "f"}}, true},
		{"a field", "SELECT r.b FROM s.f LIMIT 1", []Scan{{Schema: "s", Table: "f", Columns: []string{"r"}}}, true},
		{"a column that nothing needs", "SELECT n FROM (SELECT * FROM s.f)", []Scan{{Schema: "s", Table: "f", Columns: []string{"n"}}}, true},
		{"a condition with quotes", "SELECT n FROM s.f WHERE id = 'o''5, {a}'",
			[]Scan{{Schema: "s", Table: "f", Columns: []string{"n"}, Conditions: []string{"id='o''5, {a}'"}}}, true},
		{"a range", "SELECT n FROM s.f WHERE day BETWEEN DATE '2026-01-02' AND DATE '2026-01-03'",
			[]Scan{{Schema: "s", Table: "f", Columns: []string{"n"}, Conditions: []string{"day>='2026-01-02'::DATE AND day<='2026-01-03'::DATE"}}}, true},
		{"a list", "SELECT n FROM s.f WHERE day IN (DATE '2026-01-02', DATE '2026-01-04')",
			[]Scan{{Schema: "s", Table: "f", Columns: []string{"day", "n"}, Conditions: []string{
				"((day = '2026-01-02'::DATE) OR (day = '2026-01-04'::DATE))", "day IN ('2026-01-02'::DATE, '2026-01-04'::DATE)"}}}, true},
		{"nothing can be there", "SELECT n FROM s.f WHERE day = DATE '2027-01-01'",
			[]Scan{{Schema: "s", Table: "f", Columns: []string{"n"}, Conditions: []string{"day='2027-01-01'::DATE"}}}, false},
		{"a temporary table", "SELECT n FROM s.f JOIN temp.k USING (id)",
			[]Scan{{Schema: "s", Table: "f", Columns: []string{"id", "n"}}, {Table: "k", Columns: []string{"id"}}}, true},
		{"a deletion", "DELETE FROM s.f WHERE day = DATE '2026-01-05' AND n = 4",
			[]Scan{{Schema: "s", Table: "f", Conditions: []string{"day='2026-01-05'::DATE", "n=4"}}}, true},
	} {
		planned, err := conn.Plan(t.Context(), test.sql)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, planned); diff != "" {
			t.Errorf("%s: planned (-want +got):\n%s", test.name, diff)
		}
		conn.TakeScans()
		if _, err := conn.Exec(t.Context(), test.sql); err != nil {
			t.Fatal(err)
		}
		want := test.want
		if !test.noted {
			want = nil
		}
		if diff := cmp.Diff(want, conn.TakeScans()); diff != "" {
			t.Errorf("%s: noted (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	t.Parallel()
	for path, want := range map[string][]string{
		"a": {"a"}, "a.b.c": {"a", "b", "c"}, `"temp".main.k`: {"temp", "main", "k"}, `"a.b"."c""d".e`: {"a.b", `c"d`, "e"}, `"open`: {"open"}, "": {""},
	} {
		if diff := cmp.Diff(want, identifiers(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

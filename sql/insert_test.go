package sql

import "testing"

func TestCountOfInsert(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ stmt, want, err string }{
		"a query": {
			stmt: "-- Fills t.\nINSERT INTO t (a, b)\nSELECT 1, 2",
			want: "SELECT COUNT(*) AS missing FROM (\nSELECT 1, 2\n)",
		},
		"a query with names": {
			stmt: "insert into t (a) WITH x AS (SELECT 1) SELECT * FROM x",
			want: "SELECT COUNT(*) AS missing FROM (\nWITH x AS (SELECT 1) SELECT * FROM x\n)",
		},
		"another statement": {stmt: "DELETE FROM t", err: "sql: line 1: expected INSERT, found DELETE"},
		"no columns":        {stmt: "INSERT INTO t\nSELECT 1", err: "sql: line 2: expected (, found SELECT"},
		"cut off":           {stmt: "INSERT INTO t (a", err: "sql: line 1: expected ), found the end of the text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Statement{Text: tt.stmt}.CountOfInsert()
			if got.Text != tt.want || message(err) != tt.err {
				t.Errorf("got  %q, error %q\nwant %q, error %q", got.Text, message(err), tt.want, tt.err)
			}
		})
	}
}

// Every seed can be counted: provisioning asks what is missing before it runs one.
func TestSeedsAreCountable(t *testing.T) {
	t.Parallel()
	seeds, err := Group("seed")
	if err != nil {
		t.Fatal(err)
	}
	for _, seed := range seeds {
		if _, err := seed.CountOfInsert(); err != nil {
			t.Errorf("%s: %v", seed.Name, err)
		}
	}
}

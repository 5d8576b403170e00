package bigqueryfront_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testScripts(t *testing.T, f *front) {
	for _, c := range []struct {
		name   string
		script string
		want   []row
		fails  string
		after  []row
	}{
		{name: "the last SELECT is the result", script: "SELECT 1; SELECT 2; INSERT INTO t VALUES (9, 'n')", want: []row{{int64(2)}}, after: []row{{int64(1), "a"}, {int64(2), "b"}, {int64(9), "n"}}},
		{name: "temporary tables hide permanent ones", script: "CREATE TEMP TABLE t AS SELECT 5 AS a; SELECT a FROM t", want: []row{{int64(5)}}, after: []row{{int64(1), "a"}, {int64(2), "b"}}},
		{name: "a committed transaction", script: "BEGIN TRANSACTION; DELETE FROM t WHERE a = 1; UPDATE t SET b = 'c' WHERE a = 2; COMMIT TRANSACTION", after: []row{{int64(2), "c"}}},
		{name: "a failed assertion rolls back", script: "BEGIN TRANSACTION; DELETE FROM t WHERE TRUE; ASSERT EXISTS (SELECT 1 FROM t) AS 'not_empty'; COMMIT TRANSACTION",
			fails: "Assertion failed: not_empty at [1:46]", after: []row{{int64(1), "a"}, {int64(2), "b"}}},
		{name: "a rollback", script: "BEGIN; DELETE FROM t WHERE TRUE; ROLLBACK", after: []row{{int64(1), "a"}, {int64(2), "b"}}},
		{name: "an open transaction is rolled back", script: "BEGIN TRANSACTION; DELETE FROM t WHERE TRUE", after: []row{{int64(1), "a"}, {int64(2), "b"}}},
		{name: "without a transaction each statement stands", script: "DELETE FROM t WHERE a = 1; SELECT 1 / (a - 2) FROM t", fails: "division by zero", after: []row{{int64(2), "b"}}},
		{name: "the count of rows", script: "UPDATE t SET b = 'x' WHERE a > 0; SELECT @@row_count", want: []row{{int64(2)}}, after: []row{{int64(1), "x"}, {int64(2), "x"}}},
		{name: "variables", script: "DECLARE x INT64 DEFAULT 1; SET x = x + 1; DELETE FROM t WHERE a = x; SELECT x", want: []row{{int64(2)}}, after: []row{{int64(1), "a"}}},
		{name: "an update must be unambiguous", script: "UPDATE t SET b = s.b FROM UNNEST([STRUCT(1 AS a, 'x' AS b), (1, 'y')]) AS s WHERE t.a = s.a",
			fails: "UPDATE/MERGE must match at most one source row for each target row", after: []row{{int64(1), "a"}, {int64(2), "b"}}},
		{name: "a merge must be unambiguous", script: "MERGE t USING UNNEST_PLACEHOLDER AS s ON t.a = s.a WHEN MATCHED THEN DELETE",
			fails: "UPDATE/MERGE must match at most one source row for each target row", after: []row{{int64(1), "a"}, {int64(2), "b"}}},
		{name: "a merge inserts rows whole", script: "MERGE INTO t USING (SELECT 1 AS a, 'z' AS b UNION ALL SELECT 7, 'q') AS s ON t.a = s.a WHEN MATCHED AND s.b = 'no' THEN DELETE WHEN MATCHED THEN UPDATE SET t.b = s.b WHEN NOT MATCHED BY TARGET THEN INSERT ROW",
			after: []row{{int64(1), "z"}, {int64(2), "b"}, {int64(7), "q"}}},
		{name: "update from a query with a join", script: "UPDATE t SET b = u.b FROM (WITH w AS (SELECT 1 AS a) SELECT w.a, 'k' AS b FROM w JOIN w AS v ON v.a = w.a) AS u WHERE t.a = u.a", after: []row{{int64(1), "k"}, {int64(2), "b"}}},
		{name: "update from a join", script: "UPDATE t SET b = u.b FROM (SELECT 1 AS a, 'k' AS b) AS u JOIN (SELECT 1 AS a) AS w ON w.a = u.a WHERE t.a = u.a", after: []row{{int64(1), "k"}, {int64(2), "b"}}},
		{name: "a table replaced by its own rows", script: "CREATE OR REPLACE TABLE t AS SELECT DISTINCT a, a + 1 AS b FROM t; CREATE OR REPLACE TABLE t AS SELECT b AS a FROM t; SELECT SUM(a) FROM t", want: []row{{int64(5)}}, after: []row{{int64(2)}, {int64(3)}}},
		{name: "tables as select", script: "CREATE OR REPLACE TABLE u AS SELECT a * 2 AS a FROM t; SELECT SUM(a) FROM u; DROP TABLE u; DROP TABLE IF EXISTS u; TRUNCATE TABLE t", want: []row{{int64(6)}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := f.beside(t)
			f.mustQuery(t, "CREATE TABLE t (a INT64, b STRING)")
			f.mustQuery(t, "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
			script := strings.Replace(c.script, "UNNEST_PLACEHOLDER", "(SELECT 1 AS a UNION ALL SELECT 1)", 1)
			got, err := f.query(t.Context(), script)
			switch {
			case c.fails == "" && err != nil:
				t.Fatal(err)
			case c.fails != "" && (reason(err) != "invalidQuery" || !strings.Contains(err.Error(), c.fails)):
				t.Errorf("error %v, want %q", err, c.fails)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.after, f.mustQuery(t, "SELECT * FROM t ORDER BY a")); diff != "" {
				t.Errorf("table (-want +got):\n%s", diff)
			}
		})
	}
}

func testChildJobs(t *testing.T, f *front) {
	q := f.client.Query("CREATE TEMP TABLE x AS SELECT 1 AS a; SELECT a FROM x")
	job, err := q.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	it, err := job.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var r row
	if err := it.Next(&r); err != nil || r[0] != int64(1) {
		t.Errorf("the parent's result is %v, %v", r, err)
	}
	status, err := job.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if status.Statistics.NumChildJobs != 2 {
		t.Errorf("%d child jobs, want 2", status.Statistics.NumChildJobs)
	}
	children := 0
	for it := job.Children(t.Context()); ; children++ {
		if _, err := it.Next(); err != nil {
			break
		}
	}
	if children != 2 {
		t.Errorf("%d children listed, want 2", children)
	}
	if _, err := f.query(t.Context(), "SELECT * FROM x"); reason(err) != "notFound" {
		t.Errorf("a temporary table outlived its script: %v", err)
	}
}

// testConflicts runs transactions that raise one row at once: those that commit
// are exactly those that count, the others are refused in BigQuery's words.
func testConflicts(t *testing.T, f *front) {
	f.mustQuery(t, "CREATE TABLE fence (id INT64, epoch INT64)")
	f.mustQuery(t, "CREATE TABLE log (n INT64)")
	f.mustQuery(t, "INSERT INTO fence VALUES (1, 0)")
	var mu sync.Mutex
	committed, refused := 0, 0
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 10 {
				script := fmt.Sprintf(`BEGIN TRANSACTION; UPDATE fence SET epoch = epoch + 1 WHERE id = 1; INSERT INTO log VALUES (%d);
					CREATE TEMP TABLE work AS SELECT x FROM UNNEST(GENERATE_ARRAY(1, 20000)) AS x; COMMIT TRANSACTION`, i)
				_, err := f.query(context.WithoutCancel(t.Context()), script)
				mu.Lock()
				switch {
				case err == nil:
					committed++
				case reason(err) == "invalidQuery" && strings.Contains(err.Error(), f.named("Transaction is aborted due to concurrent update against table PROJECT:DATASET.fence")):
					refused++
				default:
					t.Errorf("unexpected: %v", err)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	got := f.mustQuery(t, "SELECT epoch, (SELECT COUNT(*) FROM log) FROM fence")
	if diff := cmp.Diff([]row{{int64(committed), int64(committed)}}, got); diff != "" || committed == 0 {
		t.Errorf("%d committed, %d refused (-want +got):\n%s", committed, refused, diff)
	}
	if refused == 0 {
		t.Log("no transaction met another")
	}
}

// testQueuedStatements raises one row by lone statements, which BigQuery queues.
func testQueuedStatements(t *testing.T, f *front) {
	f.mustQuery(t, "CREATE TABLE c (n INT64)")
	f.mustQuery(t, "INSERT INTO c VALUES (0)")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				if _, err := f.query(context.WithoutCancel(t.Context()), "UPDATE c SET n = n + 1 WHERE TRUE"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if diff := cmp.Diff([]row{{int64(20)}}, f.mustQuery(t, "SELECT n FROM c")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// testStreamedRowsInTransaction streams a row and changes it at once.
func testStreamedRowsInTransaction(t *testing.T, f *front) {
	f.mustQuery(t, "CREATE TABLE s (a INT64)")
	md, d := f.descriptor(t, "s")
	result, err := f.stream(t, f.writer(t), "s", d).AppendRows(t.Context(), serialize(t, md, `{"a":"1"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := result.GetResult(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = f.query(t.Context(), "BEGIN TRANSACTION; DELETE FROM s WHERE a = 1; COMMIT TRANSACTION")
	want := f.named("UPDATE or DELETE statement over table PROJECT.DATASET.s would affect rows in the streaming buffer, which is not supported")
	if reason(err) != "invalidQuery" || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	if diff := cmp.Diff([]row{{int64(1)}}, f.mustQuery(t, "SELECT a FROM s")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

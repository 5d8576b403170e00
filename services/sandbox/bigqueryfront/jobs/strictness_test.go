package jobs

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/catalog"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
)

// world is a store whose time the test sets, with a table shop.t of two rows.
type world struct {
	*Store
	cat *catalog.Catalog

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := engine.Open(engine.Options{Path: filepath.Join(t.TempDir(), "test.duckdb"), Threads: 1, MemoryLimit: "500MB",
		CheckpointThreshold: "16MB", Prelude: dialect.Prelude, MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.now
	}
	if w.cat, err = catalog.Open(t.Context(), db, "p", clock); err != nil {
		t.Fatal(err)
	}
	w.Store = NewStore(db, w.cat, clock, slog.New(slog.DiscardHandler), Options{})
	t.Cleanup(func() {
		w.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := w.cat.CreateDataset(t.Context(), &bq.Dataset{DatasetReference: &bq.DatasetReference{ProjectId: "p", DatasetId: "shop"}}); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"CREATE TABLE t (a INT64)", "CREATE TABLE u (a INT64)", "INSERT INTO t VALUES (1), (2)"} {
		if failure := w.run(t, statement); failure != "" {
			t.Fatalf("%s: %s", statement, failure)
		}
	}
	return w
}

// run runs a script and returns its failure, or "".
func (w *world) run(t *testing.T, script string) string {
	t.Helper()
	job, err := w.Start("", "", "", Request{SQL: script, Dataset: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	if !job.Wait(t.Context()) {
		t.Fatalf("%s: not finished", script)
	}
	if outcome, _ := job.Outcome(); outcome.Err != nil {
		return outcome.Err.Reason + ": " + outcome.Err.Message
	}
	return ""
}

var tableT = dialect.TableRef{Dataset: "shop", Table: "t"}

// TestTableConflicts runs transactions while another has changed a row of shop.t.
func TestTableConflicts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.locks.begin()
	if !w.locks.take(other, tableT) {
		t.Fatal("a free table was refused")
	}
	const cancelled = "invalidQuery: Query error: Transaction is aborted due to concurrent update against table p:shop.t at [1:20]"
	for _, c := range []struct{ name, statement, want string }{
		{"update", "UPDATE t SET a = 3 WHERE a = 2", cancelled},
		{"delete", "DELETE FROM t WHERE a = 5", cancelled},
		{"truncate", "TRUNCATE TABLE t", cancelled},
		{"merge", "MERGE t USING (SELECT 2 AS a) AS s ON t.a = s.a WHEN MATCHED THEN UPDATE SET a = 2", cancelled},
		{"merge by source", "MERGE t USING (SELECT 2 AS a) AS s ON t.a = s.a WHEN NOT MATCHED BY SOURCE THEN DELETE", cancelled},
		{"a merge that only inserts", "MERGE t USING (SELECT 2 AS a) AS s ON t.a = s.a WHEN NOT MATCHED THEN INSERT ROW", ""},
		{"insert", "INSERT INTO t VALUES (9)", ""},
		{"read", "SELECT a FROM t", ""},
		{"another table", "DELETE FROM u WHERE TRUE", ""},
		{"a temporary table of that name", "CREATE TEMP TABLE t AS SELECT 5 AS a; DELETE FROM t WHERE TRUE", ""},
	} {
		got := w.run(t, "BEGIN TRANSACTION; "+c.statement+"; COMMIT TRANSACTION")
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	// A lone statement waits for the transaction's end.
	job, err := w.Start("", "", "", Request{SQL: "DELETE FROM t WHERE a = 1", Dataset: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-job.done:
		t.Error("a lone statement did not wait")
	default:
	}
	w.locks.end(other, true)
	if !job.Wait(t.Context()) {
		t.Fatal("not finished")
	}
	if outcome, _ := job.Outcome(); outcome.Err != nil || outcome.AffectedRows() != 1 {
		t.Errorf("the statement that waited: %v, %d rows", outcome.Err, outcome.AffectedRows())
	}
	if got := w.run(t, "BEGIN TRANSACTION; UPDATE t SET a = 3 WHERE a = 2; COMMIT TRANSACTION; BEGIN TRANSACTION; DELETE FROM t WHERE a = 3; ROLLBACK TRANSACTION"); got != "" {
		t.Errorf("a free table: %s", got)
	}
}

func TestLocks(t *testing.T) {
	t.Parallel()
	l := newLocks()
	early, winner := l.begin(), l.begin()
	if !l.take(winner, tableT) {
		t.Error("a free table is refused")
	}
	if !l.take(winner, tableT) {
		t.Error("a transaction does not get what it holds")
	}
	if l.take(early, tableT) {
		t.Error("two transactions hold one table")
	}
	l.end(winner, true)
	if l.take(early, tableT) {
		t.Error("a transaction changes a table that was changed since it began")
	}
	undone := l.begin()
	before := l.begin()
	if !l.take(undone, tableT) {
		t.Error("a later transaction is refused")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.await(ended, tableT); err == nil {
		t.Error("a cancelled statement got a table that is held")
	}
	for range maxQueued {
		go func() {
			if tx, err := l.await(t.Context(), tableT); err == nil {
				l.end(tx, false)
			}
		}()
	}
	for full := false; !full; runtime.Gosched() {
		l.mu.Lock()
		full = l.queued[tableT] == maxQueued
		l.mu.Unlock()
	}
	if _, err := l.await(t.Context(), tableT); !errors.Is(err, errQueueFull) {
		t.Errorf("a statement too many waits: %v", err)
	}
	l.end(undone, false)
	for empty := false; !empty; runtime.Gosched() {
		l.mu.Lock()
		empty = len(l.queued) == 0 && len(l.holders) == 0
		l.mu.Unlock()
	}
	if !l.take(before, tableT) {
		t.Error("a rollback counts as a change")
	}
}

// TestRecentlyStreamed changes rows of a table in the half hour after rows were
// streamed to it, and later.
func TestRecentlyStreamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.cat.NoteStreamed(t.Context(), tableT); err != nil {
		t.Fatal(err)
	}
	const refused = "invalidQuery: Query error: UPDATE or DELETE statement over table p.shop.t would affect rows in the streaming buffer, which is not supported at [1:20]"
	statements := []struct{ name, statement, want string }{
		{"update", "UPDATE t SET a = 2 WHERE a = 1", refused},
		{"delete", "DELETE FROM t WHERE a = 5", refused},
		{"merge", "MERGE t USING (SELECT 1 AS a) AS s ON t.a = s.a WHEN MATCHED THEN DELETE", refused},
		{"truncate", "TRUNCATE TABLE t", refused},
		{"insert", "INSERT INTO t VALUES (7)", ""},
		{"read", "CREATE TEMP TABLE x AS SELECT a FROM t", ""},
		{"another table", "DELETE FROM u WHERE TRUE", ""},
	}
	for _, c := range statements {
		if diff := cmp.Diff(c.want, w.run(t, "BEGIN TRANSACTION; "+c.statement+"; COMMIT TRANSACTION")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	// Outside of a transaction the Storage Write API's rows may be changed.
	if got := w.run(t, "UPDATE t SET a = 3 WHERE a = 1"); got != "" {
		t.Errorf("a lone statement: %s", got)
	}
	w.mu.Lock()
	w.now = w.now.Add(30 * time.Minute)
	w.mu.Unlock()
	for _, c := range statements {
		if got := w.run(t, "BEGIN TRANSACTION; "+c.statement+"; COMMIT TRANSACTION"); got != "" {
			t.Errorf("%s, half an hour later: %s", c.name, got)
		}
	}
}

// TestPanic has a script panic amid a transaction: it fails, its change is undone,
// the table is free and the store goes on.
func TestPanic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var told []any
	w.options.Panics = func(_ context.Context, jobID string, cause any) {
		told = append(told, jobID, cause, strings.Contains(string(debug.Stack()), "(*Store).runScript"))
	}
	sound, calls := w.Store.now, 0
	w.Store.now = func() time.Time {
		// The fourth statement's beginning: two of the job's, three of each before.
		if calls++; calls == 2+3*3+2 {
			panic("defect")
		}
		return sound()
	}
	const script = "BEGIN TRANSACTION; UPDATE t SET a = 9 WHERE TRUE; SELECT 1; COMMIT TRANSACTION"
	job, err := w.Start("broken", "", "", Request{SQL: script, Dataset: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	if !job.Wait(t.Context()) {
		t.Fatal("not finished")
	}
	outcome, _ := job.Outcome()
	want := &fault.Fault{Status: 500, Reason: "internalError", Message: "The embedded BigQuery has a defect, which its log describes."}
	if diff := cmp.Diff(want, outcome.Err); diff != "" {
		t.Errorf("failure (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{"broken", "defect", true}, told); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	w.Store.now = sound
	if got := w.run(t, "UPDATE t SET a = 7 WHERE a = 1; ASSERT (SELECT SUM(a) FROM t) = 9"); got != "" {
		t.Errorf("afterwards: %s", got)
	}
}

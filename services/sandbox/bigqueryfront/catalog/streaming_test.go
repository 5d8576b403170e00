package catalog

import (
	"path/filepath"
	"testing"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

// TestStreamedOutlivesRestart streams to a table, restarts, and asks at times
// before and after its half hour is over.
func TestStreamedOutlivesRestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.duckdb")
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := begin
	open := func() (*Catalog, func()) {
		t.Helper()
		db, err := engine.Open(engine.Options{Path: path, Threads: 1, MemoryLimit: "500MB", CheckpointThreshold: "16MB", Prelude: dialect.Prelude, MaxConns: 2})
		if err != nil {
			t.Fatal(err)
		}
		c, err := Open(t.Context(), db, "p", func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		return c, func() {
			t.Helper()
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	table := func(name string) dialect.TableRef { return dialect.TableRef{Dataset: "shop", Table: name} }
	create := func(c *Catalog, name string, replace bool) {
		t.Helper()
		_, err := c.CreateTable(t.Context(), &bq.Table{TableReference: &bq.TableReference{DatasetId: "shop", TableId: name},
			Schema: &bq.TableSchema{Fields: []*bq.TableFieldSchema{{Name: "a", Type: "INTEGER"}}}}, "", replace)
		if err != nil {
			t.Fatal(err)
		}
	}
	note := func(c *Catalog, name string) {
		t.Helper()
		if err := c.NoteStreamed(t.Context(), table(name)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(c *Catalog, when string, want map[string]bool) {
		t.Helper()
		for name, recent := range want {
			if got := c.RecentlyStreamed(table(name)); got != recent {
				t.Errorf("%s: %s is recently streamed: %t, want %t", when, name, got, recent)
			}
		}
	}

	c, closed := open()
	if _, err := c.CreateDataset(t.Context(), &bq.Dataset{DatasetReference: &bq.DatasetReference{DatasetId: "shop"}}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"once", "steady", "never", "dropped", "replaced"} {
		create(c, name, false)
	}
	for _, name := range []string{"once", "steady", "dropped", "replaced"} {
		note(c, name)
	}
	for range 20 { // ten minutes
		now = now.Add(30 * time.Second)
		note(c, "steady")
	}
	if err := c.DeleteTable(t.Context(), table("dropped")); err != nil {
		t.Fatal(err)
	}
	create(c, "dropped", false)
	create(c, "REPLACED", true)
	check(c, "before the restart", map[string]bool{"once": true, "steady": true, "never": false, "dropped": false, "REPLACED": false})
	closed()

	c, closed = open()
	check(c, "after the restart", map[string]bool{"once": true, "steady": true, "never": false, "dropped": false, "REPLACED": false, "replaced": false})
	closed()

	// A note may be a minute ahead of what it notes, not more.
	now = begin.Add(recentStream + noteAhead)
	c, closed = open()
	check(c, "half an hour after the first rows", map[string]bool{"once": false, "steady": true})
	closed()

	now = begin.Add(10*time.Minute + recentStream - time.Second)
	c, closed = open()
	check(c, "just before the last rows' half hour is over", map[string]bool{"steady": true})
	closed()

	now = begin.Add(10*time.Minute + recentStream + noteAhead)
	c, closed = open()
	defer closed()
	check(c, "half an hour after the last rows", map[string]bool{"steady": false})
	note(c, "once")
	check(c, "streamed to again", map[string]bool{"once": true})
}

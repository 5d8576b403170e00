package engine

import (
	"path/filepath"
	"testing"
)

// TestPlansAreOfTheirSnapshot: what a statement reads is of one moment, the moment it was planned
// for included.
func TestPlansAreOfTheirSnapshot(t *testing.T) {
	t.Parallel()
	db, err := Open(Options{Path: filepath.Join(t.TempDir(), "w.duckdb"), Threads: 1, MemoryLimit: "1GB", CheckpointThreshold: "1MB", MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	connect := func() *Conn {
		conn, err := db.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Release)
		return conn
	}
	reader, writer := connect(), connect()
	exec := func(statement string) {
		t.Helper()
		if _, err := writer.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE TABLE ledger (f BIGINT)")
	exec("CREATE TABLE findings (f BIGINT)")
	together := func(statements ...string) error {
		return writer.Transact(t.Context(), func() error {
			for _, statement := range statements {
				if _, err := writer.Exec(t.Context(), statement); err != nil {
					return err
				}
			}
			return nil
		})
	}
	done := make(chan error)
	go func() {
		var err error
		for i := 0; i < 200 && err == nil; i++ {
			if err = together("INSERT INTO ledger VALUES (1)", "INSERT INTO findings VALUES (1)"); err == nil {
				err = together("DROP TABLE ledger", "DROP TABLE findings", "CREATE TABLE ledger (f BIGINT)", "CREATE TABLE findings (f BIGINT)")
			}
		}
		done <- err
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
		err := reader.Query(t.Context(), "SELECT COUNT(*) FROM ledger AS l LEFT JOIN (SELECT f FROM findings WHERE f > 0 GROUP BY f) AS g ON g.f = l.f WHERE g.f IS NULL", func(rows *Rows) error {
			if _, err := rows.Next(); err != nil {
				return err
			}
			if n, _ := rows.Text(0); n != "0" {
				t.Errorf("%s rows of the ledger without a finding", n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

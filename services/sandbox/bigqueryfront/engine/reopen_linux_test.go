package engine

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fullDir names the folder for a copy of this test that is run as a process of its own,
// because the limit that stands for a full disk is the whole process's.
const fullDir = "ENGINE_FULL_DISK_DIR"

// TestReopensAfterFailedCheckpoint: DuckDB gives the database up when the disk has no
// room for a checkpoint. It must come back by itself, with all that was committed.
func TestReopensAfterFailedCheckpoint(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(fullDir); dir != "" {
		surviveFailedCheckpoint(t, dir)
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestReopensAfterFailedCheckpoint$")
	child.Env = append(os.Environ(), fullDir+"="+t.TempDir())
	if out, err := child.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("PASS")) {
		t.Errorf("%v\n%s", err, out)
	}
}

func surviveFailedCheckpoint(t *testing.T, dir string) {
	signal.Ignore(unix.SIGXFSZ)
	ctx := t.Context()
	db, err := Open(Options{Path: filepath.Join(dir, "w.duckdb"), Threads: 2, MemoryLimit: "1GB", CheckpointThreshold: "128MB", MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	var appender *Appender
	reloaded := make(chan string, 1)
	db.OnFailure(func() { appender.Close() }, func(ctx context.Context, conn *Conn) error {
		reloaded <- count(ctx, t, conn)
		return nil
	})
	exec := func(statement string) error {
		conn, err := db.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		_, err = conn.Exec(ctx, statement)
		return err
	}
	unavailable := func(what string, err error) {
		t.Helper()
		if e, ok := errors.AsType[*Error](err); !ok || e.Class != ClassUnavailable {
			t.Errorf("%s on a full disk: %v", what, err)
		}
	}
	const insert = "INSERT INTO t SELECT i FROM range(1000) r(i)"
	for _, statement := range []string{"CREATE TABLE t (i BIGINT)", insert} {
		if err := exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if appender, err = db.NewAppender("main", "t"); err != nil {
		t.Fatal(err)
	}
	limitFiles(t, 0)
	unavailable("a commit", exec(insert))
	unavailable("a checkpoint", exec("CHECKPOINT"))
	if got := <-reloaded; got != "1000" {
		t.Errorf("%s rows after the database was opened again, want 1000", got)
	}
	limitFiles(t, unix.RLIM_INFINITY)
	deadline := time.Now().Add(time.Minute)
	for err = exec(insert); err != nil && time.Now().Before(deadline); err = exec(insert) {
		unavailable("an insert", err)
	}
	if err != nil {
		t.Fatalf("the database did not come back: %v", err)
	}
	conn, err := db.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := count(ctx, t, conn); got != "2000" {
		t.Errorf("%s rows once there was room, want 2000", got)
	}
	conn.Release()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func count(ctx context.Context, t *testing.T, conn *Conn) (n string) {
	t.Helper()
	err := conn.Query(ctx, "SELECT count(*) FROM main.t", func(rows *Rows) error {
		if _, err := rows.Next(); err != nil {
			return err
		}
		n, _ = rows.Text(0)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

// limitFiles keeps every file of this process from growing beyond so many bytes.
func limitFiles(t *testing.T, size uint64) {
	t.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = min(size, limit.Max)
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}

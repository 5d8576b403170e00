//go:build unix

package engine

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// BenchmarkOneTask runs a statement whose rows are one task, so that one of DuckDB's threads
// has all of its work: what the others take meanwhile is seen in the CPU time.
func BenchmarkOneTask(b *testing.B) {
	db, err := Open(Options{Path: filepath.Join(b.TempDir(), "w.duckdb"), Threads: 2, MemoryLimit: "1GB", CheckpointThreshold: "128MB", MaxConns: 2})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(b.Context(), "CREATE TABLE t AS SELECT i FROM range(100000) AS r(i)"); err != nil {
		b.Fatal(err)
	}
	start := cpuTime(b)
	for b.Loop() {
		if _, err := conn.Exec(b.Context(), "CREATE OR REPLACE TEMP TABLE u AS SELECT md5(md5(md5(CAST(i AS VARCHAR)))) AS m FROM t"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpuTime(b)-start).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// cpuTime is what this process has used.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

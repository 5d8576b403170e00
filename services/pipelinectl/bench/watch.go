package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// watch polls the ledger and notes when each file is first seen in it.
type watch struct {
	clients   *verify.Clients
	seen      map[string]bool
	skipped   int // files that do not count
	records   int64
	lines     int64
	last      time.Time // when a file was last seen for the first time
	freshness []time.Duration
}

func newWatch(c *verify.Clients) *watch {
	return &watch{clients: c, seen: make(map[string]bool)}
}

// forget starts the figures anew; the files seen until now no longer count.
func (w *watch) forget() {
	w.skipped, w.records, w.lines, w.freshness = len(w.seen), 0, 0, nil
}

// await polls until n files that count are in the ledger.
func (w *watch) await(ctx context.Context, n int, exited <-chan struct{}, progress func(files int, records int64)) error {
	ticks := time.NewTicker(poll)
	defer ticks.Stop()
	for {
		if err := w.look(ctx); err != nil {
			return err
		}
		progress(len(w.seen)-w.skipped, w.records)
		if len(w.seen)-w.skipped >= n {
			return nil
		}
		select {
		case <-ticks.C:
		case <-exited:
			return errors.New("the sandbox ended during the load")
		case <-ctx.Done():
			return fmt.Errorf("%d of %d files are loaded: %w", len(w.seen)-w.skipped, n, ctx.Err())
		}
	}
}

func (w *watch) look(ctx context.Context) error {
	rows, err := readRows[loadedFile](ctx, w.clients, "check/loaded_files")
	if err != nil {
		return fmt.Errorf("ask the ledger: %w", err)
	}
	now := time.Now()
	for _, row := range rows {
		if w.seen[row.FileID] {
			continue
		}
		w.seen[row.FileID] = true
		w.last = now
		w.records += row.Records
		w.lines += row.Lines
		w.freshness = append(w.freshness, now.Sub(row.LandedAt))
	}
	return nil
}

// loadedFile is a row of the ledger.
type loadedFile struct {
	FileID   string    `bigquery:"file_id"`
	Records  int64     `bigquery:"records"`
	Lines    int64     `bigquery:"lines"`
	LandedAt time.Time `bigquery:"landed_at"`
}

// Percentiles of durations, in milliseconds.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// percentiles gives the nearest ranks.
func percentiles(durations []time.Duration) Percentiles {
	if len(durations) == 0 {
		return Percentiles{}
	}
	sorted := slices.Sorted(slices.Values(durations))
	at := func(percent int) float64 {
		rank := (len(sorted)*percent + 99) / 100
		return float64(sorted[max(rank, 1)-1].Microseconds()) / 1000
	}
	return Percentiles{P50: at(50), P99: at(99), Max: at(100)}
}

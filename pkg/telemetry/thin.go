package telemetry

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// What a process may log: an outage makes thousands of messages fail in the same way,
// and a line for each would say nothing that the first ones do not.
const (
	burst  = 20          // lines with the same message and level
	period = time.Minute // in this time; what comes after is counted and left out
)

// thinned lets the first lines of a kind through in each period; the first of the next
// period says how many were left out. Messages are constant, so there are few kinds.
// Errors are never left out.
type thinned struct {
	slog.Handler
	kinds *kinds
}

type kinds struct {
	now func() time.Time
	mu  sync.Mutex
	of  map[kind]*count
}

type kind struct {
	message string
	level   slog.Level
}

type count struct {
	since            time.Time
	lines, unwritten int
}

func newThinned(next slog.Handler) *thinned {
	return &thinned{next, &kinds{now: time.Now, of: make(map[kind]*count)}}
}

// Handle implements slog.Handler.
func (h *thinned) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		return h.Handler.Handle(ctx, r)
	}
	write, unwritten := h.kinds.admit(kind{r.Message, r.Level})
	if !write {
		return nil
	}
	if unwritten > 0 {
		r.AddAttrs(slog.Int("similar_lines_left_out", unwritten))
	}
	return h.Handler.Handle(ctx, r)
}

func (k *kinds) admit(of kind) (write bool, unwritten int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, c := k.now(), k.of[of]
	if c == nil {
		c = &count{since: now}
		k.of[of] = c
	}
	if now.Sub(c.since) >= period {
		unwritten = c.unwritten
		*c = count{since: now}
	}
	if c.lines == burst {
		c.unwritten++
		return false, 0
	}
	c.lines++
	return true, unwritten
}

// WithAttrs implements slog.Handler.
func (h *thinned) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &thinned{h.Handler.WithAttrs(attrs), h.kinds}
}

// WithGroup implements slog.Handler.
func (h *thinned) WithGroup(name string) slog.Handler {
	return &thinned{h.Handler.WithGroup(name), h.kinds}
}

package reporting

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// cache keeps encoded answers until the warehouse changes. Equal requests that
// arrive together are computed once. Safe for concurrent use.
type cache struct {
	ttl      time.Duration
	maxBytes int
	now      func() time.Time

	flights singleflight.Group

	mu         sync.Mutex
	generation uint64 // of the warehouse's contents
	entries    map[request]entry
	bytes      int
}

type entry struct {
	answer  *answer
	expires time.Time
}

func newCache(ttl time.Duration, maxBytes int, now func() time.Time) *cache {
	return &cache{ttl: ttl, maxBytes: maxBytes, now: now, entries: make(map[request]entry)}
}

// invalidate forgets everything. An answer whose computation began before is
// still given to those who wait for it, but not kept.
func (c *cache) invalidate() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.clear()
}

func (c *cache) clear() {
	clear(c.entries)
	c.bytes = 0
}

// get returns the kept answer, or computes it. The computation does not end
// with ctx, because others may wait for it too; it bounds itself.
func (c *cache) get(ctx context.Context, r request, compute func(context.Context) (*answer, error)) (_ *answer, hit bool, _ error) {
	kept, generation := c.lookup(r)
	if kept != nil {
		return kept, true, nil
	}
	// A newer generation must not join an older computation.
	key := fmt.Sprintf("%d %+v", generation, r)
	flight := c.flights.DoChan(key, func() (any, error) {
		a, err := compute(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		c.keep(r, a, generation)
		return a, nil
	})
	select {
	case done := <-flight:
		if done.Err != nil {
			return nil, false, done.Err
		}
		return done.Val.(*answer), false, nil
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
}

func (c *cache) lookup(r request) (*answer, uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[r]; ok && c.now().Before(e.expires) {
		return e.answer, c.generation
	}
	return nil, c.generation
}

func (c *cache) keep(r request, a *answer, generation uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation || len(a.body) > c.maxBytes {
		return
	}
	// Each refresh empties the cache anyway, so that a finer eviction would only
	// serve clients who ask for ever new periods.
	if c.bytes+len(a.body) > c.maxBytes {
		c.clear()
	}
	if old, ok := c.entries[r]; ok {
		c.bytes -= len(old.answer.body)
	}
	c.entries[r] = entry{answer: a, expires: c.now().Add(c.ttl)}
	c.bytes += len(a.body)
}

package reporting

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// cache keeps encoded answers until the warehouse changes. Equal requests that
// arrive together are computed once. Safe for concurrent use. Q is what is asked; it
// is printed to tell questions apart, so that it may hold no pointer.
type cache[Q comparable] struct {
	ttl      time.Duration
	maxBytes int
	now      func() time.Time

	flights singleflight.Group

	mu         sync.Mutex
	generation uint64 // of the warehouse's contents
	entries    map[Q]entry
	bytes      int
}

type entry struct {
	answer  *answer
	expires time.Time
}

func newCache[Q comparable](ttl time.Duration, maxBytes int, now func() time.Time) *cache[Q] {
	return &cache[Q]{ttl: ttl, maxBytes: maxBytes, now: now, entries: make(map[Q]entry)}
}

// invalidate forgets everything. An answer whose computation began before is
// still given to those who wait for it, but not kept.
func (c *cache[Q]) invalidate() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.clear()
}

func (c *cache[Q]) clear() {
	clear(c.entries)
	c.bytes = 0
}

// get returns the kept answer, or computes it. The computation does not end
// with ctx, because others may wait for it too; it bounds itself.
func (c *cache[Q]) get(ctx context.Context, q Q, compute func(context.Context) (*answer, error)) (_ *answer, hit bool, _ error) {
	kept, generation := c.lookup(q)
	if kept != nil {
		return kept, true, nil
	}
	// A newer generation must not join an older computation.
	key := fmt.Sprintf("%d %+v", generation, q)
	flight := c.flights.DoChan(key, func() (any, error) {
		a, err := compute(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		c.keep(q, a, generation)
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

func (c *cache[Q]) lookup(q Q) (*answer, uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[q]; ok && c.now().Before(e.expires) {
		return e.answer, c.generation
	}
	return nil, c.generation
}

func (c *cache[Q]) keep(q Q, a *answer, generation uint64) {
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
	if old, ok := c.entries[q]; ok {
		c.bytes -= len(old.answer.body)
	}
	c.entries[q] = entry{answer: a, expires: c.now().Add(c.ttl)}
	c.bytes += len(a.body)
}

package answer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Cache keeps encoded answers until the warehouse changes. Equal requests that
// arrive together are computed once. Safe for concurrent use. Q is what is asked; it
// is printed to tell questions apart, so that it may hold no pointer.
type Cache[Q comparable] struct {
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
	answer  *Answer
	expires time.Time
}

// NewCache makes a cache that keeps an answer for ttl, and at most maxBytes of answers.
func NewCache[Q comparable](ttl time.Duration, maxBytes int, now func() time.Time) *Cache[Q] {
	return &Cache[Q]{ttl: ttl, maxBytes: maxBytes, now: now, entries: make(map[Q]entry)}
}

// Invalidate forgets everything. An answer whose computation began before is
// still given to those who wait for it, but not kept.
func (c *Cache[Q]) Invalidate() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.clear()
}

func (c *Cache[Q]) clear() {
	clear(c.entries)
	c.bytes = 0
}

// get returns the kept answer, or computes it. The computation does not end
// with ctx, because others may wait for it too; it bounds itself.
func (c *Cache[Q]) get(ctx context.Context, q Q, compute func(context.Context) (*Answer, error)) (_ *Answer, hit bool, _ error) {
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
		return done.Val.(*Answer), false, nil
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
}

func (c *Cache[Q]) lookup(q Q) (*Answer, uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[q]; ok && c.now().Before(e.expires) {
		return e.answer, c.generation
	}
	return nil, c.generation
}

func (c *Cache[Q]) keep(q Q, a *Answer, generation uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation || a.body.Len() > c.maxBytes {
		return
	}
	// Each refresh empties the cache anyway, so that a finer eviction would only
	// serve clients who ask for ever new periods.
	if c.bytes+a.body.Len() > c.maxBytes {
		c.clear()
	}
	if old, ok := c.entries[q]; ok {
		c.bytes -= old.answer.body.Len()
	}
	c.entries[q] = entry{answer: a, expires: c.now().Add(c.ttl)}
	c.bytes += a.body.Len()
}

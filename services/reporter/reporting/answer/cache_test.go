package answer

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// question is what a cache is asked.
type question struct {
	path  string
	limit int
}

var someTime = time.Date(2026, 11, 23, 19, 34, 56, 0, time.UTC)

func answerOf(text string) func(context.Context) (*Answer, error) {
	return func(context.Context) (*Answer, error) { return New([]byte(text)), nil }
}

func body(t *testing.T, c *Cache[question], r question, compute func(context.Context) (*Answer, error)) string {
	t.Helper()
	a, _, err := c.get(t.Context(), r, compute)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	a.Send(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	return w.Body.String()
}

func TestCacheKeepsUntilInvalidatedOrExpired(t *testing.T) {
	t.Parallel()
	now := someTime
	c := NewCache[question](time.Minute, 100, func() time.Time { return now })
	r := question{path: "files"}
	for _, step := range []struct {
		name   string
		before func()
		offer  string
		want   string
	}{
		{"computed", func() {}, "1", "1"},
		{"kept", func() {}, "2", "1"},
		{"invalidated", c.Invalidate, "3", "3"},
		{"still fresh", func() { now = now.Add(time.Minute - 1) }, "4", "3"},
		{"expired", func() { now = now.Add(1) }, "5", "5"},
	} {
		step.before()
		if got := body(t, c, r, answerOf(step.offer)); got != step.want {
			t.Errorf("%s: got %q, want %q", step.name, got, step.want)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := NewCache[question](time.Minute, 100, func() time.Time { return someTime })
	for i := range 50 {
		body(t, c, question{limit: i}, answerOf(strings.Repeat("x", 30)))
		body(t, c, question{limit: -i}, answerOf(strings.Repeat("x", 101)))
		if c.bytes > 100 || len(c.entries) > 3 {
			t.Fatalf("%d bytes in %d entries", c.bytes, len(c.entries))
		}
	}
}

func TestCacheComputesTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := NewCache[question](time.Minute, 100, time.Now)
		var computed atomic.Int32
		release := make(chan struct{})
		slow := func(context.Context) (*Answer, error) {
			computed.Add(1)
			<-release
			return New([]byte("old")), nil
		}
		// One who leaves does not take the answer from those who stay.
		leaving, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			if _, _, err := c.get(leaving, question{}, slow); err == nil {
				t.Error("the one who left got an answer")
			}
		})
		synctest.Wait()
		for range 3 {
			all.Go(func() {
				if got := body(t, c, question{}, slow); got != "old" {
					t.Errorf("got %q", got)
				}
			})
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		c.Invalidate()
		// The warehouse has changed: the computation under way is too old to join, and to keep.
		if got := body(t, c, question{}, answerOf("new")); got != "new" {
			t.Errorf("after the change: got %q", got)
		}
		close(release)
		all.Wait()
		if got := body(t, c, question{}, answerOf("newest")); got != "new" {
			t.Errorf("an outdated answer was kept: got %q", got)
		}
		if n := computed.Load(); n != 1 {
			t.Errorf("computed %d times for four requests", n)
		}
	})
}

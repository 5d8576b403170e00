package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// session acquires a session until the end of a step.
func (h *held) session(t *testing.T, id string, step func(*Session)) {
	t.Helper()
	s, err := h.AcquireSession(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	step(s)
}

// TestSessionEviction opens more sessions than may be open and finishes them all.
func TestSessionEviction(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), time.Now)
	unit := strings.Repeat("u", 256<<10)
	ids := make([]string, maxOpen+10)
	for i := range ids {
		id, err := h.BeginSession(Upload{Bucket: testBucket, Name: fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = id
		h.session(t, id, func(s *Session) {
			if _, err := s.ReadFrom(strings.NewReader(unit)); err != nil {
				t.Fatalf("chunk: %v", err)
			}
		})
	}
	if n := len(h.sessions.open); n > maxOpen {
		t.Errorf("%d sessions open", n)
	}
	for i, id := range ids {
		h.session(t, id, func(s *Session) {
			o, err := s.Complete(Sums{})
			if err != nil || o.Name != fmt.Sprint(i) || o.Size != int64(len(unit)) {
				t.Fatalf("finish: %+v %v", o, err)
			}
		})
	}
	parts, err := filepath.Glob(filepath.Join(h.dir, "uploads", "*"+sessionBytes))
	if err != nil || len(parts) > 0 {
		t.Errorf("left behind: %v %v", parts, err)
	}
}

func TestOldSessionsAreSwept(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), time.Now)
	if _, err := h.BeginSession(Upload{Bucket: testBucket, Name: "x"}); err != nil {
		t.Fatal(err)
	}
	h.stop(t)
	open(t, h.dir, func() time.Time { return time.Now().Add(sessionLife + time.Hour) })
	left, err := os.ReadDir(filepath.Join(h.dir, "uploads"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

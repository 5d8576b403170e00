package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestCompaction forces snapshots under load and restarts from them.
func TestCompaction(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), time.Now)
	h.Deliver(t.Context(), func(context.Context, *Event, *NotificationConfig) error { return errors.New("refused") })
	if _, err := h.AddConfig(testBucket, NotificationConfig{
		Topic: topicPrefix + "projects/p/topics/t", PayloadFormat: payloadJSON, ObjectNamePrefix: "announced/",
	}); err != nil {
		t.Fatal(err)
	}
	h.compactAfter(4 << 10)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 100 {
				if _, err := h.tryWrite(fmt.Sprintf("o/%d/%d", worker, i%30), string([]byte{byte(i)})); err != nil {
					t.Errorf("write: %v", err)
				}
			}
		})
	}
	wg.Wait()
	announced := h.write(t, "announced/x", "x")
	h.compaction.tasks.Wait()
	h.mu.Lock()
	h.compaction.lastSize = 0
	h.mu.Unlock()
	for i := range 40 {
		h.write(t, "fill", string([]byte{byte(i)}))
	}
	before := h.list(t, Listing{})
	h.stop(t)
	if snapshots, err := filepath.Glob(filepath.Join(h.dir, "journal", "snapshot-*")); err != nil || len(snapshots) != 1 {
		t.Fatalf("snapshots: %v %v", snapshots, err)
	}
	if segments, err := filepath.Glob(filepath.Join(h.dir, "journal", "log-*")); err != nil || len(segments) > 2 {
		t.Fatalf("segments: %v %v", segments, err)
	}
	h = open(t, h.dir, h.now)
	if diff := cmp.Diff(before, h.list(t, Listing{})); diff != "" {
		t.Errorf("objects (-before +after):\n%s", diff)
	}
	for worker := range 4 {
		for i := range 30 {
			want := byte(i + 60)
			if i < 10 {
				want = byte(i + 90)
			}
			if got := h.read(t, live(fmt.Sprintf("o/%d/%d", worker, i))); got != string([]byte{want}) {
				t.Errorf("o/%d/%d = %q, want %d", worker, i, got, want)
			}
		}
	}
	took := make(chan int64, 1)
	h.Deliver(t.Context(), func(_ context.Context, ev *Event, _ *NotificationConfig) error {
		took <- ev.Object.Generation
		return nil
	})
	if got := <-took; got != announced.Generation {
		t.Errorf("announced generation %d, want %d", got, announced.Generation)
	}
}

// compactAfter makes a snapshot worth so many bytes of journal.
func (h *held) compactAfter(bytes int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.compaction.threshold = bytes
}

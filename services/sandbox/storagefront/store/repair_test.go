package store

import (
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRepair builds, by hand, each state that a crash can leave.
func TestRepair(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(t *testing.T, b *blobs, j *journal){
		"a body before its commit": func(t *testing.T, b *blobs, _ *journal) {
			writeFile(t, b.path(testBucket, "never/committed", 99), "half")
		},
		"an overwrite before its commit": func(t *testing.T, b *blobs, _ *journal) {
			writeFile(t, b.path(testBucket, "kept", 99), "new")
		},
		"a body on its way in": func(t *testing.T, b *blobs, _ *journal) {
			writeFile(t, filepath.Join(b.incoming, "7"), "half")
		},
		"a removed object's body": func(t *testing.T, b *blobs, _ *journal) {
			writeFile(t, b.path(testBucket, "removed", 98), "old")
		},
		"a torn journal line": func(t *testing.T, _ *blobs, j *journal) {
			appendFile(t, j.path(segmentPrefix, 1), `12345678 {"in":"`+testBucket)
		},
		"a torn journal line with its end": func(t *testing.T, _ *blobs, j *journal) {
			appendFile(t, j.path(segmentPrefix, 1), "12345678 {}\n")
		},
		"a snapshot in the making": func(t *testing.T, _ *blobs, j *journal) {
			writeFile(t, j.path(snapshotPrefix, 2)+".tmp", "half")
		},
		"a segment begun": func(t *testing.T, _ *blobs, j *journal) {
			writeFile(t, j.path(segmentPrefix, 2), "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, t.TempDir(), time.Now)
			before := h.write(t, "kept", "data")
			b, j := h.blobs, h.journal
			h.stop(t)
			harm(t, b, j)

			h = open(t, h.dir, h.now)
			for range 2 { // and once more, so that the repair left nothing wrong
				if got := h.read(t, live("kept")); got != "data" {
					t.Errorf("the object holds %q", got)
				}
				if diff := cmp.Diff(before, h.object(t, live("kept"))); diff != "" {
					t.Errorf("object (-before +after):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"kept@2"}, h.bodies(t)); diff != "" {
					t.Errorf("bodies on disk (-want +got):\n%s", diff)
				}
				h = h.restart(t)
			}
			after := h.write(t, "kept", "more")
			if after.Generation <= before.Generation {
				t.Errorf("generation %d after %d", after.Generation, before.Generation)
			}
			h = h.restart(t)
			if got := h.read(t, live("kept")); got != "more" {
				t.Errorf("after an overwrite the object holds %q", got)
			}
		})
	}
}

// TestLostBody drops an object whose body is gone, and only that one.
func TestLostBody(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), time.Now)
	h.write(t, "kept", "data")
	lost := h.write(t, "lost", "data")
	if err := os.Remove(h.blobs.path(testBucket, "lost", lost.Blob)); err != nil {
		t.Fatal(err)
	}
	h = h.restart(t)
	if diff := cmp.Diff([]string{"kept"}, namesOf(h.list(t, Listing{}))); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

// TestDamageIsNotRepaired refuses to start over what no crash of the process
// does, because starting would lose objects.
func TestDamageIsNotRepaired(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(t *testing.T, journal string){
		"a flipped bit inside": func(t *testing.T, journal string) {
			path := filepath.Join(journal, "log-1")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			data[20] ^= 1
			writeFile(t, path, string(data))
		},
		"no journal": func(t *testing.T, journal string) {
			if err := os.RemoveAll(journal); err != nil {
				t.Fatal(err)
			}
		},
		"a cut snapshot":    func(t *testing.T, journal string) { writeFile(t, filepath.Join(journal, "snapshot-2"), "") },
		"a missing segment": func(t *testing.T, journal string) { writeFile(t, filepath.Join(journal, "log-3"), "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, t.TempDir(), time.Now)
			h.write(t, "kept", "data")
			h.stop(t)
			harm(t, filepath.Join(h.dir, "journal"))
			s, err := Open(t.Context(), h.dir, time.Now, slog.New(slog.DiscardHandler))
			if err == nil {
				s.Close()
				t.Fatal("it started")
			}
			if _, err := os.Stat(filepath.Join(h.dir, "buckets", testBucket, "kept@2")); err != nil {
				t.Errorf("the body went: %v", err)
			}
		})
	}
}

func TestOneStorePerFolder(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), time.Now)
	if s, err := Open(t.Context(), h.dir, time.Now, slog.New(slog.DiscardHandler)); err == nil {
		s.Close()
		t.Error("a second store opened")
	}
}

// TestClockStep sets the clock back between two writes and between two runs.
func TestClockStep(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	step := time.Duration(0)
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		step -= time.Minute
		return time.Now().Add(step)
	}
	h := open(t, t.TempDir(), clock)
	first := h.write(t, "a", "")
	second := h.write(t, "b", "")
	h.delete(t, live("b"))
	h.stop(t)
	h = open(t, h.dir, func() time.Time { return time.Unix(1000, 0) })
	third := h.write(t, "c", "")
	if first.Generation >= second.Generation || second.Generation >= third.Generation {
		t.Errorf("generations %d, %d, %d", first.Generation, second.Generation, third.Generation)
	}
}

package storagefront

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
)

// TestRepair builds, by hand, each state that a crash can leave.
func TestRepair(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(t *testing.T, f *front){
		"a body before its commit": func(t *testing.T, f *front) {
			writeFile(t, f.server.store.blobs.path(testBucket, "never/committed", 99), "half")
		},
		"an overwrite before its commit": func(t *testing.T, f *front) {
			writeFile(t, f.server.store.blobs.path(testBucket, "kept", 99), "new")
		},
		"a body on its way in": func(t *testing.T, f *front) {
			writeFile(t, filepath.Join(f.server.store.blobs.incoming, "7"), "half")
		},
		"a removed object's body": func(t *testing.T, f *front) {
			writeFile(t, f.server.store.blobs.path(testBucket, "removed", 98), "old")
		},
		"a torn journal line": func(t *testing.T, f *front) {
			appendFile(t, f.server.store.journal.path(segmentPrefix, 1), `12345678 {"in":"`+testBucket)
		},
		"a torn journal line with its end": func(t *testing.T, f *front) {
			appendFile(t, f.server.store.journal.path(segmentPrefix, 1), "12345678 {}\n")
		},
		"a snapshot in the making": func(t *testing.T, f *front) {
			writeFile(t, f.server.store.journal.path(snapshotPrefix, 2)+".tmp", "half")
		},
		"a segment begun": func(t *testing.T, f *front) {
			writeFile(t, f.server.store.journal.path(segmentPrefix, 2), "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startFront(t, t.TempDir(), nil)
			before := write(t, f.bucket.Object("kept"), []byte("data"))
			f.stop(t)
			f.server = &Server{store: &store{blobs: &blobs{buckets: filepath.Join(f.dir, "buckets"), incoming: filepath.Join(f.dir, "incoming")}, journal: &journal{dir: filepath.Join(f.dir, "journal")}}}
			harm(t, f)
			f.server = nil

			f = startFront(t, f.dir, nil)
			for range 2 { // and once more, so that the repair left nothing wrong
				if got := read(t, f.bucket.Object("kept")); string(got) != "data" {
					t.Errorf("the object holds %q", got)
				}
				if diff := cmp.Diff(before, attrsOf(t, f.bucket.Object("kept")), ignoreLinks); diff != "" {
					t.Errorf("attrs (-before +after):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"kept@2"}, bodies(t, f)); diff != "" {
					t.Errorf("bodies on disk (-want +got):\n%s", diff)
				}
				f = f.restart(t, nil)
			}
			after := write(t, f.bucket.Object("kept"), []byte("more"))
			if after.Generation <= before.Generation {
				t.Errorf("generation %d after %d", after.Generation, before.Generation)
			}
			f = f.restart(t, nil)
			if got := read(t, f.bucket.Object("kept")); string(got) != "more" {
				t.Errorf("after an overwrite the object holds %q", got)
			}
		})
	}
}

// TestLostBody drops an object whose body is gone, and only that one.
func TestLostBody(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	write(t, f.bucket.Object("kept"), []byte("data"))
	write(t, f.bucket.Object("lost"), []byte("data"))
	o := f.server.store.buckets[testBucket].objects.get("lost")
	if err := os.Remove(f.server.store.blobs.path(testBucket, "lost", o.Blob)); err != nil {
		t.Fatal(err)
	}
	f = f.restart(t, nil)
	if diff := cmp.Diff([]string{"kept"}, names(t, f.bucket, nil)); diff != "" {
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
			f := startFront(t, t.TempDir(), nil)
			write(t, f.bucket.Object("kept"), []byte("data"))
			f.stop(t)
			harm(t, filepath.Join(f.dir, "journal"))
			server, err := Start(t.Context(), Config{Dir: f.dir, Addr: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)})
			if err == nil {
				server.Close()
				t.Fatal("it started")
			}
			if _, err := os.Stat(filepath.Join(f.dir, "buckets", testBucket, "kept@2")); err != nil {
				t.Errorf("the body went: %v", err)
			}
		})
	}
}

func TestOneServerPerFolder(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	if server, err := Start(t.Context(), Config{Dir: f.dir, Addr: "127.0.0.1:0"}); err == nil {
		server.Close()
		t.Error("a second server started")
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
	f := startFrontAt(t, t.TempDir(), nil, clock)
	first := write(t, f.bucket.Object("a"), nil)
	second := write(t, f.bucket.Object("b"), nil)
	if err := f.bucket.Object("b").Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.stop(t)
	f = startFrontAt(t, f.dir, nil, func() time.Time { return time.Unix(1000, 0) })
	third := write(t, f.bucket.Object("c"), nil)
	if first.Generation >= second.Generation || second.Generation >= third.Generation {
		t.Errorf("generations %d, %d, %d", first.Generation, second.Generation, third.Generation)
	}
}

// TestCompaction forces snapshots under load and restarts from them.
func TestCompaction(t *testing.T) {
	t.Parallel()
	rec := &recorder{failures: 1 << 30}
	f := startFront(t, t.TempDir(), rec)
	if _, err := f.bucket.AddNotification(t.Context(), &storage.Notification{TopicProjectID: "p", TopicID: "t", PayloadFormat: storage.JSONPayload, ObjectNamePrefix: "announced/"}); err != nil {
		t.Fatal(err)
	}
	f.server.store.mu.Lock()
	f.server.store.compaction.threshold = 4 << 10
	f.server.store.mu.Unlock()
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 100 {
				if _, err := tryWrite(t.Context(), f.bucket.Object(fmt.Sprintf("o/%d/%d", worker, i%30)), []byte{byte(i)}); err != nil {
					t.Errorf("write: %v", err)
				}
			}
		})
	}
	wg.Wait()
	announced := write(t, f.bucket.Object("announced/x"), []byte("x"))
	f.server.store.compaction.tasks.Wait()
	f.server.store.mu.Lock()
	f.server.store.compaction.lastSize = 0
	f.server.store.mu.Unlock()
	for i := range 40 {
		write(t, f.bucket.Object("fill"), []byte{byte(i)})
	}
	before := names(t, f.bucket, nil)
	f.stop(t)
	if snapshots, err := filepath.Glob(filepath.Join(f.dir, "journal", "snapshot-*")); err != nil || len(snapshots) != 1 {
		t.Fatalf("snapshots: %v %v", snapshots, err)
	}
	if segments, err := filepath.Glob(filepath.Join(f.dir, "journal", "log-*")); err != nil || len(segments) > 2 {
		t.Fatalf("segments: %v %v", segments, err)
	}
	took := &recorder{}
	f = startFront(t, f.dir, took)
	if diff := cmp.Diff(before, names(t, f.bucket, nil)); diff != "" {
		t.Errorf("objects (-before +after):\n%s", diff)
	}
	for worker := range 4 {
		for i := range 30 {
			want := byte(i + 60)
			if i < 10 {
				want = byte(i + 90)
			}
			if got := read(t, f.bucket.Object(fmt.Sprintf("o/%d/%d", worker, i))); len(got) != 1 || got[0] != want {
				t.Errorf("o/%d/%d = %v, want %d", worker, i, got, want)
			}
		}
	}
	got := took.await(t, 1)
	if got[0].attributes["objectGeneration"] != fmt.Sprint(announced.Generation) {
		t.Errorf("announced %v, want generation %d", got[0].attributes, announced.Generation)
	}
}

// bodies lists the files in the bucket's folder.
func bodies(t *testing.T, f *front) []string {
	t.Helper()
	var out []string
	root := filepath.Join(f.dir, "buckets", testBucket)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && path != root {
			rel, rerr := filepath.Rel(root, path)
			out = append(out, rel)
			return rerr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func writeFile(t *testing.T, path, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

func appendFile(t *testing.T, path, data string) {
	t.Helper()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, string(old)+data)
}

// ignoreLinks leaves out what names the server's port.
var ignoreLinks = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".MediaLink" }, cmp.Ignore())

package storagefront

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
)

// keeping is a front whose bucket keeps versions and, for a week, what is deleted, at
// a time that the test sets.
type keeping struct {
	*front
	hours atomic.Int64
}

func startKeeping(t *testing.T) *keeping {
	t.Helper()
	k := &keeping{}
	k.front = startFrontAt(t, t.TempDir(), nil, k.now)
	if _, err := k.bucket.Update(t.Context(), storage.BucketAttrsToUpdate{
		VersioningEnabled: true, SoftDeletePolicy: &storage.SoftDeletePolicy{RetentionDuration: defaultSoftDelete},
	}); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *keeping) now() time.Time {
	return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(k.hours.Load()) * time.Hour)
}

func (k *keeping) restart(t *testing.T) {
	t.Helper()
	k.stop(t)
	k.front = startFrontAt(t, k.dir, nil, k.now)
}

// state is everything that the bucket shows, with the bytes of what can be read.
func (k *keeping) state(t *testing.T) map[string]string {
	t.Helper()
	got := map[string]string{}
	s := &space{suite: &suite{client: k.client, bucket: k.bucket}}
	for _, q := range []storage.Query{{}, {Versions: true}, {SoftDeleted: true}} {
		for i, o := range s.all(t, q) {
			got[fmt.Sprintf("%t %t %d", q.Versions, q.SoftDeleted, i)] = o
			var name, state string
			var generation int64
			if _, err := fmt.Sscan(o, &name, &generation, &state); err != nil {
				t.Fatal(err)
			}
			if state != "soft-deleted" {
				got["bytes of "+o] = string(read(t, k.bucket.Object(name).Generation(generation)))
				continue
			}
			attrs, err := k.bucket.Object(name).Generation(generation).SoftDeleted().Attrs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got["end of "+o] = attrs.HardDeleteTime.String()
		}
	}
	return got
}

// TestVersionsOutliveRestart reads versions and soft-deleted objects back, from the
// journal and from a snapshot.
func TestVersionsOutliveRestart(t *testing.T) {
	t.Parallel()
	k := startKeeping(t)
	var first, last *storage.ObjectAttrs
	for i := range 5 {
		last = write(t, k.bucket.Object("o"), fmt.Appendf(nil, "version %d", i))
		if i == 0 {
			first = last
		}
	}
	gone := write(t, k.bucket.Object("gone"), []byte("gone"))
	for _, o := range []*storage.ObjectHandle{
		k.bucket.Object("o").Generation(first.Generation), // noncurrent, then soft-deleted
		k.bucket.Object("gone").Generation(gone.Generation),
		k.bucket.Object("o"), // noncurrent
	} {
		if err := o.Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.bucket.Object("o").Generation(last.Generation).Update(t.Context(), storage.ObjectAttrsToUpdate{ContentType: "text/plain"}); err != nil {
		t.Fatal(err)
	}
	before := k.state(t)
	if len(before) != 4+4+2+2 { // versions and their bytes, soft-deleted objects and their ends
		t.Fatalf("state: %v", before)
	}
	check := func(when string) {
		t.Helper()
		if diff := cmp.Diff(before, k.state(t)); diff != "" {
			t.Errorf("%s (-before +after):\n%s", when, diff)
		}
		if got := attrsOf(t, k.bucket.Object("o").Generation(last.Generation)); got.ContentType != "text/plain" || got.Deleted.IsZero() {
			t.Errorf("%s: %+v", when, got)
		}
	}
	k.restart(t)
	check("from the journal")

	k.server.store.mu.Lock()
	k.server.store.compaction.threshold = 1
	k.server.store.mu.Unlock()
	write(t, k.bucket.Object("fill"), nil)
	k.server.store.compaction.tasks.Wait()
	if err := k.bucket.Object("fill").Generation(attrsOf(t, k.bucket.Object("fill")).Generation).Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.server.store.compaction.tasks.Wait()
	before = k.state(t)
	k.restart(t)
	if _, err := os.Stat(k.server.store.journal.path(segmentPrefix, 1)); err == nil {
		t.Error("there was no snapshot")
	}
	check("from a snapshot")
	if got := string(read(t, k.bucket.Object("o").Generation(last.Generation))); got != "version 4" {
		t.Errorf("the last version holds %q", got)
	}
	restored, err := k.bucket.Object("gone").Generation(gone.Generation).Restore(t.Context(), &storage.RestoreOptions{})
	if err != nil || restored.Generation <= last.Generation {
		t.Fatalf("restored %+v, %v", restored, err)
	}
	if got := string(read(t, k.bucket.Object("gone"))); got != "gone" {
		t.Errorf("restored %q", got)
	}
}

// TestSoftDeletedExpire ends soft-deleted objects on time, at work and at a start, with
// their bodies; noncurrent versions stay for good.
func TestSoftDeletedExpire(t *testing.T) {
	t.Parallel()
	for _, idle := range []bool{true, false} {
		t.Run(fmt.Sprintf("idle=%t", idle), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			k := startKeeping(t)
			o := k.bucket.Object("o")
			first := write(t, o, []byte("first"))
			if err := o.Generation(first.Generation).Delete(ctx); err != nil {
				t.Fatal(err)
			}
			write(t, o, []byte("second"))
			if err := o.Delete(ctx); err != nil { // noncurrent
				t.Fatal(err)
			}
			k.hours.Store(7*24 - 1)
			late := write(t, k.bucket.Object("late"), nil)
			if err := k.bucket.Object("late").Generation(late.Generation).Delete(ctx); err != nil {
				t.Fatal(err)
			}
			if got := len(bodies(t, k.front)); got != 3 {
				t.Errorf("an hour before the end: %d bodies", got)
			}
			k.hours.Store(7 * 24)
			if _, err := o.Generation(first.Generation).SoftDeleted().Attrs(ctx); code(err) != http.StatusNotFound {
				t.Errorf("at the end: %v, want 404", err)
			}
			if _, err := o.Generation(first.Generation).Restore(ctx, &storage.RestoreOptions{}); code(err) != http.StatusNotFound {
				t.Errorf("restored at the end: %v, want 404", err)
			}
			if got := names(t, k.bucket, &storage.Query{SoftDeleted: true}); !cmp.Equal(got, []string{"late"}) {
				t.Errorf("listed at the end: %v", got)
			}
			want := []string{"late", "o"}
			if idle {
				k.restart(t)
			} else {
				write(t, k.bucket.Object("work"), nil)
				want = append(want, "work")
			}
			if diff := cmp.Diff(want, strip(bodies(t, k.front))); diff != "" {
				t.Errorf("bodies after the end (-want +got):\n%s", diff)
			}
			k.restart(t)
			if diff := cmp.Diff(want, strip(bodies(t, k.front))); diff != "" {
				t.Errorf("bodies after a restart (-want +got):\n%s", diff)
			}
		})
	}
}

// strip takes the numbers off bodies' names.
func strip(bodies []string) (names []string) {
	for _, b := range bodies {
		name, _, _ := strings.Cut(b, "@")
		names = append(names, name)
	}
	return names
}

// TestLostVersions drops versions and soft-deleted objects whose bodies are gone, and
// sweeps bodies that none of them has.
func TestLostVersions(t *testing.T) {
	t.Parallel()
	k := startKeeping(t)
	o := k.bucket.Object("o")
	var generations []int64
	for range 4 {
		generations = append(generations, write(t, o, []byte("data")).Generation)
	}
	for _, g := range generations[:2] {
		if err := o.Generation(g).Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b := k.server.store.buckets[testBucket]
	lost := []*object{b.deleted.get("o", generations[0]), b.versions.get("o", generations[2])}
	for _, o := range lost {
		if err := os.Remove(k.server.store.blobs.path(testBucket, "o", o.Blob)); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, k.server.store.blobs.path(testBucket, "o", 99), "of nobody")
	k.restart(t)
	for range 2 {
		if got := len(names(t, k.bucket, &storage.Query{Versions: true})); got != 1 {
			t.Errorf("%d versions, want the live one", got)
		}
		if got := len(names(t, k.bucket, &storage.Query{SoftDeleted: true})); got != 1 {
			t.Errorf("%d soft-deleted objects, want one", got)
		}
		if got := bodies(t, k.front); len(got) != 2 {
			t.Errorf("bodies: %v", got)
		}
		k.restart(t)
	}
}

// TestDroppedBucket takes the bodies of its soft-deleted objects with it.
func TestDroppedBucket(t *testing.T) {
	t.Parallel()
	k := startKeeping(t)
	o := k.bucket.Object("o")
	if err := o.Generation(write(t, o, []byte("data")).Generation).Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := k.bucket.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := bodies(t, k.front); len(got) != 0 {
		t.Errorf("bodies left: %v", got)
	}
}

// TestRetainedVersions lets a retained object become noncurrent, but not go.
func TestRetainedVersions(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	k := startKeeping(t)
	if a := k.do(t, "PATCH", "/storage/v1/b/"+testBucket, nil, `{"retentionPolicy":{"retentionPeriod":3600}}`); a.status != http.StatusOK ||
		!strings.Contains(a.body, `"retentionPeriod":"3600"`) {
		t.Fatalf("a period without quotes: %d %s", a.status, a.body)
	}
	o := k.bucket.Object("o")
	first := write(t, o, []byte("first"))
	second := write(t, o, []byte("second"))
	for _, g := range []int64{first.Generation, second.Generation} {
		if err := o.Generation(g).Delete(ctx); !notMet(err) {
			t.Errorf("deletion: %v, want a refusal", err)
		}
	}
	if err := o.Delete(ctx); err != nil {
		t.Errorf("becoming noncurrent: %v", err)
	}
	k.hours.Store(1)
	for _, g := range []int64{first.Generation, second.Generation} {
		if err := o.Generation(g).Delete(ctx); err != nil {
			t.Errorf("deletion an hour later: %v", err)
		}
	}
}

// TestReadsOfLeavingVersions reads and copies versions by generation while each leaves
// its state: a reader gets the bytes of that very version or is told that it is gone.
func TestReadsOfLeavingVersions(t *testing.T) {
	t.Parallel()
	k := startKeeping(t)
	ctx := t.Context()
	o := k.bucket.Object("o")
	content := func(i int) []byte { return bytes.Repeat(fmt.Appendf(nil, "%d,", i), 1000) }
	type written struct {
		generation int64
		content    []byte
	}
	versions := make(chan written, 100)
	done := make(chan error, 1)
	go func() {
		defer close(versions)
		for i := range 60 {
			attrs, err := tryWrite(ctx, o, content(i))
			if err != nil {
				done <- err
				return
			}
			versions <- written{attrs.Generation, content(i)}
		}
		done <- nil
	}()
	for v := range versions {
		target := k.bucket.Object("copy")
		if _, err := target.CopierFrom(o.Generation(v.generation)).Run(ctx); err != nil {
			t.Fatalf("copy of a generation: %v", err)
		}
		for _, of := range []*storage.ObjectHandle{target, o.Generation(v.generation)} {
			if got := read(t, of); !bytes.Equal(got, v.content) {
				t.Fatalf("generation %d holds %.10q, want %.10q", v.generation, got, v.content)
			}
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

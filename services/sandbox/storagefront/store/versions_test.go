package store

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// keeping is a store whose bucket keeps versions and, for a week, what is deleted, at
// a time that the test sets.
type keeping struct {
	*held
	hours *atomic.Int64
}

func startKeeping(t *testing.T) *keeping {
	t.Helper()
	hours := new(atomic.Int64)
	k := &keeping{open(t, t.TempDir(), func() time.Time {
		return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours.Load()) * time.Hour)
	}), hours}
	if _, err := k.ChangeBucket(testBucket, Conditions{}, map[string]json.RawMessage{
		"versioning":       json.RawMessage(`{"enabled":true}`),
		"softDeletePolicy": json.RawMessage(`{"retentionDurationSeconds":"604800"}`),
	}); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *keeping) restart(t *testing.T) {
	t.Helper()
	k.held = k.held.restart(t)
}

// state is everything that the bucket shows, with the bytes of what can be read.
func (k *keeping) state(t *testing.T) map[string]any {
	t.Helper()
	got := map[string]any{}
	for _, l := range []Listing{{}, {Versions: true}, {SoftDeleted: true}} {
		for i, o := range k.list(t, l) {
			got[fmt.Sprintf("%t %t %d", l.Versions, l.SoftDeleted, i)] = o
			if !l.SoftDeleted {
				got[fmt.Sprintf("bytes of %s %d", o.Name, o.Generation)] = k.read(t, o.ref())
				continue
			}
			found, err := k.SoftDeleted(o.ref())
			if err != nil {
				t.Fatal(err)
			}
			got[fmt.Sprintf("end of %s %d", o.Name, o.Generation)] = found.HardDelete
		}
	}
	return got
}

// TestVersionsOutliveRestart reads versions and soft-deleted objects back, from the
// journal and from a snapshot.
func TestVersionsOutliveRestart(t *testing.T) {
	t.Parallel()
	k := startKeeping(t)
	var first, last *Object
	for i := range 5 {
		last = k.write(t, "o", fmt.Sprintf("version %d", i))
		if i == 0 {
			first = last
		}
	}
	gone := k.write(t, "gone", "gone")
	k.delete(t, first.ref()) // noncurrent, then soft-deleted
	k.delete(t, gone.ref())
	k.delete(t, live("o")) // noncurrent
	if _, err := k.Update(last.ref(), func(m Metadata) (Metadata, error) {
		m.ContentType = "text/plain"
		return m, nil
	}); err != nil {
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
		if got := k.object(t, last.ref()); got.Meta.ContentType != "text/plain" || got.Noncurrent.IsZero() {
			t.Errorf("%s: %+v", when, got)
		}
	}
	k.restart(t)
	check("from the journal")

	k.compactAfter(1)
	k.write(t, "fill", "")
	k.compaction.tasks.Wait()
	k.delete(t, k.object(t, live("fill")).ref())
	k.compaction.tasks.Wait()
	before = k.state(t)
	k.restart(t)
	if _, err := os.Stat(k.journal.path(segmentPrefix, 1)); err == nil {
		t.Error("there was no snapshot")
	}
	check("from a snapshot")
	if got := k.read(t, last.ref()); got != "version 4" {
		t.Errorf("the last version holds %q", got)
	}
	restored, err := k.Restore(gone.ref())
	if err != nil || restored.Generation <= last.Generation {
		t.Fatalf("restored %+v, %v", restored, err)
	}
	if got := k.read(t, live("gone")); got != "gone" {
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
			k := startKeeping(t)
			first := k.write(t, "o", "first")
			k.delete(t, first.ref())
			k.write(t, "o", "second")
			k.delete(t, live("o")) // noncurrent
			k.hours.Store(7*24 - 1)
			late := k.write(t, "late", "")
			k.delete(t, late.ref())
			if got := len(k.bodies(t)); got != 3 {
				t.Errorf("an hour before the end: %d bodies", got)
			}
			k.hours.Store(7 * 24)
			if _, err := k.SoftDeleted(first.ref()); kindOf(err) != NoObject {
				t.Errorf("at the end: %v, want no object", err)
			}
			if _, err := k.Restore(first.ref()); kindOf(err) != NoObject {
				t.Errorf("restored at the end: %v, want no object", err)
			}
			if got := namesOf(k.list(t, Listing{SoftDeleted: true})); !cmp.Equal(got, []string{"late"}) {
				t.Errorf("listed at the end: %v", got)
			}
			want := []string{"late", "o"}
			if idle {
				k.restart(t)
			} else {
				k.write(t, "work", "")
				want = append(want, "work")
			}
			if diff := cmp.Diff(want, strip(k.bodies(t))); diff != "" {
				t.Errorf("bodies after the end (-want +got):\n%s", diff)
			}
			k.restart(t)
			if diff := cmp.Diff(want, strip(k.bodies(t))); diff != "" {
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
	var written []*Object
	for range 4 {
		written = append(written, k.write(t, "o", "data"))
	}
	for _, o := range written[:2] {
		k.delete(t, o.ref())
	}
	for _, lost := range []*Object{written[0], written[2]} { // soft-deleted, noncurrent
		if err := os.Remove(k.blobs.path(testBucket, "o", lost.Blob)); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, k.blobs.path(testBucket, "o", 99), "of nobody")
	k.restart(t)
	for range 2 {
		if got := len(k.list(t, Listing{Versions: true})); got != 1 {
			t.Errorf("%d versions, want the live one", got)
		}
		if got := len(k.list(t, Listing{SoftDeleted: true})); got != 1 {
			t.Errorf("%d soft-deleted objects, want one", got)
		}
		if got := k.bodies(t); len(got) != 2 {
			t.Errorf("bodies: %v", got)
		}
		k.restart(t)
	}
}

// TestDroppedBucket takes the bodies of its soft-deleted objects with it.
func TestDroppedBucket(t *testing.T) {
	t.Parallel()
	k := startKeeping(t)
	k.delete(t, k.write(t, "o", "data").ref())
	if err := k.DropBucket(testBucket, Conditions{}); err != nil {
		t.Fatal(err)
	}
	if got := k.bodies(t); len(got) != 0 {
		t.Errorf("bodies left: %v", got)
	}
}

package storagefront

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/storage"
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
		VersioningEnabled: true, SoftDeletePolicy: &storage.SoftDeletePolicy{RetentionDuration: 7 * 24 * time.Hour},
	}); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *keeping) now() time.Time {
	return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(k.hours.Load()) * time.Hour)
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

package storagefront

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
)

// own is a space in a bucket of its own.
func (s *space) own(t *testing.T, attrs *storage.BucketAttrs) *space {
	t.Helper()
	with := *s.suite
	with.bucket = s.newBucket(t, attrs)
	with.xml = s.reader.Bucket(with.bucket.BucketName())
	return &space{suite: &with, prefix: s.prefix}
}

var (
	noSoftDelete = &storage.SoftDeletePolicy{}
	twoWeeks     = &storage.SoftDeletePolicy{RetentionDuration: 14 * 24 * time.Hour}
)

// all lists what q finds as name#generation, paged by two, with the bucket's own
// words for what state each is in.
func (s *space) all(t *testing.T, q storage.Query) (list []string) {
	t.Helper()
	it := s.bucket.Objects(t.Context(), s.query(q))
	it.PageInfo().MaxSize = 2
	for {
		o, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		state := "live"
		switch {
		case !o.SoftDeleteTime.IsZero():
			state = "soft-deleted"
		case !o.Deleted.IsZero():
			state = "noncurrent"
		}
		list = append(list, fmt.Sprintf("%s %s", strings.TrimPrefix(o.Name, s.prefix), version(o, state)))
	}
}

func version(o *storage.ObjectAttrs, state string) string {
	return fmt.Sprintf("%d %s", o.Generation, state)
}

func (s *space) expect(t *testing.T, what string, q storage.Query, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, s.all(t, q)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func testVersions(t *testing.T, f *space) {
	ctx := t.Context()
	f = f.own(t, &storage.BucketAttrs{VersioningEnabled: true, SoftDeletePolicy: noSoftDelete})
	versions, live := storage.Query{Versions: true}, storage.Query{}
	o := f.object("o")
	first := write(t, o, []byte("first"))
	second := write(t, o, []byte("second"))
	other := write(t, f.object("o/other"), []byte("other"))
	f.expect(t, "live", live, "o "+version(second, "live"), "o/other "+version(other, "live"))
	f.expect(t, "versions", versions, "o "+version(first, "noncurrent"), "o "+version(second, "live"), "o/other "+version(other, "live"))

	// A noncurrent version is there by its generation.
	old := o.Generation(first.Generation)
	if got := string(read(t, old)); got != "first" {
		t.Errorf("the first generation holds %q", got)
	}
	if got := string(read(t, f.xml.Object(o.ObjectName()).Generation(first.Generation))); got != "first" {
		t.Errorf("through the XML API the first generation holds %q", got)
	}
	if got := attrsOf(t, old); got.Deleted.IsZero() || got.Deleted.Before(got.Created) || got.Metageneration != 1 || !got.SoftDeleteTime.IsZero() {
		t.Errorf("the first generation: %+v", got)
	}
	updated, err := old.Update(ctx, storage.ObjectAttrsToUpdate{Metadata: map[string]string{"k": "v"}})
	if err != nil || updated.Metageneration != 2 || updated.Generation != first.Generation || updated.Deleted.IsZero() {
		t.Errorf("updated: %+v, %v", updated, err)
	}
	if got := attrsOf(t, o); got.Generation != second.Generation || got.Metageneration != 1 || len(got.Metadata) != 0 {
		t.Errorf("the live version: %+v", got)
	}

	// Generation conditions are on the live version, metageneration conditions on the one asked for.
	for _, step := range []struct {
		name  string
		conds storage.Conditions
		want  int
	}{
		{"the live generation", storage.Conditions{GenerationMatch: second.Generation}, 0},
		{"its own generation", storage.Conditions{GenerationMatch: first.Generation}, http.StatusPreconditionFailed},
		{"its metageneration", storage.Conditions{MetagenerationMatch: 2}, 0},
		{"the live metageneration", storage.Conditions{MetagenerationMatch: 1}, http.StatusPreconditionFailed},
	} {
		if _, err := old.If(step.conds).Attrs(ctx); code(err) != step.want {
			t.Errorf("if %s: %v, want %d", step.name, err, step.want)
		}
	}
	if _, err := tryWrite(ctx, o.If(storage.Conditions{GenerationMatch: first.Generation}), nil); code(err) != http.StatusPreconditionFailed {
		t.Errorf("write over a noncurrent version: %v, want 412", err)
	}

	// A deletion without a generation leaves a version, one with it none.
	if err := o.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if err := o.Delete(ctx); code(err) != http.StatusNotFound {
		t.Errorf("deletion of what is not live: %v", err)
	}
	if _, err := o.NewReader(ctx); !errors.Is(err, storage.ErrObjectNotExist) {
		t.Errorf("read of what is not live: %v", err)
	}
	f.expect(t, "deleted", versions, "o "+version(first, "noncurrent"), "o "+version(second, "noncurrent"), "o/other "+version(other, "live"))
	third, err := o.If(storage.Conditions{DoesNotExist: true}).CopierFrom(old).Run(ctx) // back to life
	if err != nil {
		t.Fatal(err)
	}
	if got := string(read(t, o)); got != "first" || third.Metadata["k"] != "v" || !third.Deleted.IsZero() {
		t.Errorf("brought back %q: %+v", got, third)
	}
	if err := o.Generation(third.Generation).Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if err := old.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if err := old.Delete(ctx); code(err) != http.StatusNotFound {
		t.Errorf("second deletion of a generation: %v", err)
	}
	f.expect(t, "destroyed", versions, "o "+version(second, "noncurrent"), "o/other "+version(other, "live"))

	composer := f.object("composed").ComposerFrom(o.Generation(second.Generation), f.object("o/other"))
	composed, err := composer.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(read(t, f.object("composed"))); got != "secondother" {
		t.Errorf("composed %q", got)
	}
	moved, err := f.object("o/other").Move(ctx, storage.MoveObjectDestination{Object: f.prefix + "composed"})
	if err != nil {
		t.Fatal(err)
	}
	f.expect(t, "moved", storage.Query{Versions: true, Prefix: "composed"}, "composed "+version(composed, "noncurrent"), "composed "+version(moved, "live"))
	f.expect(t, "a folder", storage.Query{Versions: true, Delimiter: "/", Prefix: "o"}, "o "+version(second, "noncurrent"))

	// Without versioning from now on, what is there stays.
	if err := f.bucket.Delete(ctx); code(err) != http.StatusConflict {
		t.Errorf("deletion of the bucket: %v", err)
	}
	attrs, err := f.bucket.Update(ctx, storage.BucketAttrsToUpdate{VersioningEnabled: false})
	if err != nil || attrs.VersioningEnabled {
		t.Fatalf("switched off: %+v, %v", attrs, err)
	}
	if err := f.object("composed").Delete(ctx); err != nil {
		t.Fatal(err)
	}
	f.expect(t, "switched off", versions, "composed "+version(composed, "noncurrent"), "o "+version(second, "noncurrent"))
	if err := f.bucket.Delete(ctx); code(err) != http.StatusConflict {
		t.Errorf("deletion of a bucket of noncurrent versions: %v, want 409", err)
	}
}

// testVersionEvents tells what becomes noncurrent from what goes.
func testVersionEvents(t *testing.T, f *space) {
	ctx := t.Context()
	f = f.own(t, &storage.BucketAttrs{VersioningEnabled: true})
	l := f.listen(t, storage.Notification{PayloadFormat: storage.JSONPayload})
	o := f.object("o")
	expect := func(what string, want ...string) {
		t.Helper()
		got := map[string]bool{}
		for _, m := range l.await(t, len(want)) {
			a := m.Attributes
			got[strings.Join([]string{a["eventType"], a["objectGeneration"], a["overwroteGeneration"], a["overwrittenByGeneration"]}, " ")] = true
			if !strings.Contains(string(m.Data), `"`+a["objectGeneration"]+`"`) || a["objectId"] != o.ObjectName() {
				t.Errorf("%s: payload %s of %v", what, m.Data, a)
			}
		}
		wanted := map[string]bool{}
		for _, w := range want {
			wanted[w] = true
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	first := write(t, o, []byte("1"))
	expect("create", fmt.Sprintf("OBJECT_FINALIZE %d  ", first.Generation))
	second := write(t, o, []byte("2"))
	expect("overwrite", fmt.Sprintf("OBJECT_FINALIZE %d %d ", second.Generation, first.Generation),
		fmt.Sprintf("OBJECT_ARCHIVE %d  %d", first.Generation, second.Generation))
	if _, err := o.Generation(first.Generation).Update(ctx, storage.ObjectAttrsToUpdate{ContentType: "text/plain"}); err != nil {
		t.Fatal(err)
	}
	expect("update of a version", fmt.Sprintf("OBJECT_METADATA_UPDATE %d  ", first.Generation))
	if err := o.Generation(first.Generation).Delete(ctx); err != nil {
		t.Fatal(err)
	}
	expect("deletion of a version", fmt.Sprintf("OBJECT_DELETE %d  ", first.Generation))
	if err := o.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	expect("deletion", fmt.Sprintf("OBJECT_ARCHIVE %d  ", second.Generation))
	third := write(t, o, []byte("3"))
	expect("create again", fmt.Sprintf("OBJECT_FINALIZE %d  ", third.Generation))
	if err := o.Generation(third.Generation).Delete(ctx); err != nil {
		t.Fatal(err)
	}
	expect("deletion of the live generation", fmt.Sprintf("OBJECT_DELETE %d  ", third.Generation))
	restored, err := o.Generation(third.Generation).Restore(ctx, &storage.RestoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	expect("restoration", fmt.Sprintf("OBJECT_FINALIZE %d  ", restored.Generation))
}

func testSoftDelete(t *testing.T, f *space) {
	ctx := t.Context()
	f = f.own(t, nil)
	attrs, err := f.bucket.Attrs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if p := attrs.SoftDeletePolicy; p == nil || p.RetentionDuration != 7*24*time.Hour || p.EffectiveTime.IsZero() {
		t.Errorf("a new bucket's policy: %+v", p)
	}
	o := f.object("o")
	w := o.NewWriter(ctx)
	w.ContentType, w.Metadata = "text/plain", map[string]string{"k": "v"}
	if _, err := w.Write([]byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	first := w.Attrs()
	second := write(t, o, []byte("second")) // the first is soft-deleted by it
	deleted := storage.Query{SoftDeleted: true}
	f.expect(t, "overwritten", deleted, "o "+version(first, "soft-deleted"))
	if err := o.Generation(second.Generation).Delete(ctx); err != nil {
		t.Fatal(err)
	}
	f.expect(t, "deleted", deleted, "o "+version(first, "soft-deleted"), "o "+version(second, "soft-deleted"))
	f.expect(t, "live", storage.Query{})
	f.expect(t, "versions", storage.Query{Versions: true})

	// It can be looked at and restored, and nothing else.
	old := o.Generation(first.Generation)
	got, err := old.SoftDeleted().Attrs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got.SoftDeleteTime.IsZero() || got.HardDeleteTime.Sub(got.SoftDeleteTime) != 7*24*time.Hour || got.CRC32C != first.CRC32C || got.Metadata["k"] != "v" {
		t.Errorf("soft-deleted: %+v", got)
	}
	for name, call := range map[string]func() error{
		"attrs":  func() error { _, err := old.Attrs(ctx); return err },
		"read":   func() error { _, err := old.NewReader(ctx); return err },
		"delete": func() error { return old.Delete(ctx) },
		"update": func() error {
			_, err := old.Update(ctx, storage.ObjectAttrsToUpdate{ContentType: "text/plain"})
			return err
		},
		"copy":             func() error { _, err := f.object("copy").CopierFrom(old).Run(ctx); return err },
		"of no generation": func() error { _, err := o.Generation(1).SoftDeleted().Attrs(ctx); return err },
		"restore nothing":  func() error { _, err := o.Generation(1).Restore(ctx, &storage.RestoreOptions{}); return err },
	} {
		if err := call(); code(err) != http.StatusNotFound {
			t.Errorf("%s: %v, want 404", name, err)
		}
	}

	// What is restored is a new object; a live one in its place is soft-deleted in turn.
	restored, err := old.If(storage.Conditions{DoesNotExist: true}).Restore(ctx, &storage.RestoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(read(t, o)); got != "first" || restored.Generation <= second.Generation || restored.Metageneration != 1 || restored.ContentType != "text/plain" ||
		restored.Metadata["k"] != "v" || !restored.SoftDeleteTime.IsZero() || !restored.HardDeleteTime.IsZero() || restored.Created.Before(second.Created) {
		t.Errorf("restored %q: %+v", got, restored)
	}
	if _, err := o.Generation(second.Generation).If(storage.Conditions{DoesNotExist: true}).Restore(ctx, &storage.RestoreOptions{}); code(err) != http.StatusPreconditionFailed {
		t.Errorf("restored over another: %v, want 412", err)
	}
	again, err := o.Generation(second.Generation).Restore(ctx, &storage.RestoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(read(t, o)); got != "second" {
		t.Errorf("restored %q", got)
	}
	f.expect(t, "live after the restorations", storage.Query{}, "o "+version(again, "live"))
	if _, err := old.SoftDeleted().Attrs(ctx); err != nil {
		t.Errorf("the one that was restored: %v", err)
	}
	if _, err := o.Generation(restored.Generation).SoftDeleted().Attrs(ctx); err != nil {
		t.Errorf("the one that was restored over: %v", err)
	}

	// A move keeps nothing of its source, and soft-deletes what it replaces.
	target := write(t, f.object("target"), []byte("target"))
	moved, err := o.Move(ctx, storage.MoveObjectDestination{Object: f.prefix + "target"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Generation(again.Generation).SoftDeleted().Attrs(ctx); code(err) != http.StatusNotFound {
		t.Errorf("a move's source: %v, want 404", err)
	}
	f.expect(t, "moved over", storage.Query{SoftDeleted: true, Prefix: "t"}, "target "+version(target, "soft-deleted"))

	// A policy of the moment is an object's for good.
	if attrs, err = f.bucket.Update(ctx, storage.BucketAttrsToUpdate{SoftDeletePolicy: twoWeeks}); err != nil || attrs.SoftDeletePolicy.RetentionDuration != twoWeeks.RetentionDuration {
		t.Fatalf("two weeks: %+v, %v", attrs, err)
	}
	if got, err := old.SoftDeleted().Attrs(ctx); err != nil || got.HardDeleteTime.Sub(got.SoftDeleteTime) != 7*24*time.Hour {
		t.Errorf("under a longer policy: %+v, %v", got, err)
	}
	if attrs, err = f.bucket.Update(ctx, storage.BucketAttrsToUpdate{SoftDeletePolicy: noSoftDelete}); err != nil || attrs.SoftDeletePolicy != nil && attrs.SoftDeletePolicy.RetentionDuration != 0 {
		t.Fatalf("none: %+v, %v", attrs, err)
	}
	if err := f.object("target").Delete(ctx); err != nil {
		t.Fatal(err)
	}
	f.expect(t, "deleted for good", storage.Query{SoftDeleted: true, Prefix: "t"}, "target "+version(target, "soft-deleted"))
	if _, err := f.object("target").Generation(moved.Generation).Restore(ctx, &storage.RestoreOptions{}); code(err) != http.StatusNotFound {
		t.Errorf("restored what is gone: %v, want 404", err)
	}
}

// testSoftDeleteOfVersions deletes in two steps: a live version becomes noncurrent, a
// noncurrent one soft-deleted.
func testSoftDeleteOfVersions(t *testing.T, f *space) {
	ctx := t.Context()
	f = f.own(t, &storage.BucketAttrs{VersioningEnabled: true, SoftDeletePolicy: twoWeeks})
	deleted, versions := storage.Query{SoftDeleted: true}, storage.Query{Versions: true}
	o := f.object("o")
	first := write(t, o, []byte("first"))
	second := write(t, o, []byte("second"))
	f.expect(t, "overwritten", deleted)
	if err := o.Generation(first.Generation).Delete(ctx); err != nil {
		t.Fatal(err)
	}
	f.expect(t, "a version deleted", deleted, "o "+version(first, "soft-deleted"))
	f.expect(t, "a version left", versions, "o "+version(second, "live"))
	restored, err := o.Generation(first.Generation).Restore(ctx, &storage.RestoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f.expect(t, "restored over a live one", versions, "o "+version(second, "noncurrent"), "o "+version(restored, "live"))
	if _, err := o.Generation(second.Generation).Restore(ctx, &storage.RestoreOptions{}); code(err) != http.StatusNotFound {
		t.Errorf("restored what is not deleted: %v", err)
	}
	if err := o.Generation(restored.Generation).Delete(ctx); err != nil {
		t.Fatal(err)
	}
	f.expect(t, "a live generation deleted", versions, "o "+version(second, "noncurrent"))
	f.expect(t, "soft-deleted at once", deleted, "o "+version(first, "soft-deleted"), "o "+version(restored, "soft-deleted"))
	if err := o.Generation(second.Generation).Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if err := f.bucket.Delete(ctx); err != nil { // nothing in it but what is soft-deleted
		t.Error(err)
	}
}

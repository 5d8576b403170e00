package storagefront

import (
	"errors"
	"net/http"
	"testing"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/conformance"
)

func testBuckets(t *testing.T, f *space) {
	ctx := t.Context()
	lifecycle := storage.Lifecycle{Rules: []storage.LifecycleRule{{
		Action:    storage.LifecycleAction{Type: storage.DeleteAction},
		Condition: storage.LifecycleCondition{AgeInDays: 90, MatchesPrefix: []string{"archive/"}},
	}}}
	b := f.newBucket(t, &storage.BucketAttrs{
		Location: "us-central1", StorageClass: "NEARLINE", Labels: map[string]string{"team": "data", "tier": "1"}, Lifecycle: lifecycle,
		PublicAccessPrevention: storage.PublicAccessPreventionEnforced,
	})
	if err := b.Create(ctx, f.target.Project, nil); code(err) != http.StatusConflict {
		t.Errorf("second creation: %v, want 409", err)
	}
	attrs, err := b.Attrs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if attrs.Location != "US-CENTRAL1" || attrs.StorageClass != "NEARLINE" || attrs.MetaGeneration != 1 || attrs.Created.IsZero() ||
		!attrs.UniformBucketLevelAccess.Enabled || attrs.PublicAccessPrevention != storage.PublicAccessPreventionEnforced {
		t.Errorf("attrs = %+v", attrs)
	}
	if diff := cmp.Diff(lifecycle, attrs.Lifecycle); diff != "" {
		t.Errorf("lifecycle (-want +got):\n%s", diff)
	}
	var update storage.BucketAttrsToUpdate
	update.SetLabel("tier", "2")
	update.DeleteLabel("team")
	update.Lifecycle = &storage.Lifecycle{}
	if attrs, err = b.Update(ctx, update); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"tier": "2"}, attrs.Labels); diff != "" || len(attrs.Lifecycle.Rules) != 0 || attrs.MetaGeneration != 2 {
		t.Errorf("updated attrs = %+v\nlabels (-want +got):\n%s", attrs, diff)
	}
	write(t, b.Object("x"), nil)
	if err := b.Delete(ctx); code(err) != http.StatusConflict {
		t.Errorf("deletion of a full bucket: %v, want 409", err)
	}
	if err := b.Object("x").Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Attrs(ctx); !errors.Is(err, storage.ErrBucketNotExist) {
		t.Errorf("attrs of nothing: %v", err)
	}
	if _, err := tryWrite(ctx, b.Object("x"), nil); code(err) != http.StatusNotFound {
		t.Errorf("write into nothing: %v, want 404", err)
	}
}

func testBucketPreconditions(t *testing.T, f *space) {
	ctx := t.Context()
	b := f.newBucket(t, nil)
	var update storage.BucketAttrsToUpdate
	update.SetLabel("tier", "1")
	holds := storage.BucketConditions{MetagenerationMatch: 1}
	fails := storage.BucketConditions{MetagenerationMatch: 9}
	differs := storage.BucketConditions{MetagenerationNotMatch: 1}
	for _, step := range []struct {
		name string
		call func() error
		want int
	}{
		{"attrs, stale", func() error { _, err := b.If(fails).Attrs(ctx); return err }, http.StatusPreconditionFailed},
		{"attrs, unchanged", func() error { _, err := b.If(differs).Attrs(ctx); return err }, http.StatusNotModified},
		{"attrs", func() error { _, err := b.If(holds).Attrs(ctx); return err }, 0},
		{"update, stale", func() error { _, err := b.If(fails).Update(ctx, update); return err }, http.StatusPreconditionFailed},
		{"update", func() error { _, err := b.If(holds).Update(ctx, update); return err }, 0},
		{"update again", func() error { _, err := b.If(holds).Update(ctx, update); return err }, http.StatusPreconditionFailed},
		{"attrs, changed", func() error { _, err := b.If(differs).Attrs(ctx); return err }, 0},
		{"delete, stale", func() error { return b.If(holds).Delete(ctx) }, http.StatusPreconditionFailed},
		{"delete", func() error { return b.If(storage.BucketConditions{MetagenerationMatch: 2}).Delete(ctx) }, 0},
	} {
		if err := step.call(); code(err) != step.want || (err == nil) != (step.want == 0) {
			t.Errorf("%s: %v, want %d", step.name, err, step.want)
		}
	}
}

func testBucketList(t *testing.T, f *space) {
	shared := conformance.Name("list")
	want := []string{shared + "-a1", shared + "-a2", shared + "-b"}
	for _, name := range want {
		b := f.client.Bucket(name)
		if err := b.Create(t.Context(), f.target.Project, &storage.BucketAttrs{Location: f.target.Location}); err != nil {
			t.Fatal(err)
		}
		f.dropBucket(t, b)
	}
	for prefix, want := range map[string][]string{shared: want, shared + "-a": want[:2], shared + "-z": nil} {
		it := f.client.Buckets(t.Context(), f.target.Project)
		it.Prefix = prefix
		it.PageInfo().MaxSize = 2
		var got []string
		for {
			attrs, err := it.Next()
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, attrs.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("prefix %q (-want +got):\n%s", prefix, diff)
		}
	}
}

// testNotFound calls everything on what does not exist.
func testNotFound(t *testing.T, f *space) {
	ctx := t.Context()
	o := f.object("none")
	nowhere := f.client.Bucket(conformance.Name("none"))
	for name, call := range map[string]func() error{
		"attrs":    func() error { _, err := o.Attrs(ctx); return err },
		"read":     func() error { _, err := o.NewReader(ctx); return err },
		"XML read": func() error { _, err := f.xml.Object(o.ObjectName()).NewReader(ctx); return err },
		"update": func() error {
			_, err := o.Update(ctx, storage.ObjectAttrsToUpdate{ContentType: "text/plain"})
			return err
		},
		"delete":    func() error { return o.Delete(ctx) },
		"copy":      func() error { _, err := f.object("copy").CopierFrom(o).Run(ctx); return err },
		"move":      func() error { _, err := o.Move(ctx, storage.MoveObjectDestination{Object: "moved"}); return err },
		"compose":   func() error { _, err := f.object("composed").ComposerFrom(o).Run(ctx); return err },
		"config":    func() error { return f.bucket.DeleteNotification(ctx, "999999") },
		"bucket":    func() error { _, err := nowhere.Attrs(ctx); return err },
		"list":      func() error { _, err := nowhere.Objects(ctx, nil).Next(); return err },
		"write":     func() error { _, err := tryWrite(ctx, nowhere.Object("x"), []byte("x")); return err },
		"copy away": func() error { _, err := nowhere.Object("x").CopierFrom(o).Run(ctx); return err },
		"configs":   func() error { _, err := nowhere.Notifications(ctx); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := call(); code(err) != http.StatusNotFound {
				t.Errorf("%v, want 404", err)
			}
		})
	}
}

package storagefront

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
)

func TestBuckets(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	ctx := t.Context()
	b := f.client.Bucket("data-pipeline")
	if _, err := b.Attrs(ctx); !errors.Is(err, storage.ErrBucketNotExist) {
		t.Fatalf("attrs of nothing: %v", err)
	}
	lifecycle := storage.Lifecycle{Rules: []storage.LifecycleRule{{
		Action:    storage.LifecycleAction{Type: storage.DeleteAction},
		Condition: storage.LifecycleCondition{AgeInDays: 90, MatchesPrefix: []string{"archive/"}},
	}}}
	if err := b.Create(ctx, testProject, &storage.BucketAttrs{
		Location: "us-central1", StorageClass: "NEARLINE", Labels: map[string]string{"team": "data", "tier": "1"}, Lifecycle: lifecycle,
		UniformBucketLevelAccess: storage.UniformBucketLevelAccess{Enabled: true}, PublicAccessPrevention: storage.PublicAccessPreventionEnforced,
	}); err != nil {
		t.Fatal(err)
	}
	if err := b.Create(ctx, testProject, nil); code(err) != http.StatusConflict {
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
	if attrs, err = b.If(storage.BucketConditions{MetagenerationMatch: 1}).Update(ctx, update); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"tier": "2"}, attrs.Labels); diff != "" || len(attrs.Lifecycle.Rules) != 0 || attrs.MetaGeneration != 2 {
		t.Errorf("updated attrs = %+v\nlabels (-want +got):\n%s", attrs, diff)
	}
	if _, err := b.If(storage.BucketConditions{MetagenerationMatch: 1}).Update(ctx, update); code(err) != http.StatusPreconditionFailed {
		t.Errorf("stale update: %v, want 412", err)
	}

	f = f.restart(t, nil)
	b = f.client.Bucket("data-pipeline")
	again, err := b.Attrs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(attrs, again); diff != "" {
		t.Errorf("after a restart (-before +after):\n%s", diff)
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
	if _, err := tryWrite(ctx, b.Object("x"), nil); code(err) != http.StatusNotFound {
		t.Errorf("write into nothing: %v, want 404", err)
	}
}

func TestBucketList(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	for _, name := range []string{"aaa-1", "aaa-2", "bbb-1"} {
		if err := f.client.Bucket(name).Create(t.Context(), "lister", nil); err != nil {
			t.Fatal(err)
		}
	}
	for prefix, want := range map[string][]string{"": {"aaa-1", "aaa-2", "bbb-1"}, "aaa": {"aaa-1", "aaa-2"}, "zzz": nil} {
		it := f.client.Buckets(t.Context(), "lister")
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

func TestRefusedBucketNames(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	for _, name := range []string{"", "ab", "..", "../x", "Upper", "a/b", "-dash", "dash-", "a..b", strings.Repeat("a", 64), "a\x00b"} {
		body, err := json.Marshal(map[string]string{"name": name})
		if err != nil {
			t.Fatal(err)
		}
		if a := f.do(t, "POST", "/storage/v1/b?project=p", nil, string(body)); a.status != http.StatusBadRequest {
			t.Errorf("bucket %q: %d %s, want 400", name, a.status, a.body)
		}
	}
}

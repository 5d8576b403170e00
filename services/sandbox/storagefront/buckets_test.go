package storagefront

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
)

// TestBucketsOutliveRestart: what was said of a bucket stays said.
func TestBucketsOutliveRestart(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	if err := f.client.Bucket("data-pipeline").Create(t.Context(), testProject, &storage.BucketAttrs{
		Location: "us-central1", StorageClass: "NEARLINE", Labels: map[string]string{"team": "data"},
		Lifecycle: storage.Lifecycle{Rules: []storage.LifecycleRule{{
			Action:    storage.LifecycleAction{Type: storage.DeleteAction},
			Condition: storage.LifecycleCondition{AgeInDays: 90, MatchesPrefix: []string{"archive/"}},
		}}},
	}); err != nil {
		t.Fatal(err)
	}
	before, err := f.client.Bucket("data-pipeline").Attrs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f = f.restart(t, nil)
	after, err := f.client.Bucket("data-pipeline").Attrs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("after a restart (-before +after):\n%s", diff)
	}
}

// TestStorageLayout: a bucket has no folders of its own, which gcloud asks.
func TestStorageLayout(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	if err := f.client.Bucket("data-pipeline").Create(t.Context(), testProject, nil); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"data-pipeline": http.StatusOK, "none-of-them": http.StatusNotFound} {
		a := f.do(t, "GET", "/storage/v1/b/"+path+"/storageLayout", nil, "")
		if a.status != want || want == http.StatusOK && !strings.Contains(string(a.body), `"hierarchicalNamespace":{"enabled":false}`) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
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

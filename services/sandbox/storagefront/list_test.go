package storagefront

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
)

// TestIndex compares the index with a plain sorted set through many changes.
func TestIndex(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var x liveIndex
	model := map[string]*object{}
	for range 50_000 {
		name := fmt.Sprintf("%04d", random.IntN(5000))
		if random.IntN(3) == 0 {
			x.remove(name)
			delete(model, name)
		} else {
			o := &object{Name: name}
			x.put(o)
			model[name] = o
		}
		if x.get(name) != model[name] {
			t.Fatalf("get(%q) = %v, want %v", name, x.get(name), model[name])
		}
	}
	var want, got []string
	for name := range model {
		want = append(want, name)
	}
	slices.Sort(want)
	for o := range x.all {
		got = append(got, o.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" || x.count != len(want) {
		t.Errorf("index of %d, model of %d (-want +got):\n%s", x.count, len(want), diff)
	}
	from := want[len(want)/2] + "x"
	if o := x.seek(place{name: from}); o == nil || o.Name != want[len(want)/2+1] {
		t.Errorf("seek(%q) = %v", from, o)
	}
}

func TestManyPages(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	var want []string
	for i := range 2500 {
		name := fmt.Sprintf("archive/%05d", i)
		want = append(want, name)
		o := &object{Bucket: testBucket, Name: name, Generation: int64(i + 1), Metageneration: 1}
		f.server.store.buckets[testBucket].objects.put(o)
	}
	if diff := cmp.Diff(want, names(t, f.bucket, nil)); diff != "" {
		t.Errorf("listing (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"archive/"}, names(t, f.bucket, &storage.Query{Delimiter: "/"})); diff != "" {
		t.Errorf("folders (-want +got):\n%s", diff)
	}
}

func BenchmarkListFolders(b *testing.B) {
	var x bucket
	for folder := range 100 {
		for i := range 1000 {
			x.objects.put(&object{Name: fmt.Sprintf("archive/%03d/%04d", folder, i)})
		}
	}
	for b.Loop() {
		if p := x.list(listing{prefix: "archive/", delimiter: "/", limit: maxPage}, time.Time{}); len(p.prefixes) != 100 || !strings.HasPrefix(p.prefixes[0], "archive/") {
			b.Fatal(len(p.prefixes))
		}
	}
}

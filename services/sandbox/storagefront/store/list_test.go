package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestIndex compares the index with a plain sorted set through many changes.
func TestIndex(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var x liveIndex
	model := map[string]*Object{}
	for range 50_000 {
		name := fmt.Sprintf("%04d", random.IntN(5000))
		if random.IntN(3) == 0 {
			x.remove(name)
			delete(model, name)
		} else {
			o := &Object{Name: name}
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
	if o := x.seek(Place{Name: from}); o == nil || o.Name != want[len(want)/2+1] {
		t.Errorf("seek(%q) = %v", from, o)
	}
}

func BenchmarkListFolders(b *testing.B) {
	var x bucket
	for folder := range 100 {
		for i := range 1000 {
			x.objects.put(&Object{Name: fmt.Sprintf("archive/%03d/%04d", folder, i)})
		}
	}
	for b.Loop() {
		if p := x.list(Listing{Prefix: "archive/", Delimiter: "/", Limit: 1000}, time.Time{}); len(p.Prefixes) != 100 || !strings.HasPrefix(p.Prefixes[0], "archive/") {
			b.Fatal(len(p.Prefixes))
		}
	}
}

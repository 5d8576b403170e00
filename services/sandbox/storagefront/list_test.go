package storagefront

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
)

func TestList(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	for _, name := range []string{
		"a", "a/", "a/1", "a/2", "a/b/3", "a0", "b", "landing/", "landing/orders/x", "landing/orders/y", "landing/products/z", "é/1", "\U0010ffff/1", "\U0010ffff",
	} {
		write(t, f.bucket.Object(name), nil)
	}
	all := []string{
		"a", "a/", "a/1", "a/2", "a/b/3", "a0", "b", "landing/", "landing/orders/x", "landing/orders/y", "landing/products/z", "é/1", "\U0010ffff", "\U0010ffff/1",
	}
	for name, tc := range map[string]struct {
		query storage.Query
		want  []string
	}{
		"everything":         {storage.Query{}, all},
		"prefix":             {storage.Query{Prefix: "a/"}, []string{"a/", "a/1", "a/2", "a/b/3"}},
		"prefix of nothing":  {storage.Query{Prefix: "zz"}, nil},
		"top folders":        {storage.Query{Delimiter: "/"}, []string{"a", "a0", "b", "\U0010ffff", "a/", "landing/", "é/", "\U0010ffff/"}},
		"inside a folder":    {storage.Query{Prefix: "a/", Delimiter: "/"}, []string{"a/", "a/1", "a/2", "a/b/"}},
		"landing":            {storage.Query{Prefix: "landing/", Delimiter: "/"}, []string{"landing/", "landing/orders/", "landing/products/"}},
		"trailing delimiter": {storage.Query{Prefix: "l", Delimiter: "/", IncludeTrailingDelimiter: true}, []string{"landing/", "landing/"}},
		"long delimiter":     {storage.Query{Delimiter: "/orders/"}, []string{"a", "a/", "a/1", "a/2", "a/b/3", "a0", "b", "landing/", "landing/products/z", "é/1", "\U0010ffff", "\U0010ffff/1", "landing/orders/"}},
		"from an offset":     {storage.Query{StartOffset: "b"}, all[6:]},
		"between offsets":    {storage.Query{StartOffset: "a/1", EndOffset: "a0"}, []string{"a/1", "a/2", "a/b/3"}},
		"offset and prefix":  {storage.Query{Prefix: "a/", StartOffset: "a/2"}, []string{"a/2", "a/b/3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, names(t, f.bucket, &tc.query)); diff != "" {
				t.Errorf("one page (-want +got):\n%s", diff)
			}
			// In pages the folders come between the objects, so compare as sets.
			want := slices.Sorted(slices.Values(tc.want))
			for size := 1; size <= 4; size++ {
				got := pages(t, f.bucket, tc.query, size)
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("pages of %d (-want +got):\n%s", size, diff)
				}
			}
		})
	}
}

// pages lists with a page size, following the tokens.
func pages(t *testing.T, b *storage.BucketHandle, q storage.Query, size int) []string {
	t.Helper()
	var out []string
	token := ""
	for range 100 {
		var page []*storage.ObjectAttrs
		next, err := iterator.NewPager(b.Objects(t.Context(), &q), size, token).NextPage(&page)
		if err != nil {
			t.Fatal(err)
		}
		for _, attrs := range page {
			out = append(out, attrs.Name+attrs.Prefix)
		}
		if next == "" {
			return out
		}
		token = next
	}
	t.Fatal("paging does not end")
	return nil
}

// TestIndex compares the index with a plain sorted set through many changes.
func TestIndex(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var x nameIndex
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
	x.ascend("", func(o *object) bool {
		got = append(got, o.Name)
		return true
	})
	if diff := cmp.Diff(want, got); diff != "" || x.count != len(want) {
		t.Errorf("index of %d, model of %d (-want +got):\n%s", x.count, len(want), diff)
	}
	from := want[len(want)/2] + "x"
	if o := x.seek(from); o == nil || o.Name != want[len(want)/2+1] {
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
	var x nameIndex
	for folder := range 100 {
		for i := range 1000 {
			x.put(&object{Name: fmt.Sprintf("archive/%03d/%04d", folder, i)})
		}
	}
	for b.Loop() {
		if p := x.list(listing{prefix: "archive/", delimiter: "/", limit: maxPage}); len(p.prefixes) != 100 || !strings.HasPrefix(p.prefixes[0], "archive/") {
			b.Fatal(len(p.prefixes))
		}
	}
}

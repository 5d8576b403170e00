package storagefront

import (
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
)

func testList(t *testing.T, f *space) {
	for _, name := range []string{
		"a", "a/", "a/1", "a/2", "a/b/3", "a0", "b", "landing/", "landing/orders/x", "landing/orders/y", "landing/products/z", "é/1", "\U0010ffff/1", "\U0010ffff",
	} {
		write(t, f.object(name), nil)
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
			if diff := cmp.Diff(tc.want, f.names(t, tc.query)); diff != "" {
				t.Errorf("one page (-want +got):\n%s", diff)
			}
			// In pages the folders come between the objects, so compare as sets.
			want := slices.Sorted(slices.Values(tc.want))
			for size := 1; size <= 4; size++ {
				got := f.pages(t, tc.query, size)
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("pages of %d (-want +got):\n%s", size, diff)
				}
			}
		})
	}
}

// pages lists with a page size, following the tokens.
func (s *space) pages(t *testing.T, q storage.Query, size int) []string {
	t.Helper()
	var out []string
	token := ""
	for range 100 {
		var page []*storage.ObjectAttrs
		next, err := iterator.NewPager(s.bucket.Objects(t.Context(), s.query(q)), size, token).NextPage(&page)
		if err != nil {
			t.Fatal(err)
		}
		for _, attrs := range page {
			out = append(out, strings.TrimPrefix(attrs.Name+attrs.Prefix, s.prefix))
		}
		if next == "" {
			return out
		}
		token = next
	}
	t.Fatal("paging does not end")
	return nil
}

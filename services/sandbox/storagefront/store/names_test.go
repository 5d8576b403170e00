package store

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestBlobPathIsReadable(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"landing/orders/orders 1.json": "landing/orders/orders 1.json@7",
		"../x":                         "%2E%2E/x@7",
		"a//b/":                        "a/%/b%2F%@7",
		"staging/orders/1f/o.json":     "staging/orders/1f%2Fo.json@7",
		"100%@home":                    "100%25%40home@7",
		"日本":                           "日本@7",
	} {
		if got := blobPath(name, 7); got != want {
			t.Errorf("blobPath(%q) = %q, want %q", name, got, want)
		}
	}
}

// FuzzBlobPath checks what the layout rests on: paths stay inside, fit a file
// system, carry their number, and no two names share one.
func FuzzBlobPath(f *testing.F) {
	for _, seed := range []string{"a", "../a", "a//b", "%", "@1", "a@1/b", strings.Repeat("/", 99), strings.Repeat("x", 999)} {
		f.Add(seed, "a")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if checkObjectName(a) != nil || checkObjectName(b) != nil {
			return
		}
		path := blobPath(a, 5)
		if !filepath.IsLocal(path) || filepath.Clean(path) != path || len(path) > (folderLevels+1)*(maxSegment+1)+20 {
			t.Fatalf("blobPath(%q) = %q", a, path)
		}
		for segment := range strings.SplitSeq(path, "/") {
			if len(segment) > 255 {
				t.Fatalf("a segment of %q has %d bytes", path, len(segment))
			}
		}
		if n, ok := blobNumber(filepath.Base(path)); !ok || n != 5 {
			t.Fatalf("the number of %q reads %d", path, n)
		}
		if a != b && path == blobPath(b, 5) {
			t.Fatalf("%q and %q share %q", a, b, path)
		}
		if strings.Contains(filepath.Dir(path), "@") {
			t.Fatalf("the folder of %q looks like a body", path)
		}
	})
}

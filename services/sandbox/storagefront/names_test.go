package storagefront

import (
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHostileNames(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	f := startFront(t, filepath.Join(root, "data"), nil)
	xml := f.newClient(t).Bucket(testBucket)
	hostile := []string{
		"../escape", "../../../../etc/passwd", "a/../../b", "/absolute", "//", "/", "a//b", "a/b", "a", "a/", "./a", "a/.", "a/..", "...",
		"C:\\windows", "nul", "\x00", "tab\there", "per%cent", "per%2Fcent", "%", "%long/x", "at@1", "at@1/x", "sp ace", "q?u=e&r#y", "plus+",
		"naïve/日本/😀", "e\u0301", "\u00e9", "A", "*", "b/x/o/y", "storage/v1/b", "o/rewriteTo/b/c/o/d", `quo"te`, "<tag>", ".hidden",
		strings.Repeat("x", 1024), strings.Repeat("/", 1024), strings.Repeat("y/", 512), strings.Repeat("%", 1024),
		strings.Repeat("..//", 256), strings.Repeat("é", 512), strings.Repeat("z", 255) + "/" + strings.Repeat("z", 255),
	}
	for i, name := range hostile {
		write(t, f.bucket.Object(name), []byte{byte(i)})
	}
	check := func(f *front) {
		for i, name := range hostile {
			if got := read(t, f.bucket.Object(name)); len(got) != 1 || got[0] != byte(i) {
				t.Errorf("JSON read of %.40q = %v, want %d", name, got, i)
			}
		}
		if got := len(names(t, f.bucket, nil)); got != len(hostile) {
			t.Errorf("listed %d names, want %d", got, len(hostile))
		}
	}
	check(f)
	for i, name := range hostile {
		if got := read(t, xml.Object(name)); len(got) != 1 || got[0] != byte(i) {
			t.Errorf("XML read of %.40q = %v, want %d", name, got, i)
		}
	}
	entries, err := filepath.Glob(filepath.Join(root, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{filepath.Join(root, "data")}, entries); diff != "" {
		t.Errorf("files beside the data folder (-want +got):\n%s", diff)
	}
	f = f.restart(t, nil)
	check(f)
	for _, name := range hostile {
		if err := f.bucket.Object(name).Delete(t.Context()); err != nil {
			t.Errorf("delete %.40q: %v", name, err)
		}
	}
	f = f.restart(t, nil)
	err = filepath.WalkDir(filepath.Join(f.dir, "buckets"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && path != filepath.Join(f.dir, "buckets") {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRefusedNames(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	for name, object := range map[string]string{
		"dot":       ".",
		"two dots":  "..",
		"line feed": "a\nb",
		"return":    "a\rb",
		"too long":  strings.Repeat("x", 1025),
		"acme":      ".well-known/acme-challenge/x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// By hand: the client refuses some of these itself.
			upload := f.do(t, "POST", "/upload/storage/v1/b/"+testBucket+"/o?uploadType=media&name="+url.QueryEscape(object), nil, "x")
			if upload.status != http.StatusBadRequest {
				t.Errorf("upload: %d %s, want 400", upload.status, upload.body)
			}
			write(t, f.bucket.Object("source of "+name), nil)
			path := "/storage/v1/b/" + testBucket + "/o/" + url.PathEscape("source of "+name)
			copied := f.do(t, "POST", path+"/rewriteTo/b/"+testBucket+"/o/"+url.PathEscape(object), nil, "")
			if copied.status != http.StatusBadRequest {
				t.Errorf("copy: %d %s, want 400", copied.status, copied.body)
			}
		})
	}
}

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

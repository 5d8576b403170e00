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

package storagefront

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	raw "google.golang.org/api/storage/v1"
)

func testCopyAndMove(t *testing.T, f *space) {
	ctx := t.Context()
	src := f.object("landing/orders/a.json")
	w := src.NewWriter(ctx)
	w.ContentType, w.Metadata = "application/json", map[string]string{"k": "v"}
	if _, err := w.Write([]byte("data")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dst := f.object("staging/orders/1/a.json")

	copied, err := dst.CopierFrom(src.Generation(w.Attrs().Generation)).Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if copied.Generation <= w.Attrs().Generation || copied.Metageneration != 1 || copied.ContentType != "application/json" ||
		copied.Metadata["k"] != "v" || copied.CRC32C != w.Attrs().CRC32C || !bytes.Equal(copied.MD5, w.Attrs().MD5) {
		t.Errorf("copy = %+v", copied)
	}
	if got := read(t, dst); string(got) != "data" {
		t.Errorf("copy holds %q", got)
	}

	replacing := dst.CopierFrom(src)
	replacing.Metadata = map[string]string{"file_id": "1"}
	replaced, err := replacing.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"file_id": "1"}, replaced.Metadata); diff != "" {
		t.Errorf("replaced metadata (-want +got):\n%s", diff)
	}

	if err := src.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dst); string(got) != "data" {
		t.Errorf("after the source's deletion the copy holds %q", got)
	}
	moved, err := dst.Move(ctx, storage.MoveObjectDestination{Object: f.prefix + "archive/a.json"})
	if err != nil {
		t.Fatal(err)
	}
	if moved.Generation <= replaced.Generation || moved.Metadata["file_id"] != "1" {
		t.Errorf("moved = %+v", moved)
	}
	if diff := cmp.Diff([]string{"archive/a.json"}, f.names(t, storage.Query{})); diff != "" {
		t.Errorf("objects left (-want +got):\n%s", diff)
	}
	if _, err := dst.CopierFrom(src).Run(ctx); !errors.Is(err, storage.ErrObjectNotExist) {
		t.Errorf("copy from nothing: %v, want not found", err)
	}
}

func testCopyAcrossBuckets(t *testing.T, f *space) {
	other := f.newBucket(t, nil)
	write(t, f.object("x"), []byte("data"))
	if _, err := other.Object("y").CopierFrom(f.object("x")).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, other.Object("y")); string(got) != "data" {
		t.Errorf("copy holds %q", got)
	}
}

// testRewriteInParts copies to another location a part at a time, which the token of
// each call goes on from; another call's token is none.
func testRewriteInParts(t *testing.T, f *space) {
	ctx := t.Context()
	elsewhere := "europe-west1"
	if strings.EqualFold(f.target.Location, elsewhere) {
		elsewhere = "us-central1"
	}
	other := f.newBucket(t, &storage.BucketAttrs{Location: elsewhere})
	const part = 1 << 20
	data := randomBytes(2*part + part/2)
	first := write(t, f.object("o"), data)
	to := f.prefix + "copy"
	rewrite := func(bound int64, token string) (*raw.RewriteResponse, error) {
		call := f.raw.Objects.Rewrite(f.bucket.BucketName(), f.prefix+"o", other.BucketName(), to, &raw.Object{})
		call.MaxBytesRewrittenPerCall(bound).IfGenerationMatch(0)
		if token != "" {
			call.RewriteToken(token)
		}
		return call.Context(ctx).Do()
	}
	token := ""
	for i := range int64(2) {
		got, err := rewrite(part, token)
		if err != nil {
			t.Fatal(err)
		}
		if got.Done || got.RewriteToken == "" || got.Resource != nil || got.TotalBytesRewritten != (i+1)*part || got.ObjectSize != int64(len(data)) {
			t.Errorf("part %d: %+v", i, got)
		}
		token = got.RewriteToken
	}
	if _, err := other.Object(to).Attrs(ctx); !errors.Is(err, storage.ErrObjectNotExist) {
		t.Errorf("the copy is there before it is done: %v", err)
	}
	if _, err := rewrite(2*part, token); code(err) != http.StatusBadRequest {
		t.Errorf("another bound: %v, want 400", err)
	}
	last, err := rewrite(part, token)
	if err != nil {
		t.Fatal(err)
	}
	if !last.Done || last.RewriteToken != "" || last.TotalBytesRewritten != int64(len(data)) || last.Resource == nil || last.Resource.Name != to {
		t.Errorf("the last part: %+v", last)
	}
	if got := read(t, other.Object(to)); !bytes.Equal(got, data) {
		t.Errorf("the copy holds %d other bytes", len(got))
	}
	if _, err := rewrite(part, ""); code(err) != http.StatusPreconditionFailed {
		t.Errorf("over the copy: %v, want 412", err)
	}
	to = f.prefix + "another"
	if _, err := rewrite(part, token); code(err) != http.StatusBadRequest {
		t.Errorf("another copy's token: %v, want 400", err)
	}
	near, err := f.raw.Objects.Rewrite(f.bucket.BucketName(), f.prefix+"o", f.bucket.BucketName(), to, &raw.Object{}).
		MaxBytesRewrittenPerCall(part).SourceGeneration(first.Generation).Context(ctx).Do()
	if err != nil || !near.Done {
		t.Errorf("in one place there is nothing to divide: %+v, %v", near, err)
	}
}

func testCompose(t *testing.T, f *space) {
	a, b := f.object("a"), f.object("b")
	write(t, a, []byte("first,"))
	write(t, b, []byte("second"))
	composer := f.object("ab").ComposerFrom(a, b, a)
	composer.ContentType = "text/plain"
	attrs, err := composer.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if attrs.ComponentCount != 3 || len(attrs.MD5) != 0 || attrs.ContentType != "text/plain" {
		t.Errorf("attrs = %+v", attrs)
	}
	if got := read(t, f.object("ab")); string(got) != "first,secondfirst," {
		t.Errorf("composed %q", got)
	}
	last := f.object("a").ComposerFrom(a, b)
	last.DeleteSourceObjects = true
	if _, err := last.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "ab"}, f.names(t, storage.Query{})); diff != "" {
		t.Errorf("objects left (-want +got):\n%s", diff)
	}
}

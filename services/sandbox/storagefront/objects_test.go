package storagefront

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
)

func TestObjectRoundTrip(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	xml := f.newClient(t).Bucket(testBucket)
	for name, tc := range map[string]struct {
		size      int
		chunkSize int
	}{
		"empty":                              {0, 0},
		"one byte":                           {1, 0},
		"small, resumable by default":        {1000, 16 << 20},
		"single request without buffering":   {3 << 20, 0},
		"several chunks":                     {1<<20 + 17, 256 << 10},
		"exactly two chunks":                 {512 << 10, 256 << 10},
		"beyond the default chunk size":      {33<<20 + 5, 16 << 20},
		"exactly the default chunk, doubled": {32 << 20, 16 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := randomBytes(tc.size)
			o := f.bucket.Object("round trip/" + name)
			w := o.NewWriter(t.Context())
			w.ChunkSize = tc.chunkSize
			w.ContentType = "application/x-ndjson"
			w.Metadata = map[string]string{"origin": "test"}
			if _, err := io.Copy(w, bytes.NewReader(data)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			attrs := attrsOf(t, o)
			if attrs.Size != int64(tc.size) || attrs.ContentType != "application/x-ndjson" || attrs.Metadata["origin"] != "test" {
				t.Errorf("attrs = %+v", attrs)
			}
			if diff := cmp.Diff(w.Attrs(), attrs); diff != "" {
				t.Errorf("upload answer and attrs differ (-upload +attrs):\n%s", diff)
			}
			if !bytes.Equal(read(t, o), data) {
				t.Error("JSON read returned other bytes")
			}
			if !bytes.Equal(read(t, xml.Object(o.ObjectName())), data) {
				t.Error("XML read returned other bytes")
			}
		})
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	write(t, f.bucket.Object("digits"), []byte("0123456789"))
	write(t, f.bucket.Object("empty"), nil)
	for name, tc := range map[string]struct {
		object         string
		offset, length int64
		want           string
		code           int
	}{
		"whole":              {"digits", 0, -1, "0123456789", 0},
		"from an offset":     {"digits", 4, -1, "456789", 0},
		"inside":             {"digits", 2, 3, "234", 0},
		"first byte":         {"digits", 0, 1, "0", 0},
		"past the end":       {"digits", 8, 100, "89", 0},
		"last bytes":         {"digits", -3, -1, "789", 0},
		"more than there is": {"digits", -30, -1, "0123456789", 0},
		"nothing":            {"digits", 0, 0, "", 0},
		"at the end":         {"digits", 10, -1, "", 416},
		"of nothing":         {"empty", 0, 5, "", 416},
		"all of nothing":     {"empty", 0, -1, "", 0},
	} {
		for kind, client := range map[string]*storage.Client{"json": f.client, "xml": f.newClient(t)} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				r, err := client.Bucket(testBucket).Object(tc.object).NewRangeReader(t.Context(), tc.offset, tc.length)
				if tc.code != 0 {
					if code(err) != tc.code {
						t.Fatalf("error = %v, want %d", err, tc.code)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				got, err := io.ReadAll(r)
				if err != nil || string(got) != tc.want {
					t.Errorf("read %q, %v, want %q", got, err, tc.want)
				}
				if size := r.Attrs.Size; size != int64(len("0123456789")) && tc.object == "digits" {
					t.Errorf("size = %d", size)
				}
			})
		}
	}
}

func TestGenerations(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	o := f.bucket.Object("versions")
	first := write(t, o, []byte("one"))
	second := write(t, o, []byte("two"))
	if second.Generation <= first.Generation {
		t.Errorf("generations went from %d to %d", first.Generation, second.Generation)
	}
	if _, err := o.Generation(first.Generation).Attrs(t.Context()); !errors.Is(err, storage.ErrObjectNotExist) {
		t.Errorf("old generation: %v, want not found", err)
	}
	if _, err := o.Generation(first.Generation).NewReader(t.Context()); !errors.Is(err, storage.ErrObjectNotExist) {
		t.Errorf("read of the old generation: %v, want not found", err)
	}
	if err := o.Generation(first.Generation).Delete(t.Context()); !errors.Is(err, storage.ErrObjectNotExist) {
		t.Errorf("deletion of the old generation: %v, want not found", err)
	}
	if got := read(t, o.Generation(second.Generation)); string(got) != "two" {
		t.Errorf("read %q", got)
	}
	if err := o.Generation(second.Generation).Delete(t.Context()); err != nil {
		t.Errorf("deletion of the live generation: %v", err)
	}
	if err := o.Delete(t.Context()); !errors.Is(err, storage.ErrObjectNotExist) {
		t.Errorf("second deletion: %v, want not found", err)
	}
}

func TestMetadataUpdate(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	o := f.bucket.Object("meta")
	before := write(t, o, []byte("x"))
	custom := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	after, err := o.Update(t.Context(), storage.ObjectAttrsToUpdate{
		ContentType: "text/csv", ContentLanguage: "en", ContentDisposition: "inline", CacheControl: "no-store",
		CustomTime: custom, Metadata: map[string]string{"a": "1", "b": "2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if after.Generation != before.Generation || after.Metageneration != 2 || after.Created != before.Created {
		t.Errorf("generation %d/%d after %d/%d", after.Generation, after.Metageneration, before.Generation, before.Metageneration)
	}
	if after.ContentType != "text/csv" || after.ContentLanguage != "en" || after.ContentDisposition != "inline" ||
		after.CacheControl != "no-store" || !after.CustomTime.Equal(custom) {
		t.Errorf("attrs = %+v", after)
	}
	merged, err := o.Update(t.Context(), storage.ObjectAttrsToUpdate{Metadata: map[string]string{"b": "3"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "1", "b": "3"}, merged.Metadata); diff != "" {
		t.Errorf("merged metadata (-want +got):\n%s", diff)
	}
	cleared, err := o.Update(t.Context(), storage.ObjectAttrsToUpdate{Metadata: map[string]string{}, ContentType: ""})
	if err != nil {
		t.Fatal(err)
	}
	if len(cleared.Metadata) != 0 || cleared.ContentType != "" {
		t.Errorf("cleared attrs = %+v", cleared)
	}
	if got := read(t, o); string(got) != "x" {
		t.Errorf("the bytes became %q", got)
	}
}

func TestCopyAndMove(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	ctx := t.Context()
	src := f.bucket.Object("landing/orders/a.json")
	w := src.NewWriter(ctx)
	w.ContentType, w.Metadata = "application/json", map[string]string{"k": "v"}
	if _, err := w.Write([]byte("data")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dst := f.bucket.Object("staging/orders/1/a.json")

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
	moved, err := dst.Move(ctx, storage.MoveObjectDestination{Object: "archive/a.json"})
	if err != nil {
		t.Fatal(err)
	}
	if moved.Generation <= replaced.Generation || moved.Metadata["file_id"] != "1" {
		t.Errorf("moved = %+v", moved)
	}
	if diff := cmp.Diff([]string{"archive/a.json"}, names(t, f.bucket, nil)); diff != "" {
		t.Errorf("objects left (-want +got):\n%s", diff)
	}
	if _, err := dst.CopierFrom(src).Run(ctx); !errors.Is(err, storage.ErrObjectNotExist) {
		t.Errorf("copy from nothing: %v, want not found", err)
	}
}

func TestCopyAcrossBuckets(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	other := f.client.Bucket("another-bucket")
	if err := other.Create(t.Context(), testProject, nil); err != nil {
		t.Fatal(err)
	}
	write(t, f.bucket.Object("x"), []byte("data"))
	if _, err := other.Object("y").CopierFrom(f.bucket.Object("x")).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, other.Object("y")); string(got) != "data" {
		t.Errorf("copy holds %q", got)
	}
}

func TestCompose(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	a, b := f.bucket.Object("a"), f.bucket.Object("b")
	write(t, a, []byte("first,"))
	write(t, b, []byte("second"))
	composer := f.bucket.Object("ab").ComposerFrom(a, b, a)
	composer.ContentType = "text/plain"
	attrs, err := composer.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if attrs.ComponentCount != 3 || len(attrs.MD5) != 0 || attrs.ContentType != "text/plain" {
		t.Errorf("attrs = %+v", attrs)
	}
	if got := read(t, f.bucket.Object("ab")); string(got) != "first,secondfirst," {
		t.Errorf("composed %q", got)
	}
	last := f.bucket.Object("a").ComposerFrom(a, b)
	last.DeleteSourceObjects = true
	if _, err := last.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "ab"}, names(t, f.bucket, nil)); diff != "" {
		t.Errorf("objects left (-want +got):\n%s", diff)
	}
}

func TestGzipIsReturnedRaw(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	raw := []byte("\x1f\x8bnot really gzip, which is the point")
	o := f.newClient(t).Bucket(testBucket).Object("orders.json.gz") // JSON reads cannot ask for raw bytes
	w := o.NewWriter(t.Context())
	w.ContentEncoding = "gzip"
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, o.ReadCompressed(true)); !bytes.Equal(got, raw) {
		t.Errorf("read %q", got)
	}
}

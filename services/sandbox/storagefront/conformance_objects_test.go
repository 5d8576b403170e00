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

func testRoundTrip(t *testing.T, f *space) {
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
			o := f.object("round trip/" + name)
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
			if !bytes.Equal(read(t, f.xml.Object(o.ObjectName())), data) {
				t.Error("XML read returned other bytes")
			}
		})
	}
}

func testRanges(t *testing.T, f *space) {
	write(t, f.object("digits"), []byte("0123456789"))
	write(t, f.object("empty"), nil)
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
		for kind, bucket := range map[string]*storage.BucketHandle{"json": f.bucket, "xml": f.xml} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				r, err := bucket.Object(f.prefix+tc.object).NewRangeReader(t.Context(), tc.offset, tc.length)
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

func testGenerations(t *testing.T, f *space) {
	o := f.object("versions")
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

func testMetadataUpdate(t *testing.T, f *space) {
	o := f.object("meta")
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

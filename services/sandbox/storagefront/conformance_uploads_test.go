package storagefront

import (
	"context"
	"crypto/md5"
	"errors"
	"hash/crc32"
	"net/http"
	"testing"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
)

// testAbandonedUpload gives an upload up between two chunks: there is no object,
// and a later one is whole.
func testAbandonedUpload(t *testing.T, f *space) {
	o := f.object("abandoned")
	ctx, cancel := context.WithCancel(t.Context())
	w := o.NewWriter(ctx)
	w.ChunkSize = googleapi.MinUploadChunkSize
	if _, err := w.Write(make([]byte, 2*googleapi.MinUploadChunkSize)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := w.Close(); err == nil {
		t.Error("an upload that was given up succeeded")
	}
	if _, err := o.Attrs(t.Context()); !errors.Is(err, storage.ErrObjectNotExist) {
		t.Errorf("attrs of what was not uploaded: %v", err)
	}
	write(t, o, []byte("whole"))
	if got := read(t, o); string(got) != "whole" {
		t.Errorf("read %q", got)
	}
}

// testChecksums announces the right checksum and a wrong one, in one request and
// in several.
func testChecksums(t *testing.T, f *space) {
	data := randomBytes(2*googleapi.MinUploadChunkSize + 1)
	sum := md5.Sum(data)
	crc := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	for name, tc := range map[string]struct {
		announce func(w *storage.Writer)
		want     int
	}{
		"right CRC32C": {func(w *storage.Writer) { w.CRC32C, w.SendCRC32C = crc, true }, 0},
		"wrong CRC32C": {func(w *storage.Writer) { w.CRC32C, w.SendCRC32C = crc+1, true }, http.StatusBadRequest},
		"right MD5":    {func(w *storage.Writer) { w.MD5 = sum[:] }, 0},
		"wrong MD5":    {func(w *storage.Writer) { w.MD5 = make([]byte, len(sum)) }, http.StatusBadRequest},
	} {
		for kind, chunk := range map[string]int{"in one": 0, "in chunks": googleapi.MinUploadChunkSize} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				o := f.object("checksum " + name + " " + kind)
				w := o.NewWriter(t.Context())
				w.ChunkSize = chunk
				tc.announce(w)
				_, err := w.Write(data)
				err = errors.Join(err, w.Close())
				if code(err) != tc.want || (err == nil) != (tc.want == 0) {
					t.Fatalf("%v, want %d", err, tc.want)
				}
				if _, err := o.Attrs(t.Context()); errors.Is(err, storage.ErrObjectNotExist) != (tc.want != 0) {
					t.Errorf("the object afterwards: %v", err)
				}
			})
		}
	}
}

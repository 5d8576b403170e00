package storagefront

import (
	"bytes"
	"testing"
)

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

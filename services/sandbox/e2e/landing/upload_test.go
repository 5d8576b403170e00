package landing

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestUploadReplacesNothing has two files of one name; the first still waits
// to be claimed: the second must not take its place, for nobody has read it.
func TestUploadReplacesNothing(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "none")
	dir := t.TempDir()
	var paths []string
	for _, day := range []string{"mon", "tuesday"} {
		path := filepath.Join(dir, day, "orders.json")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(harness.Order(day, 1, "P-1", "C-1", "1.00")), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	if _, err := p.Pipelinectl(t, "upload", "--wait", "0", paths[0], paths[1]); err == nil || !strings.Contains(err.Error(), "would both land as landing/orders/orders.json") {
		t.Errorf("two files of one name: %v", err)
	}
	if _, err := p.Bucket().Object("landing/orders/orders.json").Attrs(t.Context()); err == nil {
		t.Error("one of them was uploaded all the same")
	}
	for range 2 { // the second time the answer may have been lost
		if out, err := p.Pipelinectl(t, "upload", "--wait", "0", paths[0]); err != nil || !strings.Contains(out, "/landing/orders/orders.json\n") {
			t.Errorf("upload: %q, %v", out, err)
		}
	}
	if _, err := p.Pipelinectl(t, "upload", "--wait", "0", paths[1]); !errors.Is(err, upload.ErrOccupied) {
		t.Errorf("upload onto a file that waits: %v", err)
	}
	object, err := p.Bucket().Object("landing/orders/orders.json").Attrs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(paths[0]); err != nil || object.Size != info.Size() {
		t.Errorf("what waits is of %d bytes", object.Size)
	}
}

package harness

import (
	"io"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Bucket is the pipeline's bucket.
func (p *Pipeline) Bucket() *storage.BucketHandle { return p.Storage.Bucket(p.Endpoints.Bucket) }

// Kept is the archived object of a file.
func (p *Pipeline) Kept(t *testing.T, id string) *storage.ObjectAttrs {
	t.Helper()
	objects := p.Bucket().Objects(t.Context(), &storage.Query{Prefix: topology.Archive})
	for {
		object, err := objects.Next()
		if err != nil {
			t.Fatalf("look for file %s in the archive: %v", id, err)
		}
		if slices.Contains(strings.Split(object.Name, "/"), id) {
			return object
		}
	}
}

// ReplaceBytes gives an archived file other bytes under the same metadata.
func (p *Pipeline) ReplaceBytes(t *testing.T, id, content string) {
	t.Helper()
	kept := p.Kept(t, id)
	p.write(t, kept.Name, kept.Metadata, []byte(content))
}

// write stores an object and returns its generation.
func (p *Pipeline) write(t *testing.T, name string, metadata map[string]string, content []byte) int64 {
	t.Helper()
	w := p.Bucket().Object(name).NewWriter(t.Context())
	w.Metadata = metadata
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Attrs().Generation
}

// Object is an object's content.
func (p *Pipeline) Object(t *testing.T, name string) string {
	t.Helper()
	r, err := p.Bucket().Object(name).NewReader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

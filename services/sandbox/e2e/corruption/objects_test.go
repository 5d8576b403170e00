package corruption

import (
	"io"
	"strings"
	"testing"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// plantedObject is a corruption of the bucket.
type plantedObject struct {
	planted
	plant func(t *testing.T, s *shelf)
	// deep are the checks of the recomputation from the archive that find it.
	deep []string
}

// objectCorruptions are those of the file orders/third.json, and of objects of no file.
var objectCorruptions = []plantedObject{
	{planted{name: "content replaced at the same length", finds: []string{"files_unaltered"}, says: []string{"third.json: its bytes are not those that were put away"}},
		func(t *testing.T, s *shelf) {
			s.write(t, strings.Replace(s.content, "11.00", "12.00", 2), s.kept.Metadata)
		}, []string{"archive_orders"}},
	{planted{name: "content replaced by a longer one", finds: []string{"files_unaltered"}, says: []string{"the ledger's file"}},
		func(t *testing.T, s *shelf) { s.write(t, s.content+s.content, s.kept.Metadata) }, []string{"archive_ledger", "archive_orders"}},
	{planted{name: "content written anew without metadata", finds: []string{"files_unaltered"}, says: []string{`its metadata name the reading ""`}},
		func(t *testing.T, s *shelf) { s.write(t, s.content, nil) }, []string{}},
	{planted{name: "file gone", finds: []string{"files_put_away"}, says: []string{"third.json: the ledger's file is not there"}},
		func(t *testing.T, s *shelf) { s.remove(t, s.kept.Name) }, []string{"archive_kept"}},
	{planted{name: "a file of nobody", finds: []string{"files_put_away"}, says: []string{"archive/2026/01/01/orders/x/y.json: no file of the ledger belongs there"}},
		func(t *testing.T, s *shelf) { s.add(t, "archive/2026/01/01/orders/x/y.json") }, nil},
	{planted{name: "a file left in staging", finds: []string{"nothing_left_in_staging"}, says: []string{"staging/orders/x/y.json"}},
		func(t *testing.T, s *shelf) { s.add(t, "staging/orders/x/y.json") }, nil},
	{planted{name: "a file left in landing", finds: []string{"nothing_left_in_landing"}, says: []string{"landing/orders/nothing-yet.json"}},
		func(t *testing.T, s *shelf) { s.add(t, "landing/orders/nothing-yet.json") }, nil},
}

// shelf is the file and what was added beside it.
type shelf struct {
	p       *harness.Pipeline
	kept    *storage.ObjectAttrs
	content string
	added   []string
}

func shelfOf(t *testing.T, p *harness.Pipeline) *shelf {
	t.Helper()
	s := &shelf{p: p, kept: p.Kept(t, p.FileID(t, "orders/third.json"))}
	s.content = p.Object(t, s.kept.Name)
	return s
}

func (s *shelf) write(t *testing.T, content string, metadata map[string]string) {
	t.Helper()
	w := s.p.Bucket().Object(s.kept.Name).NewWriter(t.Context())
	w.Metadata = metadata
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// add makes an object without content, which no watcher touches for a while.
func (s *shelf) add(t *testing.T, name string) {
	t.Helper()
	if err := s.p.Bucket().Object(name).NewWriter(t.Context()).Close(); err != nil {
		t.Fatal(err)
	}
	s.added = append(s.added, name)
}

func (s *shelf) remove(t *testing.T, name string) {
	t.Helper()
	if err := s.p.Bucket().Object(name).Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// restore undoes what was planted.
func (s *shelf) restore(t *testing.T) {
	t.Helper()
	for _, name := range s.added {
		s.remove(t, name)
	}
	s.added = nil
	s.write(t, s.content, s.kept.Metadata)
}

package store

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const testBucket = "ecomm-test-bucket"

// held is a store under test and its folder.
type held struct {
	*Store
	dir string
	now func() time.Time
}

// open opens a store on dir and makes the test bucket if it is absent. The bucket keeps
// nothing of what is deleted.
func open(t testing.TB, dir string, now func() time.Time) *held {
	t.Helper()
	s, err := Open(t.Context(), dir, now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	h := &held{s, dir, now}
	t.Cleanup(func() { h.stop(t) })
	if _, err := h.Bucket(testBucket, Conditions{}); kindOf(err) == NoBucket {
		keepNothing := map[string]json.RawMessage{"softDeletePolicy": json.RawMessage("null")}
		if _, err := h.AddBucket("ecomm-test", testBucket, keepNothing); err != nil {
			t.Fatalf("make the bucket: %v", err)
		}
	} else if err != nil {
		t.Fatalf("look for the bucket: %v", err)
	}
	return h
}

// stop closes the store, once.
func (h *held) stop(t testing.TB) {
	t.Helper()
	if h.Store == nil {
		return
	}
	if err := h.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	h.Store = nil
}

// restart closes the store and opens it again.
func (h *held) restart(t testing.TB) *held {
	t.Helper()
	h.stop(t)
	return open(t, h.dir, h.now)
}

func live(name string) Ref { return Ref{Bucket: testBucket, Name: name} }

func (o *Object) ref() Ref { return Ref{Bucket: o.Bucket, Name: o.Name, Generation: &o.Generation} }

func (h *held) tryWrite(name, data string) (*Object, error) {
	body, err := h.NewBody()
	if err != nil {
		return nil, err
	}
	defer body.Discard()
	if _, err := body.ReadFrom(strings.NewReader(data)); err != nil {
		return nil, err
	}
	return h.Create(Upload{Bucket: testBucket, Name: name}, body, Sums{})
}

func (h *held) write(t testing.TB, name, data string) *Object {
	t.Helper()
	o, err := h.tryWrite(name, data)
	if err != nil {
		t.Fatalf("write %s: %v", name, err)
	}
	return o
}

func (h *held) delete(t testing.TB, ref Ref) {
	t.Helper()
	if err := h.Delete(ref); err != nil {
		t.Fatalf("delete %s: %v", ref.Name, err)
	}
}

func (h *held) read(t testing.TB, ref Ref) string {
	t.Helper()
	_, f, err := h.Open(ref)
	if err != nil {
		t.Fatalf("open %s: %v", ref.Name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatalf("read %s: %v", ref.Name, err)
	}
	return string(data)
}

func (h *held) object(t testing.TB, ref Ref) *Object {
	t.Helper()
	o, err := h.Object(ref)
	if err != nil {
		t.Fatalf("look for %s: %v", ref.Name, err)
	}
	return o
}

// list is all that one page holds.
func (h *held) list(t testing.TB, l Listing) []*Object {
	t.Helper()
	l.Limit = 1000
	p, err := h.List(testBucket, l)
	if err != nil || p.Next != (Place{}) {
		t.Fatalf("list: %v, goes on at %v", err, p.Next)
	}
	return p.Objects
}

func namesOf(objects []*Object) (names []string) {
	for _, o := range objects {
		names = append(names, o.Name)
	}
	return names
}

// kindOf is the kind of a refusal, 0 for other errors and none.
func kindOf(err error) Kind {
	if no, ok := errors.AsType[*Refusal](err); ok {
		return no.Kind
	}
	return 0
}

// bodies lists the files in the bucket's folder.
func (h *held) bodies(t *testing.T) []string {
	t.Helper()
	var out []string
	root := filepath.Join(h.dir, "buckets", testBucket)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && path != root {
			rel, rerr := filepath.Rel(root, path)
			out = append(out, rel)
			return rerr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func writeFile(t *testing.T, path, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

func appendFile(t *testing.T, path, data string) {
	t.Helper()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, string(old)+data)
}

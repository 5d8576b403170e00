package store

import (
	"fmt"
	"os"
	"path/filepath"
)

// load reads the store back from dir and puts right what a crash left.
func (s *Store) load(dir string) error {
	s.blobs = &blobs{buckets: filepath.Join(dir, "buckets"), incoming: filepath.Join(dir, "incoming")}
	if err := os.RemoveAll(s.blobs.incoming); err != nil {
		return fmt.Errorf("clear unfinished uploads: %w", err)
	}
	logDir := filepath.Join(dir, "journal")
	for _, d := range []string{s.blobs.buckets, s.blobs.incoming, logDir} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return fmt.Errorf("make the data folder: %w", err)
		}
	}
	j, found, err := openJournal(logDir, func(rec *record) error {
		_, err := s.apply(rec)
		return err
	})
	if err != nil {
		return err
	}
	s.journal = j
	return s.repair(found)
}

// repair makes bodies and journal agree: bodies that no object names are the
// remains of operations that a crash cut short, and go; objects without a body
// (a power cut, or a person deleted the file) are dropped and reported.
func (s *Store) repair(journalFound bool) error {
	owner := map[int64]*Object{}
	for _, b := range s.buckets {
		for o := range b.everything {
			owner[o.Blob] = o
			s.blobs.last.Store(max(s.blobs.last.Load(), o.Blob))
		}
	}
	swept := 0
	err := eachBlob(s.blobs.buckets, func(path string, blob int64) error {
		s.blobs.last.Store(max(s.blobs.last.Load(), blob))
		if o := owner[blob]; o != nil && path == s.blobs.path(o.Bucket, o.Name, o.Blob) {
			delete(owner, blob)
			return nil
		}
		if !journalFound {
			return fmt.Errorf("%s holds objects but the journal is gone: restore it or remove the folder", s.blobs.buckets)
		}
		swept++
		return os.Remove(path)
	})
	if err != nil {
		return fmt.Errorf("sweep bodies: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range owner {
		s.log.Error("object lost: its body is not on the disk", "bucket", o.Bucket, "object", o.Name, "generation", o.Generation)
		rec := &record{In: o.Bucket, Time: s.now().UTC()}
		if o.Noncurrent.IsZero() && o.SoftDeleted.IsZero() {
			rec.Remove = []string{o.Name}
		} else {
			rec.Forget = []versionRef{{o.Name, o.Generation}}
		}
		if err := s.write(rec); err != nil {
			return err
		}
	}
	gone, err := s.expire(s.now())
	if err != nil {
		return err
	}
	s.discard(gone)
	if swept > 0 {
		s.log.Info("removed bodies of unfinished operations", "count", swept)
	}
	return nil
}

// eachBlob visits the bodies under dir, and removes folders that hold nothing.
// Files that are not bodies are a person's and are left alone.
func eachBlob(dir string, visit func(path string, blob int64) error) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if e.IsDir() {
			if err := eachBlob(path, visit); err != nil {
				return err
			}
			os.Remove(path) // succeeds only when it is empty
			continue
		}
		if blob, ok := blobNumber(e.Name()); ok {
			if err := visit(path, blob); err != nil {
				return err
			}
		}
	}
	return nil
}

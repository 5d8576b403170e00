package store

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// compactAfter is how much journal is worth a snapshot. A start reads about
// 100 MB of journal per second, so a restart stays well under a second.
const compactAfter = 32 << 20

// compaction is the state of the background snapshot: at most one runs.
type compaction struct {
	running   bool  // under the store's lock
	lastSize  int64 // of the last snapshot: a big store is rewritten no more often than it doubles
	tasks     sync.WaitGroup
	threshold int64
	report    func(error)
}

// maybeCompact starts a snapshot when the journal has grown enough. The lock is held.
func (s *Store) maybeCompact() {
	c := &s.compaction
	if c.running || s.journal.since < max(c.threshold, c.lastSize) {
		return
	}
	c.running = true
	image, segment, err := s.rotate()
	if err != nil {
		c.running = false
		c.report(err)
		return
	}
	c.tasks.Go(func() {
		size, err := writeSnapshot(s.journal.dir, segment, image)
		if err != nil {
			c.report(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		c.running = false
		if err == nil {
			c.lastSize = size
		}
	})
}

// image is the store at one instant, shallow: versions of objects are immutable.
type image struct {
	counters counters
	buckets  []bucketImage
	pending  []*Event
}

type bucketImage struct {
	state   *BucketState
	configs []*NotificationConfig
	objects []*Object
	kept    []*Object // noncurrent or soft-deleted
}

// rotate turns to a new segment and returns the state at its start. The lock
// is held, so nothing falls between the two.
func (s *Store) rotate() (image, int, error) {
	next := s.journal.segment + 1
	f, err := os.OpenFile(s.journal.path(segmentPrefix, next), os.O_CREATE|os.O_TRUNC|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return image{}, 0, fmt.Errorf("open journal segment %d: %w", next, err)
	}
	s.journal.file.Close()
	s.journal.file, s.journal.segment, s.journal.size, s.journal.since = f, next, 0, 0

	img := image{counters: s.counters}
	for _, b := range s.buckets {
		bi := bucketImage{state: b.state, objects: make([]*Object, 0, b.objects.count), kept: make([]*Object, 0, b.versions.count+b.deleted.count)}
		for _, n := range b.configs {
			bi.configs = append(bi.configs, n)
		}
		bi.objects = slices.AppendSeq(bi.objects, b.objects.all)
		bi.kept = slices.AppendSeq(slices.AppendSeq(bi.kept, b.versions.all), b.deleted.all)
		img.buckets = append(img.buckets, bi)
	}
	for _, ev := range s.pending {
		img.pending = append(img.pending, ev)
	}
	return img, next, nil
}

// records is the image as journal records, in an order that can be replayed.
func (img image) records(yield func(*record) bool) {
	if !yield(&record{Counters: &img.counters}) {
		return
	}
	for _, b := range img.buckets {
		in := b.state.Name
		if !yield(&record{In: in, Bucket: b.state}) {
			return
		}
		for _, n := range b.configs {
			if !yield(&record{In: in, Config: n}) {
				return
			}
		}
		for _, o := range b.objects {
			if !yield(&record{In: in, Put: o}) {
				return
			}
		}
		for _, o := range b.kept {
			if !yield(&record{In: in, Keep: []*Object{o}}) {
				return
			}
		}
	}
	for _, ev := range img.pending {
		if !yield(&record{Pending: ev}) {
			return
		}
	}
	yield(&record{End: true})
}

// writeSnapshot writes the state before segment and then removes what it
// replaces. It appears by a rename, whole; until then the old files stand.
func writeSnapshot(dir string, segment int, img image) (size int64, err error) {
	path := filepath.Join(dir, fmt.Sprint(snapshotPrefix, segment))
	f, err := os.Create(path + ".tmp")
	if err != nil {
		return 0, fmt.Errorf("create a snapshot: %w", err)
	}
	defer f.Close()
	defer func() {
		if err != nil {
			os.Remove(path + ".tmp") // a full disk has no room for halves
		}
	}()
	w := bufio.NewWriterSize(f, 256<<10)
	var line bytes.Buffer
	for rec := range img.records {
		if err := encodeLine(&line, rec); err != nil {
			return 0, err
		}
		size += int64(line.Len())
		if _, err := w.Write(line.Bytes()); err != nil {
			return 0, fmt.Errorf("write a snapshot: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return 0, fmt.Errorf("write a snapshot: %w", err)
	}
	if err := f.Close(); err != nil {
		return 0, fmt.Errorf("close a snapshot: %w", err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return 0, fmt.Errorf("publish a snapshot: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return size, fmt.Errorf("list the journal: %w", err)
	}
	// Only older files: a snapshot still in the making is this function's own.
	removeObsolete(dir, slices.DeleteFunc(entries, func(e os.DirEntry) bool {
		return filepath.Ext(e.Name()) == ".tmp"
	}), segment)
	return size, nil
}

package storagefront

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/iampolicy"
)

// store is what exists: buckets, objects, notification configs and undelivered
// events, in memory and in the journal. Its lock is held for memory and one
// journal write, never while bodies move.
type store struct {
	now     func() time.Time
	blobs   *blobs
	deliver func(*event) // must not block

	mu       sync.RWMutex
	journal  *journal
	buckets  map[string]*bucket
	pending  map[int64]*event
	counters counters
	expired  time.Time // when soft-deleted objects were last looked through

	compaction compaction
}

type bucket struct {
	state    *bucketState // replaced, never modified
	configs  map[string]*notification
	objects  liveIndex
	versions index // the noncurrent ones
	deleted  index // the soft-deleted ones
}

// bucketState is a bucket's own resource. Fields is what the client sent,
// kept as it came.
type bucketState struct {
	Name           string                     `json:"name"`
	Project        string                     `json:"project"`
	Generation     int64                      `json:"generation"`
	Metageneration int64                      `json:"metageneration"`
	Created        time.Time                  `json:"created"`
	Updated        time.Time                  `json:"updated"`
	LastConfig     int64                      `json:"last_config,omitempty"` // ids are not reused
	Fields         map[string]json.RawMessage `json:"fields,omitempty"`
	Policy         *iampolicy.Policy          `json:"policy,omitempty"` // nil: nobody has set it
}

// change is what a plan wants: versions to remove, then one to put. A put without a
// generation is a new object and gets one; another changes the metadata of a version.
type change struct {
	put     *object
	putType string
	remove  []departure
}

// commit runs plan on the bucket under the lock and makes its change durable,
// then visible. plan must check every precondition and must not block. The
// bodies that nothing needs afterwards are removed.
func (s *store) commit(bucketName string, plan func(*bucket) (change, error)) (*object, error) {
	put, stale, err := s.commitLocked(bucketName, plan)
	s.discard(stale)
	return put, err
}

// discard removes the bodies of what is gone for good, outside of the lock.
func (s *store) discard(stale []*object) {
	for _, o := range stale {
		s.blobs.remove(o.Bucket, o.Name, o.Blob)
	}
}

func (s *store) commitLocked(bucketName string, plan func(*bucket) (change, error)) (put *object, stale []*object, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucketName]
	if b == nil {
		return nil, nil, errNoBucket
	}
	now := s.now().UTC()
	expired, err := s.expire(now)
	if err != nil {
		return nil, expired, err
	}
	c, err := plan(b)
	if err != nil {
		return nil, expired, err
	}
	rec := &record{In: bucketName, Time: now}
	leaving := c.remove
	if c.put != nil {
		c.put.Updated = now
		if c.put.Generation == 0 {
			c.put.Generation, c.put.Metageneration = s.nextGeneration(now), 1
			c.put.Created = now
			if old := b.objects.get(c.put.Name); old != nil {
				leaving = append([]departure{{old, replaced}}, leaving...)
			}
		}
		if c.put.Noncurrent.IsZero() {
			rec.Put = c.put
			s.mark(rec, b, mark{Type: c.putType, Name: c.put.Name})
		} else {
			rec.Keep = append(rec.Keep, c.put)
			s.mark(rec, b, mark{Type: c.putType, Name: c.put.Name, Generation: c.put.Generation})
		}
	}
	for _, d := range leaving {
		kept, event, err := b.state.leave(d, now)
		if err != nil {
			return nil, expired, err
		}
		m := mark{Type: event, Name: d.object.Name}
		live := d.object.Noncurrent.IsZero()
		if !live || event == eventArchive {
			m.Generation = d.object.Generation
		}
		s.mark(rec, b, m)
		if live && (c.put == nil || c.put.Name != d.object.Name) {
			rec.Remove = append(rec.Remove, d.object.Name)
		}
		switch {
		case kept != nil:
			rec.Keep = append(rec.Keep, kept)
			continue
		case !live:
			rec.Forget = append(rec.Forget, versionRef{d.object.Name, d.object.Generation})
		}
		stale = append(stale, d.object)
	}
	if err := s.write(rec); err != nil {
		return nil, expired, err
	}
	return c.put, append(expired, stale...), nil
}

// write journals rec, applies it and hands its events on. The lock is held.
func (s *store) write(rec *record) error {
	if err := s.journal.append(rec); err != nil {
		return err
	}
	events, err := s.apply(rec)
	for _, ev := range events {
		s.deliver(ev)
	}
	s.maybeCompact()
	return err
}

// nextGeneration is the time in microseconds, as the real service's, but never
// what was given before.
func (s *store) nextGeneration(now time.Time) int64 {
	return max(now.UnixMicro(), s.counters.Generation+1)
}

// mark adds an event to rec for every config that wants it. Without a
// Notifier there is nobody to deliver it, and it is not kept.
func (s *store) mark(rec *record, b *bucket, m mark) {
	if s.deliver == nil {
		return
	}
	for _, n := range b.configs {
		if n.wants(m.Type, m.Name) {
			m.ID, m.Config = s.counters.Event+int64(len(rec.Events))+1, n.ID
			rec.Events = append(rec.Events, m)
		}
	}
}

// apply changes memory as rec says and returns the events that it announces.
// It serves commits and replay alike, so both come to the same state.
func (s *store) apply(rec *record) ([]*event, error) {
	if c := rec.Counters; c != nil {
		s.counters = *c
	}
	if rec.Pending != nil {
		s.pending[rec.Pending.ID] = rec.Pending
	}
	delete(s.pending, rec.Sent)
	if rec.In == "" {
		return nil, nil
	}
	b := s.buckets[rec.In]
	if rec.Bucket != nil {
		if b == nil {
			b = &bucket{configs: map[string]*notification{}}
			s.buckets[rec.In] = b
		}
		b.state = rec.Bucket
		s.counters.Generation = max(s.counters.Generation, rec.Bucket.Generation)
	}
	if b == nil {
		return nil, fmt.Errorf("a journal record is in bucket %q, which does not exist", rec.In)
	}
	switch {
	case rec.DropBucket:
		delete(s.buckets, rec.In)
		maps.DeleteFunc(s.pending, func(_ int64, ev *event) bool { return ev.Bucket == rec.In })
	case rec.Config != nil:
		b.configs[rec.Config.ID] = rec.Config
	case rec.DropConfig != "":
		delete(b.configs, rec.DropConfig)
		maps.DeleteFunc(s.pending, func(_ int64, ev *event) bool {
			return ev.Bucket == rec.In && ev.Config == rec.DropConfig
		})
	}
	events := s.derive(b, rec)
	for _, name := range rec.Remove {
		b.objects.remove(name)
	}
	if o := rec.Put; o != nil {
		b.objects.put(o)
		s.counters.Generation = max(s.counters.Generation, o.Generation)
	}
	for _, o := range rec.Keep {
		b.keep(o)
	}
	for _, v := range rec.Forget {
		b.forget(v)
	}
	return events, nil
}

// derive completes the marks of rec into events, before rec is applied to b.
func (s *store) derive(b *bucket, rec *record) []*event {
	events := make([]*event, 0, len(rec.Events))
	for _, m := range rec.Events {
		ev := &event{ID: m.ID, Type: m.Type, Bucket: rec.In, Config: m.Config, Time: rec.Time}
		old := b.objects.get(m.Name)
		overwritten := rec.Put != nil && rec.Put.Name == m.Name && old != nil && old.Generation != rec.Put.Generation
		switch {
		case m.Type == eventDelete && m.Generation != 0:
			ev.Object = b.versions.get(m.Name, m.Generation)
		case m.Type == eventDelete:
			ev.Object = old
		case m.Generation != 0:
			ev.Object = rec.kept(versionRef{m.Name, m.Generation})
		default:
			ev.Object = rec.Put
		}
		if overwritten {
			switch {
			case m.Type == eventFinalize || m.Type == eventMetadataUpdate:
				ev.Overwrote = old.Generation
			case m.Generation == 0 || m.Generation == old.Generation:
				ev.OverwrittenBy = rec.Put.Generation
			}
		}
		s.counters.Event = max(s.counters.Event, m.ID)
		if ev.Object == nil {
			continue // a damaged journal's; there is nothing to tell
		}
		s.pending[ev.ID] = ev
		events = append(events, ev)
	}
	return events
}

// sent records that an event need not be delivered any more.
func (s *store) sent(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[id] == nil {
		return nil
	}
	return s.write(&record{Sent: id})
}

// unsent returns the undelivered events, oldest first.
func (s *store) unsent() []*event {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.SortedFunc(maps.Values(s.pending), func(a, b *event) int { return cmp.Compare(a.ID, b.ID) })
}

// lookup returns the live version of an object, or the one of a generation, or its
// absence as an error; and the live one, which may be nil.
func (s *store) lookup(bucketName, name string, generation *int64) (o, live *object, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[bucketName]
	if b == nil {
		return nil, nil, errNoBucket
	}
	return b.version(name, generation)
}

// close ends writing.
func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal.broken = errors.New("the server is closed") // and so is the file, which cannot be mended
	if err := s.journal.file.Close(); err != nil {
		return fmt.Errorf("close the journal: %w", err)
	}
	return nil
}

package store

import "time"

// change is what a plan wants: versions to remove, then one to put. A put without a
// generation is a new object and gets one; another changes the metadata of a version.
type change struct {
	put     *Object
	putType string
	remove  []departure
}

// commit runs plan on the bucket under the lock and makes its change durable,
// then visible. plan must check every precondition and must not block. The
// bodies that nothing needs afterwards are removed.
func (s *Store) commit(bucketName string, plan func(*bucket) (change, error)) (*Object, error) {
	put, stale, err := s.commitLocked(bucketName, plan)
	s.discard(stale)
	return put, err
}

// discard removes the bodies of what is gone for good, outside of the lock.
func (s *Store) discard(stale []*Object) {
	for _, o := range stale {
		s.blobs.remove(o.Bucket, o.Name, o.Blob)
	}
}

func (s *Store) commitLocked(bucketName string, plan func(*bucket) (change, error)) (put *Object, stale []*Object, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return nil, nil, err
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
func (s *Store) write(rec *record) error {
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
func (s *Store) nextGeneration(now time.Time) int64 {
	return max(now.UnixMicro(), s.counters.Generation+1)
}

// mark adds an event to rec for every config that wants it. Without a
// Notifier there is nobody to deliver it, and it is not kept.
func (s *Store) mark(rec *record, b *bucket, m mark) {
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

package store

import (
	"fmt"
	"maps"
)

// apply changes memory as rec says and returns the events that it announces.
// It serves commits and replay alike, so both come to the same state.
func (s *Store) apply(rec *record) ([]*Event, error) {
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
			b = &bucket{configs: map[string]*NotificationConfig{}}
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
		maps.DeleteFunc(s.pending, func(_ int64, ev *Event) bool { return ev.Bucket == rec.In })
	case rec.Config != nil:
		b.configs[rec.Config.ID] = rec.Config
	case rec.DropConfig != "":
		delete(b.configs, rec.DropConfig)
		maps.DeleteFunc(s.pending, func(_ int64, ev *Event) bool {
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
func (s *Store) derive(b *bucket, rec *record) []*Event {
	events := make([]*Event, 0, len(rec.Events))
	for _, m := range rec.Events {
		ev := &Event{ID: m.ID, Type: m.Type, Bucket: rec.In, Config: m.Config, Time: rec.Time}
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

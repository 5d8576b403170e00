package store

import "errors"

// errMoved tells a copy that its source changed under it: it looks again.
var errMoved = errors.New("the source changed during the copy")

// copying is a copy, a move or a restoration.
type copying struct {
	find func() (*Object, error) // the source
	to   Ref
	meta func(Metadata) (Metadata, error) // nil: the source's
	move bool
}

// Copy makes the object to from the version from, whose bytes both then share. meta
// makes the copy's metadata from the source's; nil takes that over.
func (s *Store) Copy(from, to Ref, meta func(Metadata) (Metadata, error)) (*Object, error) {
	return s.copy(copying{func() (*Object, error) { return s.Source(from) }, to, meta, false})
}

// Move renames within a bucket: one commit, a new generation.
func (s *Store) Move(from, to Ref) (*Object, error) {
	return s.copy(copying{func() (*Object, error) { return s.Source(from) }, to, nil, true})
}

// Restore makes a new live object of a soft-deleted one, which stays what it is until
// its time is over. ref names its generation; the conditions are for what is live.
func (s *Store) Restore(ref Ref) (*Object, error) {
	return s.copy(copying{func() (*Object, error) { return s.SoftDeleted(ref) }, ref, nil, false})
}

// copy does what c asks for. Source and destination are both checked under the lock: a
// copy whose source was taken meanwhile does not succeed late.
func (s *Store) copy(c copying) (*Object, error) {
	if err := checkObjectName(c.to.Name); err != nil {
		return nil, err
	}
	for {
		o, err := s.copyOnce(c)
		if !errors.Is(err, errMoved) {
			return o, err
		}
	}
}

func (s *Store) copyOnce(c copying) (*Object, error) {
	from, err := c.find()
	if err != nil {
		return nil, err
	}
	if err := s.Check(c.to); err != nil { // spares a link that would be undone
		return nil, err
	}
	meta := from.Meta
	if c.meta != nil {
		if meta, err = c.meta(meta); err != nil {
			return nil, err
		}
	}
	blob, err := s.blobs.link(from, c.to.Bucket, c.to.Name)
	if errors.Is(err, errSourceGone) {
		if now, ferr := c.find(); ferr != nil || now != from {
			return nil, errMoved // which finds out what became of it
		}
	}
	if err != nil {
		return nil, err
	}
	made, err := s.commit(c.to.Bucket, func(b *bucket) (change, error) {
		if sb := s.buckets[from.Bucket]; sb == nil || !sb.has(from) {
			return change{}, errMoved
		}
		live := b.objects.get(c.to.Name)
		if err := c.to.If.checkWrite(live, live); err != nil {
			return change{}, err
		}
		p := change{putType: eventFinalize, put: &Object{
			Bucket: c.to.Bucket, Name: c.to.Name, Blob: blob, Meta: meta,
			Size: from.Size, CRC32C: from.CRC32C, MD5: from.MD5, Components: from.Components,
		}}
		if c.move {
			p.remove = []departure{{from, renamed}}
		}
		return p, nil
	})
	if err != nil {
		s.blobs.remove(c.to.Bucket, c.to.Name, blob)
		return nil, err
	}
	return made, nil
}

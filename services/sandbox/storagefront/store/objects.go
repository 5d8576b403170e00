package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Object finds a version for a reader, whose copy may be current (NotModified).
func (s *Store) Object(ref Ref) (*Object, error) {
	o, live, err := s.lookup(ref)
	if err != nil {
		return nil, err
	}
	return o, ref.If.checkRead(live, o)
}

// Source finds the version that a copy from ref would take.
func (s *Store) Source(ref Ref) (*Object, error) {
	o, live, err := s.lookup(ref)
	if err != nil {
		return nil, err
	}
	return o, ref.If.checkWrite(live, o)
}

// Open finds a version for a reader and opens its bytes, which the caller closes.
func (s *Store) Open(ref Ref) (*Object, *os.File, error) {
	o, live, f, err := s.open(ref)
	if err != nil {
		return nil, nil, err
	}
	if err := ref.If.checkRead(live, o); err != nil {
		f.Close()
		return nil, nil, err
	}
	return o, f, nil
}

// open finds a version of an object, and the live one, and opens its body. An
// overwrite between the two removes the body, so it looks again; only a body that is
// missing while its object lives is a fault.
func (s *Store) open(ref Ref) (o, live *Object, f *os.File, err error) {
	var last *Object
	for {
		o, live, err = s.lookup(ref)
		if err != nil {
			return nil, nil, nil, err
		}
		f, err = s.blobs.open(o)
		switch {
		case errors.Is(err, fs.ErrNotExist) && o != last:
			last = o
			continue
		case err != nil:
			return nil, nil, nil, fmt.Errorf("open the body of %s/%s: %w", ref.Bucket, ref.Name, err)
		}
		if info, err := f.Stat(); err != nil || info.Size() != o.Size {
			f.Close()
			return nil, nil, nil, fmt.Errorf("the body of %s/%s is not the %d bytes it should be: %w", ref.Bucket, ref.Name, o.Size, errors.Join(err, fs.ErrInvalid))
		}
		return o, live, f, nil
	}
}

// lookup returns the version of ref and the live one, which may be nil, under no
// conditions.
func (s *Store) lookup(ref Ref) (o, live *Object, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.bucket(ref.Bucket)
	if err != nil {
		return nil, nil, err
	}
	return b.version(ref.Name, ref.Generation)
}

// Check refuses early what the making of an object would refuse as things are: its
// name, its bucket, its conditions. The commit decides.
func (s *Store) Check(to Ref) error {
	if err := checkObjectName(to.Name); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.bucket(to.Bucket)
	if err != nil {
		return err
	}
	live := b.objects.get(to.Name)
	return to.If.checkWrite(live, live)
}

// Update changes a version's metadata to what edit makes of it. edit runs under
// the store's lock: it must not block, and must not modify the map of the old one.
func (s *Store) Update(ref Ref, edit func(Metadata) (Metadata, error)) (*Object, error) {
	return s.commit(ref.Bucket, func(b *bucket) (change, error) {
		old, live, err := b.version(ref.Name, ref.Generation)
		if err != nil {
			return change{}, err
		}
		if err := ref.If.checkWrite(live, old); err != nil {
			return change{}, err
		}
		changed := *old
		changed.Metageneration++
		if changed.Meta, err = edit(old.Meta); err != nil {
			return change{}, err
		}
		return change{put: &changed, putType: eventMetadataUpdate}, nil
	})
}

// Delete deletes a version. The bucket decides what remains of it: of the live one,
// where ref names no generation, a noncurrent version.
func (s *Store) Delete(ref Ref) error {
	_, err := s.commit(ref.Bucket, func(b *bucket) (change, error) {
		old, live, err := b.version(ref.Name, ref.Generation)
		if err != nil {
			return change{}, err
		}
		how := replaced
		if ref.Generation != nil {
			how = destroyed
		}
		return change{remove: []departure{{old, how}}}, ref.If.checkWrite(live, old)
	})
	return err
}

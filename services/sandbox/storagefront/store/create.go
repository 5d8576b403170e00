package store

import "fmt"

// Upload is an object that a client wants to store, apart from the bytes.
type Upload struct {
	Bucket     string     `json:"bucket"`
	Name       string     `json:"name"`
	Meta       Metadata   `json:"meta"`
	Conditions Conditions `json:"conditions"`
	Want       Sums       `json:"want"`
}

// Ref is the object that the upload makes.
func (u Upload) Ref() Ref { return Ref{Bucket: u.Bucket, Name: u.Name, If: u.Conditions} }

// Sums are checksums that a client announced; nil means none.
type Sums struct {
	CRC32C *uint32 `json:"crc32c,omitempty"`
	MD5    []byte  `json:"md5,omitempty"`
}

// check refuses bytes that are not those the client meant to send.
func (w Sums) check(got *Body) error {
	if w.CRC32C != nil && *w.CRC32C != got.crc {
		return invalidf("Provided CRC32C %08x doesn't match calculated CRC32C %08x.", *w.CRC32C, got.crc)
	}
	if sum := got.md5Sum(); w.MD5 != nil && sum != nil && string(w.MD5) != string(sum) {
		return invalidf("Provided MD5 hash %x doesn't match calculated MD5 hash %x.", w.MD5, sum)
	}
	return nil
}

// Create makes an object of a body that is complete. sent are the sums that came with
// the bytes, beside those of the upload. On an error the body can be used again.
func (s *Store) Create(u Upload, in *Body, sent Sums) (*Object, error) {
	return s.finish(u, in, sent, &Object{})
}

func (s *Store) finish(u Upload, in *Body, sent Sums, made *Object) (*Object, error) {
	if err := sent.check(in); err != nil {
		return nil, err
	}
	return s.make(u, in, made, nil)
}

// make turns a body into the object of u, made. removes, which may be nil, says which
// objects to delete in the same commit.
func (s *Store) make(u Upload, in *Body, made *Object, removes func(*bucket) ([]departure, error)) (*Object, error) {
	if err := u.Want.check(in); err != nil {
		return nil, err
	}
	made.Bucket, made.Name, made.Meta = u.Bucket, u.Name, u.Meta
	made.Size, made.CRC32C, made.MD5 = in.size, in.crc, in.md5Sum()
	if err := s.Check(u.Ref()); err != nil {
		return nil, err
	}
	blob, err := s.blobs.place(in, made.Bucket, made.Name)
	if err != nil {
		return nil, err
	}
	made.Blob = blob
	o, err := s.commit(made.Bucket, func(b *bucket) (change, error) {
		live := b.objects.get(made.Name)
		if err := u.Conditions.checkWrite(live, live); err != nil {
			return change{}, err
		}
		p := change{put: made, putType: eventFinalize}
		if removes == nil {
			return p, nil
		}
		var err error
		p.remove, err = removes(b)
		return p, err
	})
	if err != nil {
		s.blobs.takeBack(in, made.Bucket, made.Name, blob)
		return nil, err
	}
	return o, nil
}

// Compose makes an object of the bytes of others in its bucket, one after the other, and
// with deleteSources deletes those in the same commit. A source's conditions are for the
// version that it names. Unlike a copy it moves bytes.
func (s *Store) Compose(u Upload, sources []Ref, deleteSources bool) (*Object, error) {
	if err := s.Check(u.Ref()); err != nil {
		return nil, err
	}
	in, err := s.NewBody()
	if err != nil {
		return nil, err
	}
	defer in.Discard()
	in.md5 = nil // composed objects have none
	made := &Object{}
	from := make([]*Object, 0, len(sources))
	for _, ref := range sources {
		o, err := s.appendSource(in, ref)
		if err != nil {
			return nil, err
		}
		made.Components += max(o.Components, 1)
		from = append(from, o)
	}
	return s.make(u, in, made, func(b *bucket) ([]departure, error) {
		if !deleteSources {
			return nil, nil
		}
		return removable(b, from, u.Name)
	})
}

func (s *Store) appendSource(in *Body, ref Ref) (*Object, error) {
	o, _, f, err := s.open(ref)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := ref.If.checkWrite(o, o); err != nil {
		return nil, err
	}
	if _, err := in.ReadFrom(f); err != nil {
		return nil, fmt.Errorf("compose from %s: %w", ref.Name, err)
	}
	return o, nil
}

// removable are the sources to delete with a composition, each once. One that
// changed since it was read must not go with the change.
func removable(b *bucket, sources []*Object, destination string) ([]departure, error) {
	var going []departure
	seen := map[string]bool{destination: true}
	for _, o := range sources {
		if seen[o.Name] {
			continue
		}
		seen[o.Name] = true
		if !b.has(o) {
			return nil, errCondition
		}
		going = append(going, departure{o, replaced})
	}
	return going, nil
}

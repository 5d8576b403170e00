package store

import (
	"strings"
	"time"
)

// Listing is one page's question.
type Listing struct {
	Prefix, Delimiter, Start, End string // names are in [Start, End); an empty End is none
	Trailing                      bool   // show "a/" itself beside its prefix
	Versions                      bool   // show noncurrent versions as well
	SoftDeleted                   bool   // show only soft-deleted objects
	After                         Place  // where the page begins
	Limit                         int    // objects and prefixes together
}

// Page is its answer. Next is zero on the last page.
type Page struct {
	Objects  []*Object
	Prefixes []string
	Next     Place
}

// List answers one page of a bucket, by name and then by age.
func (s *Store) List(bucketName string, l Listing) (Page, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return Page{}, err
	}
	if l.SoftDeleted {
		if err := b.restorable(); err != nil {
			return Page{}, err
		}
	}
	return b.list(l, s.now()), nil
}

// after is the first name beyond everything that starts with prefix; ok is
// false if there is none.
func after(prefix string) (name string, ok bool) {
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return string(b[:i+1]), true
		}
	}
	return "", false
}

// first is the first of the objects asked for at or after from, or nil.
func (b *bucket) first(l Listing, from Place, now time.Time) *Object {
	if l.SoftDeleted {
		o := b.deleted.seek(from)
		for o != nil && o.expired(now) {
			o = b.deleted.seek(Place{o.Name, o.Generation + 1})
		}
		return o
	}
	o := b.objects.seek(from)
	if l.Versions {
		if v := b.versions.seek(from); o == nil || v != nil && v.place().compare(o.place()) < 0 {
			return v
		}
	}
	return o
}

// list answers one page. A collapsed prefix is skipped over in one step, so a
// folder costs the same whatever it holds.
func (b *bucket) list(l Listing, now time.Time) Page {
	var p Page
	from := Place{Name: max(l.Prefix, l.Start)}
	if from.compare(l.After) < 0 {
		from = l.After
	}
	for {
		o := b.first(l, from, now)
		if o == nil || !strings.HasPrefix(o.Name, l.Prefix) || (l.End != "" && o.Name >= l.End) {
			return p
		}
		if len(p.Objects)+len(p.Prefixes) >= l.Limit {
			p.Next = from
			return p
		}
		folder := ""
		if l.Delimiter != "" {
			if i := strings.Index(o.Name[len(l.Prefix):], l.Delimiter); i >= 0 {
				folder = o.Name[:len(l.Prefix)+i+len(l.Delimiter)]
			}
		}
		if folder == "" || (l.Trailing && o.Name == folder) {
			p.Objects = append(p.Objects, o)
		}
		if folder == "" {
			if from = (Place{o.Name, o.Generation + 1}); !l.Versions && !l.SoftDeleted {
				from = Place{Name: o.Name + "\x00"} // past what may replace it until the next page
			}
			continue
		}
		p.Prefixes = append(p.Prefixes, folder)
		next, more := after(folder)
		if !more {
			return p
		}
		from = Place{Name: next}
	}
}

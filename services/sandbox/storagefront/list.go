package storagefront

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxPage is the longest listing page, and the default one.
const maxPage = 1000

// listing is one page's question.
type listing struct {
	prefix, delimiter, start, end string
	trailing                      bool // show "a/" itself beside its prefix
	versions, softDeleted         bool // show noncurrent versions as well; only soft-deleted objects
	after                         place
	limit                         int
}

// page is its answer. next is zero on the last page.
type page struct {
	objects  []*object
	prefixes []string
	next     place
}

func pageSize(q url.Values) (int, error) {
	s := q.Get("maxResults")
	if s == "" {
		return maxPage, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, invalidf("Invalid value for maxResults: %q", s)
	}
	if n == 0 {
		return maxPage, nil
	}
	return min(n, maxPage), nil
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
func (b *bucket) first(l listing, from place, now time.Time) *object {
	if l.softDeleted {
		o := b.deleted.seek(from)
		for o != nil && o.expired(now) {
			o = b.deleted.seek(place{o.Name, o.Generation + 1})
		}
		return o
	}
	o := b.objects.seek(from)
	if l.versions {
		if v := b.versions.seek(from); o == nil || v != nil && v.place().compare(o.place()) < 0 {
			return v
		}
	}
	return o
}

// list answers one page. A collapsed prefix is skipped over in one step, so a
// folder costs the same whatever it holds.
func (b *bucket) list(l listing, now time.Time) page {
	var p page
	from := place{name: max(l.prefix, l.start)}
	if from.compare(l.after) < 0 {
		from = l.after
	}
	for {
		o := b.first(l, from, now)
		if o == nil || !strings.HasPrefix(o.Name, l.prefix) || (l.end != "" && o.Name >= l.end) {
			return p
		}
		if len(p.objects)+len(p.prefixes) >= l.limit {
			p.next = from
			return p
		}
		folder := ""
		if l.delimiter != "" {
			if i := strings.Index(o.Name[len(l.prefix):], l.delimiter); i >= 0 {
				folder = o.Name[:len(l.prefix)+i+len(l.delimiter)]
			}
		}
		if folder == "" || (l.trailing && o.Name == folder) {
			p.objects = append(p.objects, o)
		}
		if folder == "" {
			if from = (place{o.Name, o.Generation + 1}); !l.versions && !l.softDeleted {
				from = place{name: o.Name + "\x00"} // past what may replace it until the next page
			}
			continue
		}
		p.prefixes = append(p.prefixes, folder)
		next, more := after(folder)
		if !more {
			return p
		}
		from = place{name: next}
	}
}

// pageToken hides the place at which the next page starts. Clients must take it
// as opaque; base64 says so.
func pageToken(next place) string {
	if next == (place{}) {
		return ""
	}
	return base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "%d/%s", next.generation, next.name))
}

func parsePageToken(token string) (place, error) {
	decoded, err := base64.URLEncoding.DecodeString(token)
	digits, name, _ := strings.Cut(string(decoded), "/")
	generation, nerr := strconv.ParseInt(digits, 10, 64)
	if err != nil || nerr != nil {
		return place{}, invalidf("Invalid page token: %q", token)
	}
	return place{name, generation}, nil
}

func parseListing(q url.Values) (listing, error) {
	for _, key := range []string{"matchGlob", "filter"} {
		if v := q.Get(key); v != "" && v != "false" {
			return listing{}, unservedf("the list parameter %s", key)
		}
	}
	limit, err := pageSize(q)
	if err != nil {
		return listing{}, err
	}
	l := listing{
		prefix: q.Get("prefix"), delimiter: q.Get("delimiter"),
		start: q.Get("startOffset"), end: q.Get("endOffset"),
		trailing: q.Get("includeTrailingDelimiter") == "true",
		versions: q.Get("versions") == "true", softDeleted: q.Get("softDeleted") == "true", limit: limit,
	}
	if l.versions && l.softDeleted {
		return listing{}, invalidf("versions and softDeleted cannot both be asked for.")
	}
	if token := q.Get("pageToken"); token != "" {
		if l.after, err = parsePageToken(token); err != nil {
			return listing{}, err
		}
	}
	if !utf8.ValidString(l.prefix + l.delimiter) {
		return listing{}, invalidf("A prefix or delimiter is not UTF-8.")
	}
	return l, nil
}

func (s *store) list(bucketName string, l listing) (page, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[bucketName]
	if b == nil {
		return page{}, errNoBucket
	}
	if l.softDeleted {
		if err := b.restorable(); err != nil {
			return page{}, err
		}
	}
	return b.list(l, s.now()), nil
}

func (s *Server) listObjects(w http.ResponseWriter, q url.Values, bucketName string) error {
	l, err := parseListing(q)
	if err != nil {
		return err
	}
	p, err := s.store.list(bucketName, l)
	if err != nil {
		return err
	}
	reply := struct {
		Kind          string            `json:"kind"`
		NextPageToken string            `json:"nextPageToken,omitempty"`
		Prefixes      []string          `json:"prefixes,omitempty"`
		Items         []*objectResource `json:"items,omitempty"`
	}{Kind: "storage#objects", NextPageToken: pageToken(p.next), Prefixes: p.prefixes}
	for _, o := range p.objects {
		reply.Items = append(reply.Items, s.objectResource(o))
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}

package storagefront

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxPage is the longest listing page, and the default one.
const maxPage = 1000

// listing is one page's question.
type listing struct {
	prefix, delimiter, start, end string
	trailing                      bool // show "a/" itself beside its prefix
	limit                         int
}

// page is its answer. next is "" on the last page.
type page struct {
	objects  []*object
	prefixes []string
	next     string
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

// list answers one page. A collapsed prefix is skipped over in one step, so a
// folder costs the same whatever it holds.
func (x *nameIndex) list(l listing) page {
	var p page
	for from := max(l.prefix, l.start); ; {
		o := x.seek(from)
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
			from = o.Name + "\x00"
			continue
		}
		p.prefixes = append(p.prefixes, folder)
		var more bool
		if from, more = after(folder); !more {
			return p
		}
	}
}

// pageToken hides the name at which the next page starts. Clients must take it
// as opaque; base64 says so.
func pageToken(next string) string {
	if next == "" {
		return ""
	}
	return base64.URLEncoding.EncodeToString([]byte(next))
}

func parseListing(q url.Values) (listing, error) {
	for _, key := range []string{"softDeleted", "matchGlob", "filter"} {
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
		trailing: q.Get("includeTrailingDelimiter") == "true", limit: limit,
	}
	if token := q.Get("pageToken"); token != "" {
		next, err := base64.URLEncoding.DecodeString(token)
		if err != nil {
			return listing{}, invalidf("Invalid page token: %q", token)
		}
		l.start = max(l.start, string(next))
	}
	if !utf8.ValidString(l.prefix + l.delimiter) {
		return listing{}, invalidf("A prefix or delimiter is not UTF-8.")
	}
	return l, nil
}

func (s *Server) listObjects(w http.ResponseWriter, q url.Values, bucketName string) error {
	l, err := parseListing(q)
	if err != nil {
		return err
	}
	s.store.mu.RLock()
	b := s.store.buckets[bucketName]
	var p page
	if b != nil {
		p = b.objects.list(l)
	}
	s.store.mu.RUnlock()
	if b == nil {
		return errNoBucket
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

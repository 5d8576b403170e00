package storagefront

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// maxPage is the longest listing page, and the default one.
const maxPage = 1000

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

// pageToken hides the place at which the next page starts. Clients must take it
// as opaque; base64 says so.
func pageToken(next store.Place) string {
	if next == (store.Place{}) {
		return ""
	}
	return base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "%d/%s", next.Generation, next.Name))
}

func parsePageToken(token string) (store.Place, error) {
	decoded, err := base64.URLEncoding.DecodeString(token)
	digits, name, _ := strings.Cut(string(decoded), "/")
	generation, nerr := strconv.ParseInt(digits, 10, 64)
	if err != nil || nerr != nil {
		return store.Place{}, invalidf("Invalid page token: %q", token)
	}
	return store.Place{Name: name, Generation: generation}, nil
}

func parseListing(q url.Values) (store.Listing, error) {
	for _, key := range []string{"matchGlob", "filter"} {
		if v := q.Get(key); v != "" && v != "false" {
			return store.Listing{}, unservedf("the list parameter %s", key)
		}
	}
	limit, err := pageSize(q)
	if err != nil {
		return store.Listing{}, err
	}
	l := store.Listing{
		Prefix: q.Get("prefix"), Delimiter: q.Get("delimiter"),
		Start: q.Get("startOffset"), End: q.Get("endOffset"),
		Trailing: q.Get("includeTrailingDelimiter") == "true",
		Versions: q.Get("versions") == "true", SoftDeleted: q.Get("softDeleted") == "true", Limit: limit,
	}
	if l.Versions && l.SoftDeleted {
		return store.Listing{}, invalidf("versions and softDeleted cannot both be asked for.")
	}
	if token := q.Get("pageToken"); token != "" {
		if l.After, err = parsePageToken(token); err != nil {
			return store.Listing{}, err
		}
	}
	if !utf8.ValidString(l.Prefix + l.Delimiter) {
		return store.Listing{}, invalidf("A prefix or delimiter is not UTF-8.")
	}
	return l, nil
}

func (s *Server) listObjects(w http.ResponseWriter, q url.Values, bucketName string) error {
	l, err := parseListing(q)
	if err != nil {
		return err
	}
	p, err := s.store.List(bucketName, l)
	if err != nil {
		return err
	}
	reply := struct {
		Kind          string            `json:"kind"`
		NextPageToken string            `json:"nextPageToken,omitempty"`
		Prefixes      []string          `json:"prefixes,omitempty"`
		Items         []*objectResource `json:"items,omitempty"`
	}{Kind: "storage#objects", NextPageToken: pageToken(p.Next), Prefixes: p.Prefixes}
	for _, o := range p.Objects {
		reply.Items = append(reply.Items, s.objectResource(o))
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}

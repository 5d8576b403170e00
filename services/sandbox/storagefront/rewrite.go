package storagefront

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// rewriteUnit is what a caller's bound must be a multiple of.
const rewriteUnit = 1 << 20

// rewriteToken is how far a rewrite has come. The caller carries it from call to call,
// so there is nothing to remember and nothing to lose; a token of another rewrite, or
// with another bound, is refused.
// https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite
type rewriteToken struct {
	From       string `json:"from"`
	FromBucket string `json:"from_bucket"`
	Generation int64  `json:"generation"`
	To         string `json:"to"`
	ToBucket   string `json:"to_bucket"`
	Bound      int64  `json:"bound"`
	Rewritten  int64  `json:"rewritten"`
}

type rewriteResponse struct {
	Kind                string          `json:"kind"`
	TotalBytesRewritten int64           `json:"totalBytesRewritten,string"`
	ObjectSize          int64           `json:"objectSize,string"`
	Done                bool            `json:"done"`
	RewriteToken        string          `json:"rewriteToken,omitempty"`
	Resource            *objectResource `json:"resource,omitempty"`
}

// rewriteObject copies in one call, or, where the caller bounds what a call may do and
// the bytes would have to travel, in as many as that takes. The object appears with the
// last; until then each call says only how far it came.
func (s *Server) rewriteObject(w http.ResponseWriter, r *http.Request, q url.Values, path []string) error {
	c, err := parseCopying(r, q, path)
	if err != nil {
		return err
	}
	bound, err := optionalInt(q.Get("maxBytesRewrittenPerCall"), "maxBytesRewrittenPerCall")
	if err != nil {
		return err
	}
	if bound != nil && (*bound <= 0 || *bound%rewriteUnit != 0) {
		return invalidf("Invalid value for maxBytesRewrittenPerCall: it is a multiple of %d.", rewriteUnit)
	}
	came := int64(0)
	if text := q.Get("rewriteToken"); text != "" {
		token, err := c.parseToken(text, bound)
		if err != nil {
			return err
		}
		c.from.Generation, came = &token.Generation, token.Rewritten
	}
	if bound != nil {
		o, apart, err := s.distance(c)
		if err != nil {
			return err
		}
		if apart && o.Size-came > *bound {
			came += *bound
			return c.answerPart(w, o, *bound, came)
		}
	}
	o, err := s.store.Copy(c.from, c.to, c.meta)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, rewriteResponse{Kind: "storage#rewriteResponse", TotalBytesRewritten: o.Size, ObjectSize: o.Size, Done: true, Resource: s.objectResource(o)})
	return nil
}

func (c copying) answerPart(w http.ResponseWriter, o *store.Object, bound, came int64) error {
	token, err := json.Marshal(rewriteToken{o.Name, o.Bucket, o.Generation, c.to.Name, c.to.Bucket, bound, came})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, rewriteResponse{
		Kind: "storage#rewriteResponse", TotalBytesRewritten: came, ObjectSize: o.Size, RewriteToken: base64.URLEncoding.EncodeToString(token),
	})
	return nil
}

// parseToken reads the token of an earlier call of the same rewrite.
func (c copying) parseToken(text string, bound *int64) (token rewriteToken, err error) {
	decoded, err := base64.URLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(decoded, &token) != nil ||
		token.From != c.from.Name || token.FromBucket != c.from.Bucket || token.To != c.to.Name || token.ToBucket != c.to.Bucket ||
		bound == nil || token.Bound != *bound || token.Rewritten <= 0 ||
		c.from.Generation != nil && *c.from.Generation != token.Generation {
		return rewriteToken{}, invalidf("Invalid rewriteToken: it is not of this rewrite.")
	}
	return token, nil
}

// distance finds what a rewrite copies and tells whether its bytes change their place
// or class: otherwise there is no rewriting to divide. It refuses what the copy would.
func (s *Server) distance(c copying) (o *store.Object, apart bool, err error) {
	if o, err = s.store.Source(c.from); err != nil {
		return nil, false, err
	}
	if err := s.store.Check(c.to); err != nil {
		return nil, false, err
	}
	meta, err := c.meta(o.Meta)
	if err != nil {
		return nil, false, err
	}
	class := func(m store.Metadata) string { return cmp.Or(m.StorageClass, defaultStorageClass) }
	return o, class(meta) != class(o.Meta) || s.location(c.to.Bucket) != s.location(c.from.Bucket), nil
}

// location is where a bucket is, as it shows it; "" if it is nowhere.
func (s *Server) location(bucketName string) string {
	b, err := s.store.Bucket(bucketName, store.Conditions{})
	if err != nil {
		return ""
	}
	location, err := fields(b.Fields).text("location")
	if err != nil || location == "" {
		return defaultLocation
	}
	return location
}

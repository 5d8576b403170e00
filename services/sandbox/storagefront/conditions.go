package storagefront

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// queryConditions reads ifGenerationMatch and its kin. infix is "" for the
// object of the call, "Source" for the source of a copy.
func queryConditions(q url.Values, infix string) (c store.Conditions, err error) {
	for _, p := range []struct {
		key string
		to  **int64
	}{
		{"if" + infix + "GenerationMatch", &c.GenerationMatch},
		{"if" + infix + "GenerationNotMatch", &c.GenerationNotMatch},
		{"if" + infix + "MetagenerationMatch", &c.MetagenerationMatch},
		{"if" + infix + "MetagenerationNotMatch", &c.MetagenerationNotMatch},
	} {
		if *p.to, err = optionalInt(q.Get(p.key), p.key); err != nil {
			return store.Conditions{}, err
		}
	}
	return c, nil
}

// headerConditions reads the XML API's form of the same.
func headerConditions(h http.Header) (c store.Conditions, err error) {
	const generation, metageneration = "X-Goog-If-Generation-Match", "X-Goog-If-Metageneration-Match"
	if c.GenerationMatch, err = optionalInt(h.Get(generation), generation); err != nil {
		return store.Conditions{}, err
	}
	if c.MetagenerationMatch, err = optionalInt(h.Get(metageneration), metageneration); err != nil {
		return store.Conditions{}, err
	}
	return c, nil
}

// queryRef reads which version of an object a call is about, and its conditions.
func queryRef(q url.Values, bucketName, name string) (ref store.Ref, err error) {
	ref = store.Ref{Bucket: bucketName, Name: name}
	if ref.If, err = queryConditions(q, ""); err != nil {
		return store.Ref{}, err
	}
	ref.Generation, err = optionalInt(q.Get("generation"), "generation")
	return ref, err
}

// queryTarget reads the conditions of a call that makes an object. What it makes has no
// generation yet.
func queryTarget(q url.Values, bucketName, name string) (ref store.Ref, err error) {
	ref = store.Ref{Bucket: bucketName, Name: name}
	ref.If, err = queryConditions(q, "")
	return ref, err
}

// querySource reads which version of an object a copy takes.
func querySource(q url.Values, bucketName, name string) (ref store.Ref, err error) {
	ref = store.Ref{Bucket: bucketName, Name: name}
	if ref.If, err = queryConditions(q, "Source"); err != nil {
		return store.Ref{}, err
	}
	ref.Generation, err = optionalInt(q.Get("sourceGeneration"), "sourceGeneration")
	return ref, err
}

func optionalInt(s, key string) (*int64, error) {
	if s == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return nil, invalidf("Invalid value %q for %s: not a 64-bit integer.", s, key)
	}
	return &n, nil
}

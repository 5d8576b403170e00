package storagefront

import (
	"net/http"
	"net/url"
	"strconv"
)

// conditions are the preconditions of one call; nil means unset. They are also
// kept with a resumable session, which is checked when it ends.
type conditions struct {
	GenerationMatch        *int64 `json:"generation_match,omitempty"`
	GenerationNotMatch     *int64 `json:"generation_not_match,omitempty"`
	MetagenerationMatch    *int64 `json:"metageneration_match,omitempty"`
	MetagenerationNotMatch *int64 `json:"metageneration_not_match,omitempty"`
}

// queryConditions reads ifGenerationMatch and its kin. infix is "" for the
// object of the call, "Source" for the source of a copy.
func queryConditions(q url.Values, infix string) (c conditions, err error) {
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
			return conditions{}, err
		}
	}
	return c, nil
}

// headerConditions reads the XML API's form of the same.
func headerConditions(h http.Header) (c conditions, err error) {
	const generation, metageneration = "X-Goog-If-Generation-Match", "X-Goog-If-Metageneration-Match"
	if c.GenerationMatch, err = optionalInt(h.Get(generation), generation); err != nil {
		return conditions{}, err
	}
	if c.MetagenerationMatch, err = optionalInt(h.Get(metageneration), metageneration); err != nil {
		return conditions{}, err
	}
	return c, nil
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

// checkWrite answers 412 unless every condition holds: those of the generation for
// the live version of the name, those of the metageneration for o, the version that
// the call is about. Both are nil if there is none; generation 0 stands for absence.
func (c conditions) checkWrite(live, o *object) error {
	var generation, metageneration int64
	if live != nil {
		generation = live.Generation
	}
	if o != nil {
		metageneration = o.Metageneration
	}
	switch {
	case c.GenerationMatch != nil && *c.GenerationMatch != generation,
		c.GenerationNotMatch != nil && *c.GenerationNotMatch == generation,
		c.MetagenerationMatch != nil && (o == nil || *c.MetagenerationMatch != metageneration),
		c.MetagenerationNotMatch != nil && o != nil && *c.MetagenerationNotMatch == metageneration:
		return errPrecondition
	}
	return nil
}

// checkRead is checkWrite for reads of an object that exists, where a failed
// "not match" means that the reader's copy is current: 304.
func (c conditions) checkRead(live, o *object) error {
	if (conditions{GenerationMatch: c.GenerationMatch, MetagenerationMatch: c.MetagenerationMatch}).checkWrite(live, o) != nil {
		return errPrecondition
	}
	if c.checkWrite(live, o) != nil {
		return errNotModified
	}
	return nil
}

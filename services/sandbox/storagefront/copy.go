package storagefront

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// copying is what a copy or a rewrite asks for.
type copying struct {
	from, to store.Ref
	fields   fields
}

func parseCopying(r *http.Request, q url.Values, path []string) (c copying, err error) {
	if c.from, err = querySource(q, path[1], path[3]); err != nil {
		return copying{}, err
	}
	if c.to, err = queryTarget(q, path[6], path[8]); err != nil {
		return copying{}, err
	}
	if q.Get("destinationKmsKeyName") != "" {
		return copying{}, unservedf("the parameter destinationKmsKeyName")
	}
	return c, readJSON(r, &c.fields)
}

// meta is the metadata of the copy of an object.
func (c copying) meta(source store.Metadata) (store.Metadata, error) {
	return copiedMetadata(source, c.fields)
}

func (s *Server) copyObject(w http.ResponseWriter, r *http.Request, q url.Values, path []string) error {
	c, err := parseCopying(r, q, path)
	if err != nil {
		return err
	}
	o, err := s.store.Copy(c.from, c.to, c.meta)
	return s.answer(w, o, err)
}

// moveObject renames within a bucket: one commit, a new generation.
func (s *Server) moveObject(w http.ResponseWriter, q url.Values, bucketName, from, to string) error {
	if from == to {
		return invalidf("The source and destination of a move must differ.")
	}
	source, err := querySource(q, bucketName, from)
	if err != nil {
		return err
	}
	target, err := queryTarget(q, bucketName, to)
	if err != nil {
		return err
	}
	o, err := s.store.Move(source, target)
	return s.answer(w, o, err)
}

// maxComponents is how many sources one compose takes.
const maxComponents = 32

type composeRequest struct {
	Destination   fields          `json:"destination"`
	DeleteSources bool            `json:"deleteSourceObjects"`
	Sources       []composeSource `json:"sourceObjects"`
}

type composeSource struct {
	Name          string      `json:"name"`
	Generation    json.Number `json:"generation"`
	Preconditions struct {
		IfGenerationMatch json.Number `json:"ifGenerationMatch"`
	} `json:"objectPreconditions"`
}

func (c composeSource) ref(bucketName string) (ref store.Ref, err error) {
	ref = store.Ref{Bucket: bucketName, Name: c.Name}
	if ref.Generation, err = optionalInt(c.Generation.String(), "generation"); err != nil {
		return store.Ref{}, err
	}
	ref.If.GenerationMatch, err = optionalInt(c.Preconditions.IfGenerationMatch.String(), "ifGenerationMatch")
	return ref, err
}

// composeObject concatenates objects of one bucket.
func (s *Server) composeObject(w http.ResponseWriter, r *http.Request, q url.Values, bucketName, name string) error {
	u := store.Upload{Bucket: bucketName, Name: name}
	var err error
	if u.Conditions, err = queryConditions(q, ""); err != nil {
		return err
	}
	var req composeRequest
	if err := readJSON(r, &req); err != nil {
		return err
	}
	if n := len(req.Sources); n == 0 || n > maxComponents {
		return invalidf("The number of source components provided (%d) is not between 1 and %d.", n, maxComponents)
	}
	if u.Meta, err = patchMetadata(store.Metadata{}, req.Destination); err != nil {
		return err
	}
	if u.Want, err = wantedSums(req.Destination); err != nil {
		return err
	}
	sources := make([]store.Ref, len(req.Sources))
	for i, source := range req.Sources {
		if sources[i], err = source.ref(bucketName); err != nil {
			return err
		}
	}
	o, err := s.store.Compose(u, sources, req.DeleteSources)
	return s.answer(w, o, err)
}

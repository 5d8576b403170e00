package storagefront

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// errMoved tells a copy that its source changed under it: it looks again.
var errMoved = errors.New("the source changed during the copy")

// source is where a copy or move reads from.
type source struct {
	bucket, name string
	generation   *int64
	cond         conditions
	softDeleted  bool // of a restoration
}

func (s *store) find(src source) (*object, error) {
	if src.softDeleted {
		return s.softDeleted(src.bucket, src.name, *src.generation)
	}
	o, live, err := s.lookup(src.bucket, src.name, src.generation)
	if err != nil {
		return nil, err
	}
	return o, src.cond.checkWrite(live, o)
}

func parseSource(q url.Values, bucketName, name string) (src source, err error) {
	src = source{bucket: bucketName, name: name}
	if src.cond, err = queryConditions(q, "Source"); err != nil {
		return source{}, err
	}
	src.generation, err = optionalInt(q.Get("sourceGeneration"), "sourceGeneration")
	return src, err
}

// copying is what a copy or a rewrite asks for.
type copying struct {
	from             source
	toBucket, toName string
	cond             conditions // of the destination
	fields           fields
}

func parseCopying(r *http.Request, q url.Values, path []string) (c copying, err error) {
	c = copying{toBucket: path[6], toName: path[8]}
	if c.from, err = parseSource(q, path[1], path[3]); err != nil {
		return copying{}, err
	}
	if c.cond, err = queryConditions(q, ""); err != nil {
		return copying{}, err
	}
	if q.Get("destinationKmsKeyName") != "" {
		return copying{}, unservedf("the parameter destinationKmsKeyName")
	}
	return c, readJSON(r, &c.fields)
}

func (s *Server) copyObject(w http.ResponseWriter, r *http.Request, q url.Values, path []string) error {
	c, err := parseCopying(r, q, path)
	if err != nil {
		return err
	}
	o, err := s.store.copy(c.from, c.toBucket, c.toName, c.cond, c.fields, false)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.objectResource(o))
	return nil
}

// moveObject renames within a bucket: one commit, a new generation.
func (s *Server) moveObject(w http.ResponseWriter, q url.Values, bucketName, from, to string) error {
	if from == to {
		return invalidf("The source and destination of a move must differ.")
	}
	src, err := parseSource(q, bucketName, from)
	if err != nil {
		return err
	}
	cond, err := queryConditions(q, "")
	if err != nil {
		return err
	}
	o, err := s.store.copy(src, bucketName, to, cond, nil, true)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.objectResource(o))
	return nil
}

// copy makes the object toBucket/to from src, and with move removes src in the
// same commit. Source and destination are both checked under the lock: a copy
// whose source was taken meanwhile does not succeed late.
func (s *store) copy(src source, toBucket, to string, cond conditions, f fields, move bool) (*object, error) {
	if err := checkObjectName(to); err != nil {
		return nil, err
	}
	for {
		o, err := s.copyOnce(src, toBucket, to, cond, f, move)
		if !errors.Is(err, errMoved) {
			return o, err
		}
	}
}

func (s *store) copyOnce(src source, toBucket, to string, cond conditions, f fields, move bool) (*object, error) {
	from, err := s.find(src)
	if err != nil {
		return nil, err
	}
	if err := s.precheck(toBucket, to, cond); err != nil { // spares a link that would be undone
		return nil, err
	}
	meta, err := from.Meta.copied(f)
	if err != nil {
		return nil, err
	}
	blob, err := s.blobs.link(from, toBucket, to)
	if errors.Is(err, errSourceGone) {
		if now, ferr := s.find(src); ferr != nil || now != from {
			return nil, errMoved // which finds out what became of it
		}
	}
	if err != nil {
		return nil, err
	}
	made, err := s.commit(toBucket, func(b *bucket) (change, error) {
		if sb := s.buckets[src.bucket]; sb == nil || !sb.has(from) {
			return change{}, errMoved
		}
		live := b.objects.get(to)
		if err := cond.checkWrite(live, live); err != nil {
			return change{}, err
		}
		c := change{putType: eventFinalize, put: &object{
			Bucket: toBucket, Name: to, Blob: blob, Meta: meta,
			Size: from.Size, CRC32C: from.CRC32C, MD5: from.MD5, Components: from.Components,
		}}
		if move {
			c.remove = []departure{{from, renamed}}
		}
		return c, nil
	})
	if err != nil {
		s.blobs.remove(toBucket, to, blob)
		return nil, err
	}
	return made, nil
}

// precheck refuses early what a commit would refuse anyway. The commit decides.
func (s *store) precheck(bucketName, name string, cond conditions) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[bucketName]
	if b == nil {
		return errNoBucket
	}
	live := b.objects.get(name)
	return cond.checkWrite(live, live)
}

// maxComponents is how many sources one compose takes.
const maxComponents = 32

type composeRequest struct {
	Destination   fields `json:"destination"`
	DeleteSources bool   `json:"deleteSourceObjects"`
	Sources       []struct {
		Name          string      `json:"name"`
		Generation    json.Number `json:"generation"`
		Preconditions struct {
			IfGenerationMatch json.Number `json:"ifGenerationMatch"`
		} `json:"objectPreconditions"`
	} `json:"sourceObjects"`
}

// composeObject concatenates objects of one bucket. Unlike a copy it moves
// bytes, though within the kernel.
func (s *Server) composeObject(w http.ResponseWriter, r *http.Request, q url.Values, bucketName, name string) error {
	cond, err := queryConditions(q, "")
	if err != nil {
		return err
	}
	var req composeRequest
	if err := readJSON(r, &req); err != nil {
		return err
	}
	if n := len(req.Sources); n == 0 || n > maxComponents {
		return invalidf("The number of source components provided (%d) is not between 1 and %d.", n, maxComponents)
	}
	if err := checkObjectName(name); err != nil {
		return err
	}
	meta, err := metadata{}.patch(req.Destination)
	if err != nil {
		return err
	}
	wanted, err := wantedSums(req.Destination)
	if err != nil {
		return err
	}
	if err := s.store.precheck(bucketName, name, cond); err != nil {
		return err
	}
	in, err := s.store.blobs.create()
	if err != nil {
		return err
	}
	defer in.discard()
	in.md5 = nil // composed objects have none
	made := &object{Bucket: bucketName, Name: name, Meta: meta}
	sources := make([]*object, 0, len(req.Sources))
	for _, src := range req.Sources {
		o, err := s.appendSource(in, bucketName, src.Name, src.Generation.String(), src.Preconditions.IfGenerationMatch.String())
		if err != nil {
			return err
		}
		made.Components += max(o.Components, 1)
		sources = append(sources, o)
	}
	o, err := s.finish(in, made, cond, wanted, func(b *bucket) ([]departure, error) {
		if !req.DeleteSources {
			return nil, nil
		}
		return removable(b, sources, name)
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.objectResource(o))
	return nil
}

func (s *Server) appendSource(in *body, bucketName, name, generation, match string) (*object, error) {
	selected, err := optionalInt(generation, "generation")
	if err != nil {
		return nil, err
	}
	expected, err := optionalInt(match, "ifGenerationMatch")
	if err != nil {
		return nil, err
	}
	o, _, f, err := s.openObject(bucketName, name, selected)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := (conditions{GenerationMatch: expected}).checkWrite(o, o); err != nil {
		return nil, err
	}
	if _, err := copyBody(in, f); err != nil {
		return nil, fmt.Errorf("compose from %s: %w", name, err)
	}
	return o, nil
}

// removable are the sources to delete with a compose, each once. One that
// changed since it was read must not go with the change.
func removable(b *bucket, sources []*object, destination string) ([]departure, error) {
	var going []departure
	seen := map[string]bool{destination: true}
	for _, o := range sources {
		if seen[o.Name] {
			continue
		}
		seen[o.Name] = true
		if !b.has(o) {
			return nil, errPrecondition
		}
		going = append(going, departure{o, replaced})
	}
	return going, nil
}

package storagefront

import (
	"net/http"
	"net/url"
)

// getObject answers an object's resource, or its bytes for alt=media.
func (s *Server) getObject(w http.ResponseWriter, r *http.Request, q url.Values, bucketName, name string) error {
	cond, err := queryConditions(q, "")
	if err != nil {
		return err
	}
	if q.Get("softDeleted") == "true" {
		return s.getSoftDeleted(w, q, bucketName, name)
	}
	if q.Get("alt") == "media" {
		return s.download(w, r, q, cond, bucketName, name)
	}
	generation, err := optionalInt(q.Get("generation"), "generation")
	if err != nil {
		return err
	}
	o, live, err := s.store.lookup(bucketName, name, generation)
	if err != nil {
		return err
	}
	if err := cond.checkRead(live, o); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.objectResource(o))
	return nil
}

// changeObject is patch, and, with PUT, update: the same on top of nothing.
func (s *Server) changeObject(w http.ResponseWriter, r *http.Request, q url.Values, bucketName, name string) error {
	cond, err := queryConditions(q, "")
	if err != nil {
		return err
	}
	generation, err := optionalInt(q.Get("generation"), "generation")
	if err != nil {
		return err
	}
	var f fields
	if err := readJSON(r, &f); err != nil {
		return err
	}
	o, err := s.store.commit(bucketName, func(b *bucket) (change, error) {
		old, live, err := b.version(name, generation)
		if err != nil {
			return change{}, err
		}
		if err := cond.checkWrite(live, old); err != nil {
			return change{}, err
		}
		changed := *old
		changed.Metageneration++
		if r.Method == http.MethodPut {
			changed.Meta = metadata{StorageClass: old.Meta.StorageClass}
		}
		if changed.Meta, err = changed.Meta.patch(f); err != nil {
			return change{}, err
		}
		return change{put: &changed, putType: eventMetadataUpdate}, nil
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.objectResource(o))
	return nil
}

func (s *Server) deleteObject(w http.ResponseWriter, q url.Values, bucketName, name string) error {
	cond, err := queryConditions(q, "")
	if err != nil {
		return err
	}
	generation, err := optionalInt(q.Get("generation"), "generation")
	if err != nil {
		return err
	}
	_, err = s.store.commit(bucketName, func(b *bucket) (change, error) {
		old, live, err := b.version(name, generation)
		if err != nil {
			return change{}, err
		}
		how := replaced
		if generation != nil {
			how = destroyed
		}
		return change{remove: []departure{{old, how}}}, cond.checkWrite(live, old)
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

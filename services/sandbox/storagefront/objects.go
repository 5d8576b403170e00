package storagefront

import (
	"net/http"
	"net/url"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// getObject answers an object's resource, or its bytes for alt=media.
func (s *Server) getObject(w http.ResponseWriter, r *http.Request, q url.Values, bucketName, name string) error {
	ref, err := queryRef(q, bucketName, name)
	if err != nil {
		return err
	}
	if q.Get("softDeleted") == "true" {
		return s.getSoftDeleted(w, q, ref)
	}
	if q.Get("alt") == "media" {
		return s.download(w, r, ref)
	}
	o, err := s.store.Object(ref)
	return s.answer(w, o, err)
}

// changeObject is patch, and, with PUT, update: the same on top of nothing.
func (s *Server) changeObject(w http.ResponseWriter, r *http.Request, q url.Values, bucketName, name string) error {
	ref, err := queryRef(q, bucketName, name)
	if err != nil {
		return err
	}
	var f fields
	if err := readJSON(r, &f); err != nil {
		return err
	}
	o, err := s.store.Update(ref, func(old store.Metadata) (store.Metadata, error) {
		if r.Method == http.MethodPut {
			old = store.Metadata{StorageClass: old.StorageClass}
		}
		return patchMetadata(old, f)
	})
	return s.answer(w, o, err)
}

func (s *Server) deleteObject(w http.ResponseWriter, q url.Values, bucketName, name string) error {
	ref, err := queryRef(q, bucketName, name)
	if err != nil {
		return err
	}
	if err := s.store.Delete(ref); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// errWhichGeneration asks for the generation of a soft-deleted object: a name has many.
var errWhichGeneration = &apiError{http.StatusBadRequest, "required", "Required parameter: generation"}

// getSoftDeleted answers a soft-deleted object's resource. Its bytes cannot be read.
func (s *Server) getSoftDeleted(w http.ResponseWriter, q url.Values, ref store.Ref) error {
	if ref.Generation == nil {
		return errWhichGeneration
	}
	if q.Get("alt") == "media" {
		return invalidf("A soft-deleted object cannot be read, only restored.")
	}
	o, err := s.store.SoftDeleted(ref)
	return s.answer(w, o, err)
}

// restoreObject makes a new live object of a soft-deleted one, which stays what it is
// until its time is over.
func (s *Server) restoreObject(w http.ResponseWriter, q url.Values, bucketName, name string) error {
	ref, err := queryRef(q, bucketName, name)
	if err != nil {
		return err
	}
	if ref.Generation == nil {
		return errWhichGeneration
	}
	if q.Get("copySourceAcl") == "true" {
		return unservedf("access control lists (copySourceAcl)")
	}
	o, err := s.store.Restore(ref)
	return s.answer(w, o, err)
}

// answer answers the resource of an object that the store gave, or its error.
func (s *Server) answer(w http.ResponseWriter, o *store.Object, err error) error {
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.objectResource(o))
	return nil
}

package storagefront

import (
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/uploads"
)

// startSession answers a new session's URL.
func (s *Server) startSession(w http.ResponseWriter, r *http.Request, q url.Values, bucketName string) error {
	var f fields
	if err := readJSON(r, &f); err != nil {
		return err
	}
	up, err := s.parseUpload(q, bucketName, f, r.Header.Get("X-Upload-Content-Type"))
	if err != nil {
		return err
	}
	id, err := s.store.BeginSession(up)
	if err != nil {
		return err
	}
	uploads.Begun(w, r, id)
	return nil
}

// continueSession takes the next chunk, or answers how far the upload is.
func (s *Server) continueSession(w http.ResponseWriter, r *http.Request, id string) error {
	sess, err := s.store.AcquireSession(r.Context(), id)
	if err != nil {
		return err
	}
	defer sess.Release()
	switch r.Method {
	case http.MethodDelete:
		sess.Cancel()
		w.WriteHeader(499) // nginx's "client closed request", which the real service answers here
		return nil
	case http.MethodPut, http.MethodPost:
	default:
		return unserved(r)
	}
	if sess.Done() { // a last chunk sent again
		o, err := sess.Made()
		return s.answer(w, o, err)
	}
	c, err := uploads.ParseChunk(r)
	if err != nil {
		return invalidf("%v", err)
	}
	if !c.Query {
		if err := receive(sess, r.Body, c); err != nil {
			return err
		}
	}
	if c.End < 0 {
		c.Total = sess.Size()
	}
	if c.Total != sess.Size() {
		uploads.Incomplete(w, r, sess.Size())
		return nil
	}
	return s.complete(w, r, sess)
}

// receive appends the part of a chunk that is new.
func receive(s *store.Session, from io.Reader, c uploads.Chunk) error {
	err := uploads.Receive(s, from, c)
	switch {
	case errors.Is(err, uploads.ErrGap):
		return invalidf("%v", err)
	case errors.Is(err, uploads.ErrCutShort):
		return &apiError{http.StatusServiceUnavailable, "backendError", err.Error()}
	}
	return err
}

// complete makes the object.
func (s *Server) complete(w http.ResponseWriter, r *http.Request, sess *store.Session) error {
	inHeader, err := headerSums(r.Header)
	if err != nil {
		sess.Cancel()
		return err
	}
	o, err := sess.Complete(inHeader)
	return s.answer(w, o, err)
}

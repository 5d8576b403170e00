package storagefront

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// chunkUnit is what every chunk but the last must be a multiple of;
// https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload.
const chunkUnit = 256 << 10

// contentRange has the forms "bytes 0-99/300", "bytes 0-99/*", "bytes */300" and
// "bytes */*", and with an end that is not known before the body has ended, as
// Node's client sends it, "bytes 0-*/300" and "bytes 0-*/*".
var contentRange = regexp.MustCompile(`^bytes (?:(\d{1,18})-(\d{1,18}|\*)|\*)/(?:(\d{1,18})|\*)$`)

// chunk is what one request of a session carries: bytes [from, end), and the
// object's whole size once it is known (-1 before). An end of -1 is that of the body,
// and of the object.
type chunk struct {
	from, end, total int64
	query            bool // carries nothing
}

// parseChunk reads the Content-Range header. Without one the request carries
// the object from its start to its end.
func parseChunk(r *http.Request) (c chunk, err error) {
	header := r.Header.Get("Content-Range")
	if header == "" {
		return chunk{end: -1, total: -1}, nil
	}
	m := contentRange.FindStringSubmatch(header)
	if m == nil {
		return chunk{}, invalidf("Failed to parse Content-Range header: %q", header)
	}
	number := func(s string) int64 {
		if s == "" {
			return -1
		}
		n, _ := strconv.ParseInt(s, 10, 64) // at most 18 digits always fit
		return n
	}
	if m[2] == "*" {
		c = chunk{from: number(m[1]), end: number(m[3]), total: number(m[3])}
		if c.total >= 0 && c.from > c.total {
			return chunk{}, invalidf("Invalid Content-Range: %q", header)
		}
		return c, nil
	}
	c = chunk{from: number(m[1]), end: number(m[2]) + 1, total: number(m[3]), query: m[1] == ""}
	if !c.query && (c.end <= c.from || (c.total >= 0 && c.end > c.total)) {
		return chunk{}, invalidf("Invalid Content-Range: %q", header)
	}
	if !c.query && r.ContentLength >= 0 && r.ContentLength != c.end-c.from {
		return chunk{}, invalidf("Content-Length %d does not match Content-Range %q", r.ContentLength, header)
	}
	return c, nil
}

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
	w.Header().Set("Location", location(r, id))
	w.Header().Set("X-GUploader-UploadID", id)
	w.WriteHeader(http.StatusOK)
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
	c, err := parseChunk(r)
	if err != nil {
		return err
	}
	if !c.query {
		if err := receive(sess, r.Body, c); err != nil {
			return err
		}
	}
	if c.end < 0 {
		c.total = sess.Size()
	}
	if c.total != sess.Size() {
		incomplete(w, r, sess.Size())
		return nil
	}
	return s.complete(w, r, sess)
}

// receive appends the part of a chunk that is new. Bytes sent again after a
// lost answer are passed over.
func receive(s *store.Session, from io.Reader, c chunk) error {
	have := s.Size()
	if c.from > have {
		return invalidf("The chunk starts at byte %d, but only %d bytes have been received.", c.from, have)
	}
	end := c.end
	if c.end >= 0 && c.end != c.total {
		end -= end % chunkUnit // the rest must come again, as in the real service
	}
	if c.end >= 0 && end <= have {
		return nil
	}
	if _, err := io.CopyN(io.Discard, from, have-c.from); err != nil {
		return cutShort(err)
	}
	source := &readFaults{Reader: from}
	if c.end >= 0 {
		source.Reader = io.LimitReader(from, end-have)
	}
	if _, err := s.ReadFrom(source); err != nil && source.err == nil {
		return fmt.Errorf("store a chunk: %w", err)
	}
	if source.err != nil || (c.end >= 0 && s.Size() < end) {
		return cutShort(errors.Join(source.err, io.ErrUnexpectedEOF))
	}
	return nil
}

// cutShort answers a chunk that broke off. The client asks how far it came and goes on.
func cutShort(err error) error {
	return &apiError{http.StatusServiceUnavailable, "backendError", fmt.Sprintf("The chunk ended early: %v", err)}
}

// incomplete answers how many bytes are kept. Go's client cannot take a 308 and
// says so; it gets the same by a header.
func incomplete(w http.ResponseWriter, r *http.Request, have int64) {
	if have > 0 {
		w.Header().Set("Range", fmt.Sprintf("bytes=0-%d", have-1))
	}
	if r.Header.Get("X-GUploader-No-308") == "yes" {
		w.Header().Set("X-HTTP-Status-Code-Override", "308")
		w.WriteHeader(http.StatusOK)
		return
	}
	w.WriteHeader(http.StatusPermanentRedirect)
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

// location is the session's URL, by the name under which the client called us.
func location(r *http.Request, id string) string {
	return "http://" + r.Host + strings.TrimSuffix(r.URL.EscapedPath(), "/") + "?uploadType=resumable&upload_id=" + id
}

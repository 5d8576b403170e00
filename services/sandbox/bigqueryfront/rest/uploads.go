package rest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/jobs"
	protocol "github.com/zackkki/ecomm_datapipeline/services/sandbox/uploads"
)

const (
	// maxUpload bounds an uploaded file in bytes; BigQuery's limit of one is 5 TB.
	maxUpload = 1 << 30
	// maxSessions bounds the resumable uploads that are open, each at most for sessionAge
	// without a request; BigQuery's live for a week.
	maxSessions = 100
	sessionAge  = time.Hour
)

// uploads are files on their way to load jobs. They do not outlive the process.
type uploads struct {
	dir string

	mu       sync.Mutex
	sessions map[string]*session
}

func newUploads(dir string) (*uploads, error) {
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return nil, fmt.Errorf("prepare the folder of uploads: %w", err)
	}
	return &uploads{dir: dir, sessions: map[string]*session{}}, nil
}

// upload is a file that is received.
type upload struct {
	f    *os.File
	size int64
	gone sync.Once
}

func (u *uploads) create() (*upload, error) {
	f, err := os.CreateTemp(u.dir, "")
	if err != nil {
		return nil, fmt.Errorf("store an upload: %w", err)
	}
	return &upload{f: f}, nil
}

// Size implements protocol.Part.
func (u *upload) Size() int64 { return u.size }

var errUploadTooLarge = &fault.Fault{Status: http.StatusRequestEntityTooLarge, Reason: "uploadTooLarge",
	Message: fmt.Sprintf("Upload size exceeds the limit of the embedded BigQuery: %d bytes.", maxUpload)}

// ReadFrom implements protocol.Part.
func (u *upload) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(u.f, io.LimitReader(r, maxUpload+1-u.size))
	if u.size += n; err == nil && u.size > maxUpload {
		err = errUploadTooLarge
	}
	return n, err
}

// discard removes the file.
func (u *upload) discard() {
	u.gone.Do(func() {
		_ = u.f.Close() // it was read, or is not wanted
		_ = os.Remove(u.f.Name())
	})
}

func (u *upload) file() jobs.File {
	return jobs.File{Name: "the uploaded file", Size: u.size, Open: func() (io.ReadCloser, error) { return os.Open(u.f.Name()) }}
}

// session is a resumable upload.
type session struct {
	mu     sync.Mutex
	body   jobBody
	upload *upload
	used   time.Time
	made   any // the job, once the file is whole
}

// begin opens a session.
func (u *uploads) begin(body jobBody) (string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for id, s := range u.sessions {
		if time.Since(s.used) > sessionAge {
			s.upload.discard()
			delete(u.sessions, id)
		}
	}
	if len(u.sessions) >= maxSessions {
		return "", &fault.Fault{Status: http.StatusForbidden, Reason: "quotaExceeded", Message: fmt.Sprintf("The embedded BigQuery has %d uploads open already.", maxSessions)}
	}
	file, err := u.create()
	if err != nil {
		return "", err
	}
	id := rand.Text()
	u.sessions[id] = &session{body: body, upload: file, used: time.Now()}
	return id, nil
}

func (u *uploads) session(id string) (*session, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := u.sessions[id]
	if s == nil {
		return nil, fault.NotFound("Upload %q", id)
	}
	s.used = time.Now()
	return s, nil
}

// uploadJob serves jobs.insert with a file: in one request of two parts, or by a session.
func (s *server) uploadJob(w http.ResponseWriter, r *http.Request) (any, error) {
	q := r.URL.Query()
	if id := q.Get("upload_id"); id != "" {
		return s.continueUpload(w, r, id)
	}
	switch kind := q.Get("uploadType"); {
	case r.Method != http.MethodPost:
		return nil, fault.Unserved("%s %s without an upload_id", r.Method, r.URL.Path)
	case kind == "multipart":
		return s.multipartJob(r)
	case kind == "resumable":
		var body jobBody
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := decode(r, &body); err != nil {
			return nil, err
		}
		if _, err := readConfiguration(body.Configuration); err != nil {
			return nil, err
		}
		id, err := s.uploads.begin(body)
		if err == nil {
			protocol.Begun(w, r, id)
		}
		return answered{}, err
	default:
		return nil, fault.Unserved("uploadType=%s of a job", kind)
	}
}

// multipartJob takes a body of two parts: the job in JSON, the file.
func (s *server) multipartJob(r *http.Request) (any, error) {
	border, err := protocol.Boundary(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, fault.Invalid("%s", err)
	}
	parts := multipart.NewReader(r.Body, border)
	part, err := parts.NextRawPart()
	if err != nil {
		return nil, fault.Invalid("Malformed multipart body: %s", err)
	}
	var body jobBody
	text, err := io.ReadAll(io.LimitReader(part, maxBody))
	if err == nil {
		err = unmarshal(text, &body)
	}
	if err != nil {
		return nil, fault.Invalid("Invalid JSON payload received: %s", err)
	}
	if part, err = parts.NextRawPart(); err != nil {
		return nil, fault.Invalid("Malformed multipart body: %s", err)
	}
	file, err := s.uploads.create()
	if err != nil {
		return nil, err
	}
	source := &protocol.Source{Reader: part}
	if _, err := file.ReadFrom(source); err != nil {
		file.discard()
		if source.Err != nil {
			return nil, fault.Invalid("The upload ended early: %s", source.Err)
		}
		return nil, err
	}
	return s.startUploaded(body, file)
}

// startUploaded starts the job of a file, which is its own from now on.
func (s *server) startUploaded(body jobBody, file *upload) (any, error) {
	job, err := s.startJob(body, file)
	if err != nil {
		file.discard()
	}
	return job, err
}

// continueUpload takes the next chunk, or answers how far the upload is.
func (s *server) continueUpload(w http.ResponseWriter, r *http.Request, id string) (any, error) {
	session, err := s.uploads.session(id)
	if err != nil {
		return nil, err
	}
	if r.Method != http.MethodPut && r.Method != http.MethodPost {
		return nil, fault.Unserved("%s of an upload", r.Method)
	}
	session.mu.Lock()
	defer session.mu.Unlock()
	if session.made != nil { // a last chunk sent again
		return session.made, nil
	}
	c, err := protocol.ParseChunk(r)
	if err != nil {
		return nil, fault.Invalid("%s", err)
	}
	if !c.Query {
		switch err := protocol.Receive(session.upload, r.Body, c); {
		case errors.Is(err, protocol.ErrGap):
			return nil, fault.Invalid("%s", err)
		case errors.Is(err, protocol.ErrCutShort):
			return nil, &fault.Fault{Status: http.StatusServiceUnavailable, Reason: "backendError", Message: err.Error()}
		case err != nil:
			return nil, err
		}
	}
	if c.End < 0 && !c.Query {
		c.Total = session.upload.size
	}
	if c.Total != session.upload.size {
		protocol.Incomplete(w, r, session.upload.size)
		return answered{}, nil
	}
	made, err := s.startUploaded(session.body, session.upload)
	if err != nil {
		s.uploads.mu.Lock()
		defer s.uploads.mu.Unlock()
		delete(s.uploads.sessions, id)
		return nil, err
	}
	session.made = made
	return made, nil
}

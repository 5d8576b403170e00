// Package resourcemanager is the sandbox's Resource Manager: of its REST API (v3) the
// one project there is, and its IAM policy, which is kept in a file and not enforced
// (package iampolicy). Everything else is refused with 400 and a message that names it.
package resourcemanager

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/iampolicy"
)

// Path is where the API's paths begin.
const Path = "/v3/"

// maxBody bounds a request; a policy has 1,500 principals at most.
const maxBody = 1 << 20

// Number stands for the number of a project that has only a name here.
func Number(project string) string {
	return strconv.FormatUint(uint64(crc32.Checksum([]byte(project), crc32.MakeTable(crc32.Castagnoli))), 10)
}

type server struct {
	project, path string
	log           *slog.Logger

	mu     sync.Mutex
	policy *iampolicy.Policy // replaced, never changed; nil: nobody has set it
}

// NewHandler reads the project's policy back from dir, which is made if it does not
// exist, and serves the API.
func NewHandler(dir, project string, log *slog.Logger) (http.Handler, error) {
	s := &server{project: project, path: filepath.Join(dir, "policy.json"), log: log}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("resource manager: %w", err)
	}
	body, err := os.ReadFile(s.path)
	if err == nil {
		err = json.Unmarshal(body, &s.policy)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("resource manager: read the project's policy: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path+"projects/{project}", s.serve(s.get))
	mux.HandleFunc("POST "+Path+"projects/{project}", s.serve(s.act))
	mux.HandleFunc("/", s.serve(func(r *http.Request, _ string) (any, error) { return nil, unserved(r) }))
	return mux, nil
}

// apiError is a refusal in the form of Google's APIs.
type apiError struct {
	code            int
	status, message string
}

func (e *apiError) Error() string { return e.message }

func unserved(r *http.Request) error {
	return &apiError{http.StatusBadRequest, "UNIMPLEMENTED", "The embedded Resource Manager does not serve " + r.Method + " " + r.URL.Path}
}

// serve answers what a handler returns; verb is what follows the project's name after
// a colon.
func (s *server) serve(h func(r *http.Request, verb string) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		id, verb, _ := strings.Cut(r.PathValue("project"), ":")
		var body any
		var err error
		if id != "" && id != s.project && id != Number(s.project) {
			// Whether a project exists is told to those who may see it.
			err = &apiError{http.StatusForbidden, "PERMISSION_DENIED", "The caller does not have permission"}
		} else {
			body, err = h(r, verb)
		}
		code := http.StatusOK
		if err != nil {
			e := s.toAPIError(r, err)
			code = e.code
			body = map[string]any{"error": map[string]any{"code": e.code, "status": e.status, "message": e.message}}
		}
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		w.WriteHeader(code)
		if err := json.NewEncoder(w).Encode(body); err != nil {
			s.log.DebugContext(r.Context(), "response not delivered", "error", err)
		}
	}
}

func (s *server) toAPIError(r *http.Request, err error) *apiError {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}
	if _, stale := errors.AsType[*iampolicy.StaleError](err); stale {
		return &apiError{http.StatusConflict, "ABORTED", err.Error()}
	}
	if _, invalid := errors.AsType[*iampolicy.InvalidError](err); invalid {
		return &apiError{http.StatusBadRequest, "INVALID_ARGUMENT", err.Error()}
	}
	if _, disk := errors.AsType[syscall.Errno](err); disk {
		s.log.ErrorContext(r.Context(), "the project's policy could not be kept", "error", err)
		return &apiError{http.StatusServiceUnavailable, "UNAVAILABLE", "The service is currently unavailable."}
	}
	s.log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	return &apiError{http.StatusInternalServerError, "INTERNAL", "Internal error encountered."}
}

func (s *server) get(*http.Request, string) (any, error) {
	return map[string]string{"name": "projects/" + Number(s.project), "projectId": s.project, "displayName": s.project, "state": "ACTIVE"}, nil
}

func (s *server) act(r *http.Request, verb string) (any, error) {
	var req struct {
		Options struct {
			Version int `json:"requestedPolicyVersion"`
		} `json:"options"`
		Policy      iampolicy.Policy `json:"policy"`
		Permissions []string         `json:"permissions"`
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		return nil, &apiError{http.StatusBadRequest, "INVALID_ARGUMENT", "Invalid JSON payload received: " + err.Error()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch verb {
	case "getIamPolicy":
		return iampolicy.Project.Get(s.policy, req.Options.Version)
	case "setIamPolicy":
		kept, err := iampolicy.Project.Set(s.policy, req.Policy)
		if err == nil {
			err = s.store(kept)
		}
		return kept, err
	case "testIamPermissions":
		return map[string][]string{"permissions": req.Permissions}, iampolicy.CheckPermissions(req.Permissions)
	}
	return nil, unserved(r)
}

// store writes the policy in one step, so that a crash leaves the old one or the new.
// Callers hold mu.
func (s *server) store(p *iampolicy.Policy) error {
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write the project's policy: %w", err)
	}
	if err := os.WriteFile(s.path+".tmp", body, 0o644); err != nil {
		return fmt.Errorf("write the project's policy: %w", err)
	}
	if err := os.Rename(s.path+".tmp", s.path); err != nil {
		return fmt.Errorf("write the project's policy: %w", err)
	}
	s.policy = p
	return nil
}

// Package rest serves BigQuery's REST API (v2) as far as the official clients
// use it for datasets, tables, views, query and load jobs (of CSV and JSON, from an upload
// or the bucket) and inserts. What is not served is
// refused with status 400 and a message that names it: copy and extract
// jobs, models, routines and sessions.
package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/catalog"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/jobs"
)

// maxBody is the API's limit of a request in bytes.
const maxBody = 10 << 20

// server holds what the handlers share.
type server struct {
	cat    *catalog.Catalog
	jobs   *jobs.Store
	logger *slog.Logger

	inserter Inserter
	inserted inserted
	bucket   Bucket
	uploads  *uploads
}

// Config is what the API works with.
type Config struct {
	Catalog *catalog.Catalog
	Jobs    *jobs.Store
	Logger  *slog.Logger
	// Inserter takes the rows of tabledata.insertAll.
	Inserter Inserter
	// Bucket has the files that load jobs name; nil: there are none.
	Bucket Bucket
	// UploadDir is a folder for what is uploaded; what is in it goes.
	UploadDir string
}

// answered is a response that has been written already.
type answered struct{}

// handler is a route's function; what it returns is the response's body.
type handler func(r *http.Request) (any, error)

// raw is a body that is JSON already.
type raw []byte

// NewHandler returns the API's handler.
func NewHandler(cfg Config) (http.Handler, error) {
	uploads, err := newUploads(cfg.UploadDir)
	if err != nil {
		return nil, err
	}
	s := &server{cat: cfg.Catalog, jobs: cfg.Jobs, logger: cfg.Logger, inserter: cfg.Inserter, bucket: cfg.Bucket, uploads: uploads,
		inserted: inserted{tables: map[dialect.TableRef]*insertIDs{}}}
	const project, dataset, table = basePath + "/projects/{project}", "/datasets/{dataset}", "/tables/{table}"
	mux := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET " + project + "/datasets":                     s.listDatasets,
		"POST " + project + "/datasets":                    s.insertDataset,
		"GET " + project + dataset:                         s.getDataset,
		"PATCH " + project + dataset:                       s.patchDataset,
		"PUT " + project + dataset:                         s.patchDataset,
		"DELETE " + project + dataset:                      s.deleteDataset,
		"GET " + project + dataset + "/tables":             s.listTables,
		"POST " + project + dataset + "/tables":            s.insertTable,
		"GET " + project + dataset + table:                 s.getTable,
		"PATCH " + project + dataset + table:               s.patchTable,
		"PUT " + project + dataset + table:                 s.patchTable,
		"DELETE " + project + dataset + table:              s.deleteTable,
		"GET " + project + dataset + table + "/data":       s.listRows,
		"POST " + project + dataset + table + "/insertAll": s.insertAll,
		"POST " + project + dataset + table:                s.tablePolicy,
		"GET " + project + "/jobs":                         s.listJobs,
		"POST " + project + "/jobs":                        s.insertJob,
		"GET " + project + "/jobs/{job}":                   s.getJob,
		"POST " + project + "/jobs/{job}/cancel":           s.cancelJob,
		"DELETE " + project + "/jobs/{job}/delete":         s.deleteJob,
		"POST " + project + "/queries":                     s.query,
		"GET " + project + "/queries/{job}":                s.queryResults,
	} {
		mux.Handle(pattern, s.serve(h))
	}
	for _, path := range []string{"/$discovery/rest", "/discovery/v1/apis/bigquery/v2/rest"} {
		mux.Handle("GET "+path, s.serve(discovery))
	}
	for _, method := range []string{"POST", "PUT"} {
		mux.Handle(method+" /upload"+project+"/jobs", s.answer(s.uploadJob))
	}
	mux.Handle("/", s.serve(func(r *http.Request) (any, error) {
		return nil, fault.Unserved("%s %s", r.Method, r.URL.Path)
	}))
	return mux, nil
}

// serve turns a handler's outcome into a response.
func (s *server) serve(h handler) http.Handler {
	return s.answer(func(w http.ResponseWriter, r *http.Request) (any, error) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		return h(r)
	})
}

// answer is serve for a body of any size and a handler that may respond by itself.
func (s *server) answer(h func(http.ResponseWriter, *http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body any
		var err error
		if project := r.PathValue("project"); project != "" && project != s.cat.Project() {
			err = fault.NotFound("Project %s", project)
		} else {
			body, err = h(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if body == (answered{}) {
			return
		}
		text, ok := body.(raw)
		if !ok && body != nil {
			if text, err = json.Marshal(body); err != nil {
				s.fail(w, r, fmt.Errorf("write response: %w", err))
				return
			}
		}
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		if body == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if _, err := w.Write(text); err != nil {
			s.logger.DebugContext(r.Context(), "response not delivered", "error", err)
		}
	})
}

// status is the API's word for an HTTP status.
var status = map[int]string{
	http.StatusBadRequest: "INVALID_ARGUMENT", http.StatusNotFound: "NOT_FOUND", http.StatusConflict: "ALREADY_EXISTS",
	http.StatusInternalServerError: "INTERNAL", http.StatusPreconditionFailed: "FAILED_PRECONDITION",
	http.StatusForbidden: "PERMISSION_DENIED", 499: "CANCELLED", http.StatusServiceUnavailable: "UNAVAILABLE",
}

func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.Of(err, "")
	if f.Status >= http.StatusInternalServerError {
		s.logger.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	type item struct {
		Reason  string `json:"reason"`
		Domain  string `json:"domain"`
		Message string `json:"message"`
	}
	var body struct {
		Error struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
			Errors  []item `json:"errors"`
			Status  string `json:"status"`
		} `json:"error"`
	}
	body.Error.Code, body.Error.Message, body.Error.Status = f.Status, f.Message, status[f.Status]
	body.Error.Errors = []item{{f.Reason, "global", f.Message}}
	text, err := json.Marshal(body)
	if err != nil {
		text = []byte("{}")
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(f.Status)
	if _, err := w.Write(text); err != nil {
		s.logger.DebugContext(r.Context(), "response not delivered", "error", err)
	}
}

// decode reads a request's body.
func decode(r *http.Request, into any) error {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = unmarshal(body, into)
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &fault.Fault{Status: http.StatusRequestEntityTooLarge, Reason: "uploadTooLarge",
			Message: fmt.Sprintf("Request payload size exceeds the limit: %d bytes.", tooLarge.Limit)}
	}
	if err != nil {
		return fault.Invalid("Invalid JSON payload received: %s", strings.ToValidUTF8(err.Error(), "?"))
	}
	return nil
}

package storagefront

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"syscall"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// apiError is a refusal as the real service words it: an HTTP status, Google's
// reason code, and a message.
type apiError struct {
	status  int
	reason  string
	message string
}

func (e *apiError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.status, e.reason, e.message)
}

var errRange = &apiError{http.StatusRequestedRangeNotSatisfiable, "requestedRangeNotSatisfiable", "Request range not satisfiable"}

// reasonUnserved is our own word: no real refusal has it.
const reasonUnserved = "notImplemented"

func invalidf(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, "invalid", fmt.Sprintf(format, args...)}
}

// unservedf refuses what the real service has and this one does not. It is the
// caller's error: to a 501, as to every 5xx, Go's client calls again without end.
func unservedf(format string, args ...any) *apiError {
	return &apiError{http.StatusBadRequest, reasonUnserved, "The embedded Cloud Storage does not serve " + fmt.Sprintf(format, args...)}
}

// refusals are the statuses and reasons of what the store refuses.
var refusals = map[store.Kind]struct {
	status int
	reason string
}{
	store.Invalid:         {http.StatusBadRequest, "invalid"},
	store.NameMissing:     {http.StatusBadRequest, "required"},
	store.NoBucket:        {http.StatusNotFound, "notFound"},
	store.NoObject:        {http.StatusNotFound, "notFound"},
	store.NoConfig:        {http.StatusNotFound, "notFound"},
	store.NoSession:       {http.StatusNotFound, "notFound"},
	store.BucketExists:    {http.StatusConflict, "conflict"},
	store.BucketNotEmpty:  {http.StatusConflict, "conflict"},
	store.ConditionNotMet: {http.StatusPreconditionFailed, "conditionNotMet"},
	store.NotModified:     {http.StatusNotModified, "notModified"},
	store.PublicAccess:    {http.StatusPreconditionFailed, "conditionNotMet"},
	store.Retained:        {http.StatusForbidden, "retentionPolicyNotMet"},
	store.NoSoftDelete:    {http.StatusBadRequest, "SoftDeletePolicyRequired"},
}

// errorReply is Google's JSON error body.
type errorReply struct {
	Error struct {
		Code    int         `json:"code"`
		Message string      `json:"message"`
		Errors  []errorItem `json:"errors"`
	} `json:"error"`
}

type errorItem struct {
	Message string `json:"message"`
	Domain  string `json:"domain"`
	Reason  string `json:"reason"`
}

// toAPIError is the one place that gives a refusal its status; nil for other errors.
func toAPIError(err error) *apiError {
	if api, ok := errors.AsType[*apiError](err); ok {
		return api
	}
	no, ok := errors.AsType[*store.Refusal](err)
	switch {
	case !ok:
		return nil
	case no.Kind == store.Unserved:
		return unservedf("%s", no)
	}
	as := refusals[no.Kind]
	return &apiError{as.status, as.reason, no.Error()}
}

// answerFor is toAPIError for every error. Of those that are no refusals those of the disk
// answer 503: it may do better later. Any other is a fault of ours and answers 500.
func (s *Server) answerFor(r *http.Request, err error) *apiError {
	if refused := toAPIError(err); refused != nil {
		return refused
	}
	if r.Context().Err() == nil {
		s.log.ErrorContext(r.Context(), "storage request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if _, ok := errors.AsType[syscall.Errno](err); ok {
		return &apiError{http.StatusServiceUnavailable, "backendError", "The service could not reach its storage. Please try again."}
	}
	return &apiError{http.StatusInternalServerError, "backendError", "We encountered an internal error. Please try again."}
}

func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	e := s.answerFor(r, err)
	if e.status == http.StatusNotModified {
		w.WriteHeader(e.status)
		return
	}
	var reply errorReply
	reply.Error.Code, reply.Error.Message = e.status, e.message
	reply.Error.Errors = []errorItem{{Message: e.message, Domain: "global", Reason: e.reason}}
	writeJSON(w, e.status, reply)
}

// writeXMLError answers an XML API request, whose errors are XML.
func (s *Server) writeXMLError(w http.ResponseWriter, r *http.Request, err error) {
	e := s.answerFor(r, err)
	if e.status == http.StatusNotModified {
		w.WriteHeader(e.status)
		return
	}
	code := map[int]string{
		http.StatusBadRequest:                   "InvalidArgument",
		http.StatusNotFound:                     "NoSuchKey",
		http.StatusPreconditionFailed:           "PreconditionFailed",
		http.StatusRequestedRangeNotSatisfiable: "InvalidRange",
		http.StatusServiceUnavailable:           "ServiceUnavailable",
	}[e.status]
	switch {
	case e.reason == reasonUnserved:
		code = "NotImplemented"
	case code == "":
		code = "InternalError"
	case isKind(err, store.NoBucket):
		code = "NoSuchBucket"
	}
	body, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: e.message})
	if err != nil { // strings always marshal
		body = nil
	}
	w.Header().Set("Content-Type", "application/xml; charset=UTF-8")
	w.WriteHeader(e.status)
	w.Write(append([]byte(xml.Header), body...))
}

func isKind(err error, kind store.Kind) bool {
	no, ok := errors.AsType[*store.Refusal](err)
	return ok && no.Kind == kind
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
	body, err := json.Marshal(v)
	if err != nil { // our own types always marshal
		status, body = http.StatusInternalServerError, nil
	}
	w.WriteHeader(status)
	w.Write(body)
}

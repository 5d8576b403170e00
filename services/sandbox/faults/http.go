package faults

import (
	"encoding/json"
	"net/http"

	codepb "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
)

// Storage is the middleware of the Cloud Storage front.
func (i *Injector) Storage(next http.Handler) http.Handler {
	return i.middleware(storageMethods, next)
}

// BigQuery is the middleware of BigQuery's REST front.
func (i *Injector) BigQuery(next http.Handler) http.Handler {
	return i.middleware(bigqueryMethods, next)
}

func (i *Injector) middleware(methods *methodTable, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i.running.Load() == nil {
			next.ServeHTTP(w, r)
			return
		}
		method := methods.name(r)
		s := i.strikePath(method, r.URL.Path, fail, lost, delay, drop)
		wait(r.Context(), s)
		switch s.effect {
		case fail:
			writeError(w, s, method)
		case lost:
			next.ServeHTTP(&discarded{header: http.Header{}}, r)
			writeError(w, s, method)
		case drop:
			next.ServeHTTP(&discarded{header: http.Header{}}, r)
			panic(http.ErrAbortHandler) // net/http's way to cut the connection
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// discarded takes a response that nobody will see.
type discarded struct{ header http.Header }

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) Write(b []byte) (int, error) { return len(b), nil }
func (d *discarded) WriteHeader(int)             {}

// httpStatus maps codes as https://cloud.google.com/apis/design/errors does.
var httpStatus = map[codes.Code]int{
	codes.InvalidArgument: http.StatusBadRequest, codes.FailedPrecondition: http.StatusBadRequest, codes.OutOfRange: http.StatusBadRequest,
	codes.Unauthenticated: http.StatusUnauthorized, codes.PermissionDenied: http.StatusForbidden, codes.NotFound: http.StatusNotFound,
	codes.Aborted: http.StatusConflict, codes.AlreadyExists: http.StatusConflict, codes.ResourceExhausted: http.StatusTooManyRequests,
	codes.Canceled: 499, codes.Unimplemented: http.StatusNotImplemented, codes.Unavailable: http.StatusServiceUnavailable,
	codes.DeadlineExceeded: http.StatusGatewayTimeout,
}

// reasons are those that Google's clients branch on.
var reasons = map[codes.Code]string{
	codes.ResourceExhausted: "rateLimitExceeded", codes.Unavailable: "backendError", codes.PermissionDenied: "accessDenied",
	codes.NotFound: "notFound", codes.InvalidArgument: "invalid", codes.AlreadyExists: "duplicate", codes.Unauthenticated: "authError",
}

func writeError(w http.ResponseWriter, s strike, method string) {
	code, reason := s.status, s.reason
	if reason == "" {
		var ok bool
		if code, ok = httpStatus[s.code]; !ok {
			code = http.StatusInternalServerError
		}
		if reason, ok = reasons[s.code]; !ok {
			reason = "internalError"
		}
	}
	message := s.message(method)
	body, err := json.Marshal(map[string]any{"error": map[string]any{
		"code": code, "message": message, "status": codepb.Code(s.code).String(),
		"errors": []map[string]string{{"reason": reason, "domain": "global", "message": message}},
	}})
	if err != nil {
		http.Error(w, message, code)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(code)
	_, _ = w.Write(body) // the client may be gone
}

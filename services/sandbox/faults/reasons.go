package faults

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
)

// failure is how a call or a job fails: by a reason of BigQuery's, with an HTTP status,
// or by a code of gRPC's.
type failure struct {
	code   codes.Code
	reason string
	status int
}

// statuses are those that BigQuery's reasons come with
// (cloud.google.com/bigquery/docs/error-messages).
var statuses = map[string]int{
	"accessDenied": http.StatusForbidden, "backendError": http.StatusServiceUnavailable, "badRequest": http.StatusBadRequest,
	"billingNotEnabled": http.StatusForbidden, "billingTierLimitExceeded": http.StatusBadRequest, "blocked": http.StatusForbidden,
	"bytesBilledLimitExceeded": http.StatusBadRequest, "duplicate": http.StatusConflict, "internalError": http.StatusInternalServerError,
	"invalid": http.StatusBadRequest, "invalidQuery": http.StatusBadRequest, "jobBackendError": http.StatusBadRequest,
	"jobInternalError": http.StatusBadRequest, "jobRateLimitExceeded": http.StatusBadRequest, "notFound": http.StatusNotFound,
	"notImplemented": http.StatusNotImplemented, "quotaExceeded": http.StatusForbidden, "rateLimitExceeded": http.StatusForbidden,
	"resourceInUse": http.StatusBadRequest, "resourcesExceeded": http.StatusBadRequest, "responseTooLarge": http.StatusForbidden,
	"tableUnavailable": http.StatusBadRequest, "timeout": http.StatusBadRequest,
}

// reasonText is a reason and, if it is to come with another status than BigQuery's or
// is none of BigQuery's, that.
var reasonText = regexp.MustCompile(`^([a-z][A-Za-z]*)(?:/([45]\d\d))?$`)

func parseReason(text string) (failure, error) {
	m := reasonText.FindStringSubmatch(text)
	if m == nil {
		return failure{}, fmt.Errorf("%q is no reason, such as jobInternalError or somethingNew/400", text)
	}
	f := failure{reason: m[1], status: statuses[m[1]]}
	if m[2] != "" {
		f.status, _ = strconv.Atoi(m[2]) // three digits
	}
	if f.status == 0 {
		return failure{}, fmt.Errorf("no reason of BigQuery's is named %q; another needs a status: %[1]s/400", text)
	}
	f.code = codeOf(f.status)
	return f, nil
}

func parseFailure(text string) (failure, error) {
	var f failure
	if err := f.code.UnmarshalJSON([]byte(strconv.Quote(strings.ToUpper(text)))); err == nil && f.code != codes.OK {
		return f, nil
	}
	f, err := parseReason(text)
	if err != nil {
		return f, fmt.Errorf("no error code is named %q, and no reason of BigQuery's", text)
	}
	return f, nil
}

// codeOf is the code that stands for a status over gRPC.
func codeOf(status int) codes.Code {
	switch {
	case status >= http.StatusInternalServerError:
		return codes.Internal
	case status == http.StatusForbidden:
		return codes.PermissionDenied
	case status == http.StatusNotFound:
		return codes.NotFound
	case status == http.StatusConflict:
		return codes.AlreadyExists
	}
	return codes.InvalidArgument
}

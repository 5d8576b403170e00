// Package fault is BigQuery's shape of a failure: an HTTP status, a reason that
// clients branch on, and a message. Everything else in the front reports
// failures to callers as one of these.
package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

// Fault is a failure that a caller is told of.
type Fault struct {
	Status  int
	Reason  string
	Message string
}

// Error implements error.
func (f *Fault) Error() string { return f.Message }

func newFault(status int, reason, format string, args []any) *Fault {
	return &Fault{Status: status, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// NotFound says that a resource does not exist.
func NotFound(format string, args ...any) *Fault {
	return newFault(http.StatusNotFound, "notFound", "Not found: "+format, args)
}

// Duplicate says that a resource exists already.
func Duplicate(format string, args ...any) *Fault {
	return newFault(http.StatusConflict, "duplicate", "Already Exists: "+format, args)
}

// Invalid says that a request makes no sense.
func Invalid(format string, args ...any) *Fault {
	return newFault(http.StatusBadRequest, "invalid", format, args)
}

// Query says that a statement cannot be run.
func Query(format string, args ...any) *Fault {
	return newFault(http.StatusBadRequest, "invalidQuery", format, args)
}

// Conflict says that a transaction lost against another over a table.
func Conflict(table string) *Fault {
	return Query("Transaction is aborted due to concurrent update against table %s", table)
}

// Unserved says that the real service has it and this one does not. It is the
// caller's error: a 501, as every 5xx, is tried again by some of the clients.
func Unserved(format string, args ...any) *Fault {
	return newFault(http.StatusBadRequest, "notImplemented", "The embedded BigQuery does not serve "+format, args)
}

// Precondition says that an ETag did not match.
func Precondition(format string, args ...any) *Fault {
	return newFault(http.StatusPreconditionFailed, "conditionNotMet", format, args)
}

// InUse says that a resource is not empty.
func InUse(format string, args ...any) *Fault {
	return newFault(http.StatusBadRequest, "resourceInUse", format, args)
}

// TooLarge says that a result exceeds what is kept.
func TooLarge(format string, args ...any) *Fault {
	return newFault(http.StatusForbidden, "responseTooLarge", format, args)
}

// TooExpensive says that a query would be billed more than it may.
func TooExpensive(limit, needed int64) *Fault {
	return newFault(http.StatusBadRequest, "bytesBilledLimitExceeded",
		"Query exceeded limit for bytes billed: %d. %d or higher required.", []any{limit, needed})
}

// QueueFull says that too many statements wait to change a table's rows.
func QueueFull(table string) *Fault {
	return newFault(http.StatusBadRequest, "resourcesExceeded",
		"Resources exceeded during query execution: Too many DML statements outstanding against table %s, limit is 20.", []any{table})
}

var (
	unknownColumn = regexp.MustCompile(`(?:Referenced (?:column|table) "([^"]+)" not found|Column "([^"]+)" referenced that exists in the SELECT clause)`)
	requiredField = regexp.MustCompile(`NOT NULL constraint failed: (?:[^.]+\.)*([^.]+)$`)
)

// Of turns any error into a fault. table is named by a conflict.
func Of(err error, table string) *Fault {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	if e, ok := errors.AsType[*dialect.Error](err); ok {
		if e.NotFound {
			return &Fault{Status: http.StatusNotFound, Reason: "notFound", Message: e.Message}
		}
		return Query("%s", e.Message)
	}
	if errors.Is(err, context.Canceled) {
		return &Fault{Status: 499, Reason: "stopped", Message: "Job execution was cancelled: User requested cancellation"}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Fault{Status: http.StatusBadRequest, Reason: "timeout", Message: "Job timed out"}
	}
	e, ok := errors.AsType[*engine.Error](err)
	if !ok {
		return &Fault{Status: http.StatusInternalServerError, Reason: "internalError", Message: err.Error()}
	}
	return ofEngine(e, table)
}

const retryable = "Error encountered during execution. Retrying may solve the problem."

// OfJob is Of for what a job ends with. What ails the disk ends a job for good, and who
// asks for it is told so, by 400: a 503 would have clients ask for its end for ever.
func OfJob(err error, table string) *Fault {
	if e, ok := errors.AsType[*engine.Error](err); ok && e.Class == engine.ClassUnavailable {
		return &Fault{Status: http.StatusBadRequest, Reason: "jobBackendError", Message: retryable}
	}
	return Of(err, table)
}

func ofEngine(e *engine.Error, table string) *Fault {
	switch e.Class {
	case engine.ClassConflict:
		return Conflict(table)
	case engine.ClassInterrupted:
		return &Fault{Status: 499, Reason: "stopped", Message: "Job execution was cancelled: User requested cancellation"}
	case engine.ClassNotFound:
		if name, ok := strings.CutPrefix(e.Message, "Table with name "); ok {
			return NotFound("Table %s", strings.SplitN(name, " ", 2)[0])
		}
		return Query("%s", e.Message)
	case engine.ClassConstraint:
		if m := requiredField.FindStringSubmatch(e.Message); m != nil {
			return Query("Required field %s cannot be null", m[1])
		}
		return Query("%s", e.Message)
	case engine.ClassQuery:
		if m := unknownColumn.FindStringSubmatch(e.Message); m != nil {
			return Query("Unrecognized name: %s", m[1]+m[2])
		}
		return Query("%s", e.Message)
	case engine.ClassUnavailable:
		return &Fault{Status: http.StatusServiceUnavailable, Reason: "backendError", Message: retryable}
	}
	return &Fault{Status: http.StatusInternalServerError, Reason: "internalError", Message: e.Message}
}

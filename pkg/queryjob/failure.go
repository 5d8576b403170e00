// Package queryjob is how services run BigQuery's query jobs: a job ends when nobody
// waits for it any more, and its failures are told apart by whether they may pass.
package queryjob

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
)

// passing are parts of messages of failures that the same query will not meet
// again. BigQuery reports a conflict as invalidQuery, so that only its words tell it
// from a mistake.
var passing = []string{
	"Transaction is aborted due to concurrent update",
	"Could not serialize access",
	// The job that is waited for is unknown to who is asked: whether it committed, the
	// tables tell the next attempt. A table that is not found is another matter.
	"Not found: Job",
}

// permanentReasons are BigQuery's reasons for failures that no retry can mend
// (cloud.google.com/bigquery/docs/error-messages). Not among them are duplicate, which
// the client meets when it repeats a job whose first reply was lost, and accessDenied,
// which somebody may lift meanwhile.
var permanentReasons = []string{
	"invalidQuery", "invalid", "notFound", "billingTierLimitExceeded", "resourcesExceeded", "responseTooLarge", "notImplemented",
}

// Permanent tells whether the same query will fail the same way again. What is not
// known to be permanent is taken for passing, as in an outage.
func Permanent(err error) bool {
	message := err.Error()
	for _, p := range passing {
		if strings.Contains(message, p) {
			return false
		}
	}
	if slices.ContainsFunc(permanentReasons, func(reason string) bool { return HasReason(err, reason) }) {
		return true
	}
	if _, ok := errors.AsType[*bigquery.Error](err); ok {
		return false
	}
	call, ok := errors.AsType[*googleapi.Error](err)
	return ok && call.Code == http.StatusBadRequest
}

// OverBudget tells whether BigQuery refused to run up a bill above what the query
// allows. That lasts until somebody allows more.
func OverBudget(err error) bool { return HasReason(err, "bytesBilledLimitExceeded") }

// answered tells whether BigQuery itself said what went wrong, rather than nothing.
func answered(err error) bool {
	if _, ok := errors.AsType[*bigquery.Error](err); ok {
		return true
	}
	call, ok := errors.AsType[*googleapi.Error](err)
	return ok && call.Code < http.StatusInternalServerError
}

// HasReason tells whether a failed job, or a call that was refused, gives a reason.
func HasReason(err error, reason string) bool {
	if job, ok := errors.AsType[*bigquery.Error](err); ok {
		return job.Reason == reason
	}
	call, ok := errors.AsType[*googleapi.Error](err)
	return ok && slices.ContainsFunc(call.Errors, func(e googleapi.ErrorItem) bool { return e.Reason == reason })
}

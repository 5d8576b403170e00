package warehouse

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
)

// fate is what becomes of a query that is run again.
type fate int

const (
	// passes: it may do better, sooner or later. So does every reason that is not
	// listed: an outage says nothing about the data.
	passes fate = iota
	// again: the job failed for BigQuery's own sake, and will do better at once under
	// a new id.
	again
	// fails: it will fail the same way, until its text, its parameters or its tables
	// are others.
	fails
	// costs: it will fail until it is allowed a greater bill.
	costs
)

// fates are those of BigQuery's reasons
// (cloud.google.com/bigquery/docs/error-messages), and why. The HTTP status tells
// nothing: a job that BigQuery lost comes as 400, like a mistake.
var fates = map[string]fate{
	"jobBackendError":      again, // the job failed by an error within BigQuery, which asks for a new id
	"jobInternalError":     again, // the same
	"jobRateLimitExceeded": again, // the same, by a limit of the moment
	"backendError":         again, // the job failed; Google: it can safely be run again
	"internalError":        again, // the same
	"tableUnavailable":     again, // the table's storage does not answer; Google: as internalError

	"rateLimitExceeded":           passes, // too many requests at the moment
	"quotaExceeded":               passes, // quotas fill up again, if not within minutes then within a day
	"timeout":                     passes, // it took longer than it may; on another day it does not
	"stopped":                     passes, // somebody cancelled the job, not the data
	"duplicate":                   passes, // the job's id is taken, by the first attempt at the same
	"resourceInUse":               passes, // until whatever is running ends
	"badRequest":                  passes, // rows streamed a moment ago cannot be changed yet
	"accessDenied":                passes, // somebody may grant it meanwhile
	"billingNotEnabled":           passes, // somebody may enable it
	"blocked":                     passes, // Google has stopped this kind of query for a time
	"invalidUser":                 passes, // credentials are renewed
	"proxyAuthenticationRequired": passes, // nothing came as far as BigQuery

	"invalidQuery":             fails, // the text is wrong, or an assertion in it does not hold
	"invalid":                  fails, // a parameter or a schema is
	"required":                 fails, // the request lacks a field
	"invalidParameter":         fails, // the request has a field that makes no sense
	"parseError":               fails, // the request cannot be read
	"attributeError":           fails, // code within the query is wrong
	"notFound":                 fails, // a table or dataset is missing, until somebody makes it
	"notImplemented":           fails, // BigQuery cannot do it
	"resourcesExceeded":        fails, // it is too much for one query: fewer files are less
	"responseTooLarge":         fails, // so is its result
	"billingTierLimitExceeded": fails, // so is its computation, per byte read

	"bytesBilledLimitExceeded": costs,
}

// conflicting are parts of the messages of failures of two statements that changed one table at the same time.
var conflicting = []string{"Transaction is aborted due to concurrent update", "Could not serialize access", "Too many DML statements outstanding"}

// conflicts tells whether a statement failed because of another that changed its table meanwhile: it
// has changed nothing.
func conflicts(err error) bool {
	message := err.Error()
	return slices.ContainsFunc(conflicting, func(part string) bool { return strings.Contains(message, part) })
}

// passing are parts of messages of failures that the same query will not meet
// again. BigQuery reports them under reasons that mean mistakes elsewhere, so that
// only its words tell one from the other.
var passing = slices.Concat(conflicting, []string{
	// The job that is waited for is unknown to who is asked: whether it committed, the
	// tables tell the next attempt. A table that is not found is another matter.
	"Not found: Job",
})

func fateOf(err error) fate {
	message := err.Error()
	for _, p := range passing {
		if strings.Contains(message, p) {
			return passes
		}
	}
	for _, reason := range reasonsOf(err) {
		if f := fates[reason]; f != passes {
			return f
		}
	}
	return passes
}

// Permanent tells whether the same query will fail the same way again. What is not
// known to be permanent is taken for passing, as in an outage.
func Permanent(err error) bool { return fateOf(err) == fails }

// OverBudget tells whether BigQuery refused to run up a bill above what the query
// allows. That lasts until somebody allows more.
func OverBudget(err error) bool { return fateOf(err) == costs }

// Raised tells which of some words a job ended itself with, by ERROR('word') in one of its
// statements, or "" if with none of them. BigQuery gives them in the failure's message alone.
func Raised(err error, words ...string) string {
	message := ""
	if job, ok := errors.AsType[*bigquery.Error](err); ok {
		message = job.Message
	} else if call, ok := errors.AsType[*googleapi.Error](err); ok {
		message = call.Message
	}
	said := strings.FieldsFunc(message, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range words {
		if slices.Contains(said, word) {
			return word
		}
	}
	return ""
}

// HasReason tells whether a failed job, or a call that was refused, gives a reason.
func HasReason(err error, reason string) bool { return slices.Contains(reasonsOf(err), reason) }

// reasonsOf are those that a failed job, or a call that was refused, gives.
func reasonsOf(err error) []string {
	if job, ok := errors.AsType[*bigquery.Error](err); ok {
		return []string{job.Reason}
	}
	call, ok := errors.AsType[*googleapi.Error](err)
	if !ok {
		return nil
	}
	reasons := make([]string, len(call.Errors))
	for i, item := range call.Errors {
		reasons[i] = item.Reason
	}
	return reasons
}

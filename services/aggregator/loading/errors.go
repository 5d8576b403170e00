package loading

import (
	"errors"
	"slices"
	"strings"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// passing are parts of messages of failures that the same transaction will not
// meet again. BigQuery reports a conflict as invalidQuery, so that only its words
// tell it from a mistake.
var passing = []string{
	"stale_fence",
	"Transaction is aborted due to concurrent update",
	"Could not serialize access",
	// The job that is waited for is unknown to who is asked: whether it committed, the
	// ledger tells the next attempt. A table that is not found is another matter.
	"Not found: Job",
}

// permanentReasons are BigQuery's reasons for failures that no retry can mend
// (cloud.google.com/bigquery/docs/error-messages). Not among them is duplicate: the
// client meets it when it repeats a job whose first reply was lost.
var permanentReasons = map[string]bool{
	"invalidQuery": true, "invalid": true, "notFound": true, "billingTierLimitExceeded": true,
	"resourcesExceeded": true, "responseTooLarge": true, "notImplemented": true,
}

// isOverBudget tells whether BigQuery refused to run up a bill above MAX_BYTES_BILLED.
// That is neither the files' fault nor passing: they wait until somebody decides.
func isOverBudget(err error) bool {
	const reason = "bytesBilledLimitExceeded"
	var job *bigquery.Error
	if errors.As(err, &job) {
		return job.Reason == reason
	}
	var call *googleapi.Error
	return errors.As(err, &call) && slices.ContainsFunc(call.Errors, func(e googleapi.ErrorItem) bool { return e.Reason == reason })
}

// isPermanent tells whether the same files will fail the same way again. What is
// not known to be permanent is taken for passing: an outage must not quarantine.
func isPermanent(err error) bool {
	message := err.Error()
	for _, p := range passing {
		if strings.Contains(message, p) {
			return false
		}
	}
	var job *bigquery.Error
	if errors.As(err, &job) {
		return permanentReasons[job.Reason]
	}
	var call *googleapi.Error
	if errors.As(err, &call) {
		for _, item := range call.Errors {
			if permanentReasons[item.Reason] {
				return true
			}
		}
		return call.Code == 400
	}
	return false
}

// isAnswer tells whether BigQuery itself said what went wrong, rather than nothing.
func isAnswer(err error) bool {
	var job *bigquery.Error
	var call *googleapi.Error
	return errors.As(err, &job) || errors.As(err, &call) && call.Code < 500
}

// culprit is the rule that a file broke whose transaction failed alone, and what
// a person should read about it.
func culprit(err error) (rule rules.ID, detail string) {
	message := err.Error()
	switch {
	case strings.Contains(message, string(rules.DuplicateOrders)):
		return rules.DuplicateOrders, "orders whose ids came before with other content; the findings name them"
	case strings.Contains(message, string(rules.LedgerImbalance)):
		return rules.LedgerImbalance, message
	default:
		return rules.TransactionFailed, message
	}
}

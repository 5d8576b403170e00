package daily

import (
	"errors"
	"net/http"
	"strings"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
)

// passing are parts of messages of failures that the same transaction will not
// meet again. BigQuery reports a conflict as invalidQuery, so that only its words
// tell it from a mistake.
var passing = []string{
	"Transaction is aborted due to concurrent update",
	"Could not serialize access",
}

// permanentReasons are BigQuery's reasons for failures that no retry can mend
// (cloud.google.com/bigquery/docs/error-messages).
var permanentReasons = map[string]bool{
	"invalidQuery": true, "invalid": true, "notFound": true, "accessDenied": true, "billingTierLimitExceeded": true,
	"bytesBilledLimitExceeded": true, "resourcesExceeded": true, "responseTooLarge": true, "notImplemented": true,
}

// isPermanent tells whether the same report will fail the same way again. What is
// not known to be permanent is taken for passing.
func isPermanent(err error) bool {
	message := err.Error()
	for _, p := range passing {
		if strings.Contains(message, p) {
			return false
		}
	}
	if errors.Is(err, storage.ErrBucketNotExist) {
		return true
	}
	if job, ok := errors.AsType[*bigquery.Error](err); ok {
		return permanentReasons[job.Reason]
	}
	if call, ok := errors.AsType[*googleapi.Error](err); ok {
		for _, item := range call.Errors {
			if permanentReasons[item.Reason] {
				return true
			}
		}
		return call.Code == http.StatusBadRequest || call.Code == http.StatusForbidden || call.Code == http.StatusNotFound
	}
	return false
}

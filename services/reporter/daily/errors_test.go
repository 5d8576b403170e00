package daily

import (
	"fmt"
	"testing"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
)

func TestWhatARunDoesNotWaitFor(t *testing.T) {
	t.Parallel()
	refused := func(code int, message, reason string) error {
		return fmt.Errorf("start: %w", &googleapi.Error{Code: code, Message: message, Errors: []googleapi.ErrorItem{{Reason: reason}}})
	}
	for name, tc := range map[string]struct {
		err  error
		want bool
	}{
		"mistake":       {&bigquery.Error{Reason: "invalidQuery", Message: "Unrecognized name: x"}, true},
		"another run":   {&bigquery.Error{Reason: "invalidQuery", Message: "Transaction is aborted due to concurrent update"}, false},
		"budget":        {refused(403, "", "bytesBilledLimitExceeded"), true},
		"no access":     {refused(403, "", "accessDenied"), true},
		"no object":     {refused(403, "", "forbidden"), true},
		"no bucket":     {fmt.Errorf("write: %w", storage.ErrBucketNotExist), true},
		"rate limit":    {refused(403, "", "rateLimitExceeded"), false},
		"job forgotten": {refused(404, "Not found: Job p:j", "notFound"), false},
		"changed":       {errChanged, false},
		"lost job":      {&bigquery.Error{Reason: "jobBackendError"}, false},
		"lost answer":   {refused(400, "", "jobInternalError"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := isPermanent(tc.err); got != tc.want {
				t.Errorf("isPermanent = %t, want %t", got, tc.want)
			}
		})
	}
}

package queryjob

import (
	"errors"
	"fmt"
	"testing"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
)

// refused is a call that was answered with a status and a reason.
func refused(code int, message, reason string) error {
	return &googleapi.Error{Code: code, Message: message, Errors: []googleapi.ErrorItem{{Reason: reason}}}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err                   error
		permanent, overBudget bool
	}{
		"conflict":              {err: &bigquery.Error{Reason: "invalidQuery", Message: "Transaction is aborted due to concurrent update against table p:d.t"}},
		"conflict of snapshots": {err: &bigquery.Error{Reason: "invalidQuery", Message: "Could not serialize access to table p:d.t due to concurrent update"}},
		"mistake":               {err: &bigquery.Error{Reason: "invalidQuery", Message: "Unrecognized name: x"}, permanent: true},
		"backend":               {err: &bigquery.Error{Reason: "backendError"}},
		"stopped":               {err: &bigquery.Error{Reason: "stopped"}},
		"over budget":           {err: &bigquery.Error{Reason: "bytesBilledLimitExceeded"}, overBudget: true},
		"call over budget":      {err: fmt.Errorf("start: %w", refused(403, "", "bytesBilledLimitExceeded")), overBudget: true},
		"rate limit":            {err: refused(403, "", "rateLimitExceeded")},
		"no access":             {err: refused(403, "", "accessDenied")},
		"unavailable":           {err: &googleapi.Error{Code: 503}},
		"bad request":           {err: refused(400, "", "invalid"), permanent: true},
		"wrapped bad request":   {err: fmt.Errorf("start: %w", &googleapi.Error{Code: 400}), permanent: true},
		"reply lost":            {err: refused(409, "", "duplicate")},
		"job forgotten":         {err: refused(404, "Not found: Job p:j", "notFound")},
		"table not found":       {err: refused(404, "Not found: Table p:d.t", "notFound"), permanent: true},
		"404 of a proxy":        {err: &googleapi.Error{Code: 404}},
		"broken connection":     {err: errors.New("connection refused")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Permanent(tc.err); got != tc.permanent {
				t.Errorf("Permanent = %t, want %t", got, tc.permanent)
			}
			if got := OverBudget(tc.err); got != tc.overBudget {
				t.Errorf("OverBudget = %t, want %t", got, tc.overBudget)
			}
		})
	}
}

package warehouse

import (
	"errors"
	"fmt"
	"strings"
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
		"wrapped bad request":   {err: fmt.Errorf("start: %w", refused(400, "", "invalid")), permanent: true},
		"400 of a proxy":        {err: &googleapi.Error{Code: 400}},
		"unknown reason":        {err: refused(400, "", "somethingNew")},
		"too many DML jobs":     {err: &bigquery.Error{Reason: "resourcesExceeded", Message: "Too many DML statements outstanding against table p:d.t, limit is 20."}},
		"too much for a query":  {err: &bigquery.Error{Reason: "resourcesExceeded"}, permanent: true},
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

// TestReasons holds each reason of BigQuery's error table to be known, whether it comes
// with a job or with a call, and whatever the call's status is.
func TestReasons(t *testing.T) {
	t.Parallel()
	const (
		pass   = "accessDenied badRequest billingNotEnabled blocked duplicate invalidUser proxyAuthenticationRequired quotaExceeded rateLimitExceeded resourceInUse stopped timeout somethingNew"
		anew   = "backendError internalError jobBackendError jobInternalError jobRateLimitExceeded tableUnavailable"
		fail   = "attributeError billingTierLimitExceeded invalid invalidQuery notFound notImplemented resourcesExceeded responseTooLarge"
		budget = "bytesBilledLimitExceeded"
	)
	for want, reasons := range map[fate]string{passes: pass, again: anew, fails: fail, costs: budget} {
		for reason := range strings.FieldsSeq(reasons) {
			for kind, err := range map[string]error{
				"job":  fmt.Errorf("transaction: %w", &bigquery.Error{Reason: reason}),
				"call": fmt.Errorf("start: %w", refused(400, "", reason)),
			} {
				if got := fateOf(err); got != want {
					t.Errorf("%s of a %s: fate %d, want %d", reason, kind, got, want)
				}
			}
		}
	}
}

// TestRaised: the words that statements end a job with are told apart as whole words, and
// only in what BigQuery itself says of the job.
func TestRaised(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"alone":             {&bigquery.Error{Reason: "invalidQuery", Message: "stale_fence"}, "stale_fence"},
		"with a place":      {fmt.Errorf("wait: %w", &bigquery.Error{Message: "Query error: ledger_imbalance at [1:2]"}), "ledger_imbalance"},
		"of a call":         {refused(400, "Query error: stale_fence; in a script", "invalidQuery"), "stale_fence"},
		"another":           {&bigquery.Error{Message: "duplicate_orders"}, ""},
		"part of a word":    {&bigquery.Error{Message: "no column stale_fence_id, nor unstale_fence"}, ""},
		"said by ourselves": {fmt.Errorf("stale_fence: %w", &bigquery.Error{Message: "no"}), ""},
		"no job's":          {errors.New("stale_fence"), ""},
		"nothing":           {nil, ""},
	} {
		if got := Raised(tc.err, "stale_fence", "ledger_imbalance"); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

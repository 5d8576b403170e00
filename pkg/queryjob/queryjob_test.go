package queryjob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
)

// A job that takes too long is ended, and what it was billed until then is known; one of
// which BigQuery has said that it failed is asked for; and where BigQuery does not answer,
// nothing is asked.
func TestFailed(t *testing.T) {
	t.Parallel()
	expired, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for name, tt := range map[string]struct {
		ctx   context.Context
		cause error
		calls string
		known bool
	}{
		"too long":  {expired, context.DeadlineExceeded, "POST cancel, GET result, GET job", true},
		"refused":   {t.Context(), &googleapi.Error{Code: 400}, "GET job", true},
		"failed":    {t.Context(), &bigquery.Error{Reason: "invalidQuery"}, "GET job", true},
		"no answer": {t.Context(), errors.New("connection refused"), "", false},
		"outage":    {t.Context(), &googleapi.Error{Code: 503}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const stopped = `{"reason": "stopped", "message": "Job execution was cancelled"}`
			const job = `{"jobReference": {"projectId": "p", "jobId": "j", "location": "US"}, "configuration": {"query": {}},
				"status": {"state": "DONE", "errorResult": ` + stopped + `}, "statistics": {"query": {"totalBytesBilled": "123"}}}`
			var calls []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				switch r.Method + " " + r.URL.Path {
				case "POST /projects/p/jobs/j/cancel":
					calls = append(calls, "POST cancel")
					fmt.Fprint(w, `{"job": `+job+`}`)
				case "GET /projects/p/queries/j":
					calls = append(calls, "GET result")
					w.WriteHeader(http.StatusBadRequest)
					fmt.Fprint(w, `{"error": {"code": 400, "message": "stopped", "errors": [`+stopped+`]}}`)
				case "GET /projects/p/jobs/j":
					calls = append(calls, "GET job")
					fmt.Fprint(w, job)
				default:
					http.NotFound(w, r)
				}
			}))
			defer server.Close()
			client, err := bigquery.NewClient(t.Context(), "p", option.WithEndpoint(server.URL+"/"), option.WithoutAuthentication())
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			started, err := client.JobFromIDLocation(t.Context(), "j", "US")
			if err != nil {
				t.Fatal(err)
			}
			calls = nil
			if got := failed(tt.ctx, started, tt.cause); (got != nil) != tt.known {
				t.Errorf("status %v, want one: %t", got, tt.known)
			} else if got != nil && got.Statistics.Details.(*bigquery.QueryStatistics).TotalBytesBilled != 123 {
				t.Errorf("statistics %v", got.Statistics)
			}
			if got := strings.Join(calls, ", "); got != tt.calls {
				t.Errorf("calls %q, want %q", got, tt.calls)
			}
		})
	}
}

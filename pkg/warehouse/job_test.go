package warehouse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// server is a BigQuery of one job, whose answers the test chooses, by the call. An
// answer is a status and a body; of several the last stays.
type server struct {
	mu      sync.Mutex
	answers map[string][]string
	calls   []string
}

const reference = `"jobReference": {"projectId": "p", "jobId": "j", "location": "US"}, "configuration": {"query": {}}, "statistics": {"query": {"totalBytesBilled": "123"}}`

func running() string { return `200 {` + reference + `, "status": {"state": "RUNNING"}}` }

func done(reason string) string {
	failure := ""
	if reason != "" {
		failure = `, "errorResult": {"reason": "` + reason + `"}`
	}
	return `200 {` + reference + `, "status": {"state": "DONE"` + failure + `}}`
}

func refusal(status int, reason string) string {
	return fmt.Sprintf(`%d {"error": {"code": %d, "message": "no", "errors": [{"reason": %q}]}}`, status, status, reason)
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := map[string]string{"POST /projects/p/jobs": "insert", "POST /projects/p/jobs/j/cancel": "cancel"}[r.Method+" "+r.URL.Path]
	switch {
	case call != "":
	case strings.HasPrefix(r.URL.Path, "/projects/p/jobs/"):
		call = "get"
	case strings.HasPrefix(r.URL.Path, "/projects/p/queries/"):
		call = "results"
	}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	answers := s.answers[call]
	if len(answers) > 1 {
		s.answers[call] = answers[1:]
	}
	s.mu.Unlock()
	if len(answers) == 0 {
		http.NotFound(w, r)
		return
	}
	status, body := 0, answers[0][4:]
	if _, err := fmt.Sscan(answers[0][:3], &status); err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

// asked are the calls so far.
func (s *server) asked() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.calls, " ")
}

func (s *server) client(t *testing.T) *bigquery.Client {
	t.Helper()
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	client, err := bigquery.NewClient(t.Context(), "p", option.WithEndpoint(listening.URL+"/"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

const noRows = `200 {"jobComplete": true, "schema": {"fields": []}, "totalRows": "0"}`

// TestCalls tells what is asked of BigQuery, and what it comes to: by whom a job is
// waited for, and when it has ended, refused, lost its answer or taken too long.
func TestCalls(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answers map[string][]string
		reads   bool
		calls   string
		reason  string // of the error
		billed  bool
	}{
		"done": {
			answers: map[string][]string{"insert": {running()}, "get": {running(), done("")}},
			calls:   "insert get get", billed: true,
		},
		"failed by a mistake": {
			answers: map[string][]string{"insert": {running()}, "get": {done("invalidQuery")}},
			calls:   "insert get", reason: "invalidQuery", billed: true,
		},
		// The client's own Job.Wait asks on for these.
		"failed for BigQuery's sake": {
			answers: map[string][]string{"insert": {running()}, "get": {done("internalError")}},
			calls:   "insert get", reason: "internalError", billed: true,
		},
		"not begun": {
			answers: map[string][]string{"insert": {refusal(400, "jobInternalError")}},
			calls:   "insert", reason: "jobInternalError",
		},
		"begun without our knowledge": {
			answers: map[string][]string{"insert": {refusal(503, "backendError"), refusal(409, "duplicate")}, "get": {done("")}},
			calls:   "insert insert get get", billed: true,
		},
		"refused to tell": {
			answers: map[string][]string{"insert": {running()}, "get": {refusal(403, "accessDenied")}},
			calls:   "insert get", reason: "accessDenied",
		},
		"rows": {
			answers: map[string][]string{"insert": {running()}, "get": {running(), done("")}, "results": {noRows}},
			reads:   true, calls: "insert get get results",
		},
		"rows, by another job": {
			answers: map[string][]string{"insert": {running()}, "get": {done("jobBackendError"), done("")}, "results": {refusal(400, "jobInternalError"), noRows}},
			reads:   true, calls: "insert get insert get results insert get results",
		},
		"no rows, after some jobs": {
			answers: map[string][]string{"insert": {running()}, "get": {done("tableUnavailable")}},
			reads:   true, calls: "insert get insert get insert get insert get", reason: "tableUnavailable",
		},
		"no rows, by a mistake": {
			answers: map[string][]string{"insert": {running()}, "get": {done("invalidQuery")}},
			reads:   true, calls: "insert get", reason: "invalidQuery",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answers: tt.answers}
			client := s.client(t)
			var status *bigquery.JobStatus
			var err error
			if tt.reads {
				_, err = read(t.Context(), client, client.Query("SELECT 1"))
			} else {
				status, err = wait(t.Context(), client, client.Query("SELECT 1"))
			}
			if tt.reason == "" && err != nil || tt.reason != "" && !HasReason(err, tt.reason) {
				t.Errorf("error %v, want reason %q", err, tt.reason)
			}
			if got := s.asked(); got != tt.calls {
				t.Errorf("calls %q, want %q", got, tt.calls)
			}
			if (status != nil) != tt.billed {
				t.Errorf("status %v, want one: %t", status, tt.billed)
			} else if tt.billed && status.Statistics.Details.(*bigquery.QueryStatistics).TotalBytesBilled != 123 {
				t.Errorf("statistics %v", status.Statistics)
			}
		})
	}
}

// TestAbandon: a job that takes too long is ended, and what it was billed until then is
// known; of one that BigQuery does not tell of, nothing is asked.
func TestAbandon(t *testing.T) {
	t.Parallel()
	expired, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for name, tt := range map[string]struct {
		ctx   context.Context
		calls string
	}{
		"too long":  {expired, "cancel get"},
		"no answer": {t.Context(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answers: map[string][]string{"cancel": {`200 {}`}, "get": {done("stopped")}}}
			job, err := s.client(t).JobFromIDLocation(t.Context(), "j", "US")
			if err != nil {
				t.Fatal(err)
			}
			before := s.asked()
			if status := abandon(tt.ctx, job); (status != nil) != (tt.calls != "") {
				t.Errorf("status %v", status)
			}
			if got := strings.TrimSpace(strings.TrimPrefix(s.asked(), before)); got != tt.calls {
				t.Errorf("calls %q, want %q", got, tt.calls)
			}
		})
	}
}

// TestPersist: what fails for another's sake than BigQuery's is not tried again.
func TestPersist(t *testing.T) {
	t.Parallel()
	lost := func(err error) bool { return fateOf(err) == again }
	for reason, want := range map[string]int{"jobInternalError": attempts, "timeout": 1, "quotaExceeded": 1, "invalidQuery": 1} {
		tries := 0
		err := persist(t.Context(), lost, func() error {
			tries++
			return &bigquery.Error{Reason: reason}
		})
		if tries != want || !HasReason(err, reason) {
			t.Errorf("%s: %d attempts, want %d; error %v", reason, tries, want, err)
		}
	}
	tries := 0
	if err := persist(t.Context(), lost, func() error {
		if tries++; tries == 1 {
			return &googleapi.Error{Code: 400, Errors: []googleapi.ErrorItem{{Reason: "jobBackendError"}}}
		}
		return nil
	}); err != nil || tries != 2 {
		t.Errorf("%d attempts, error %v", tries, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := persist(ended, lost, func() error { return &bigquery.Error{Reason: "jobBackendError"} }); !errors.As(err, new(*bigquery.Error)) {
		t.Errorf("the failure is lost: %v", err)
	}
}

// TestRunRepeatable: of two that change a table at the same time the one that is refused tries again.
func TestRunRepeatable(t *testing.T) {
	t.Parallel()
	conflict := strings.Replace(done("invalidQuery"), `"reason": "invalidQuery"`, `"reason": "invalidQuery", "message": "Could not serialize access to table p:d.t due to concurrent update"`, 1)
	for name, tt := range map[string]struct {
		answers []string
		runs    int
		fails   bool
	}{
		"conflict":  {[]string{conflict, done("")}, 2, false},
		"conflicts": {[]string{conflict}, attempts, true},
		"mistake":   {[]string{done("invalidQuery")}, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answers: map[string][]string{"insert": {running()}, "get": tt.answers}}
			c := &Client{BigQuery: s.client(t), Dataset: "d"}
			err := c.RunRepeatable(t.Context(), sql.Statement{Name: "operations/x", Text: "DELETE FROM t WHERE TRUE"}, nil)
			if (err != nil) != tt.fails || strings.Count(s.asked(), "insert") != tt.runs {
				t.Errorf("%q, error %v; want %d runs", s.asked(), err, tt.runs)
			}
		})
	}
}

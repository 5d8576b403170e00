package bigqueryfront_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/conformance"
)

// What no document of BigQuery's answers, and this front had to decide. Run against BigQuery
// itself, what fails here is an answer: the front is to be changed, and what rests on it looked at.

// testWhereConflictsAreFound asks when of two transactions that change one row the later is
// refused: where it changes the row, or only where it commits. The pipeline is right either
// way; with the latter it does a transaction's work in vain.
func testWhereConflictsAreFound(t *testing.T, f *front) {
	f.mustQuery(t, "CREATE TABLE fence (id INT64, epoch INT64)")
	f.mustQuery(t, "INSERT INTO fence VALUES (1, 0)")
	const script = `BEGIN TRANSACTION;
UPDATE fence SET epoch = epoch + 1 WHERE id = 1;
CREATE TEMP TABLE work AS SELECT x FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS x;
COMMIT TRANSACTION`
	var (
		mu      sync.Mutex
		refused []string
		wg      sync.WaitGroup
	)
	for range 4 {
		wg.Go(func() {
			for range 10 {
				if _, err := f.query(context.WithoutCancel(t.Context()), script); err != nil {
					mu.Lock()
					refused = append(refused, err.Error())
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	for _, text := range refused {
		if !strings.Contains(text, "at [2:1]") {
			t.Errorf("refused elsewhere than where it changes the row: %s", text)
		}
	}
	if len(refused) == 0 {
		t.Log("no transaction met another")
	}
}

// leastBilled is what a statement that reads a table is billed at least, in bytes.
const leastBilled = 10 << 20

// small makes a table whose size estimates know of.
func (f *front) small(t *testing.T) {
	t.Helper()
	f.mustQuery(t, "CREATE TABLE t (a INT64)")
	f.mustQuery(t, "INSERT INTO t (a) SELECT x FROM UNNEST(GENERATE_ARRAY(1, 1000)) AS x")
	ctx, cancel := context.WithTimeout(t.Context(), target.Patience)
	defer cancel()
	for {
		q := f.client.Query("SELECT a FROM t")
		q.DefaultProjectID, q.DefaultDatasetID, q.DryRun = f.project, f.dataset, true
		job, err := q.Run(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if job.LastStatus().Statistics.TotalBytesProcessed > 0 {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("the estimate stays 0")
		}
	}
}

// testBytesBilledOfScripts asks what maximumBytesBilled of a script limits: each statement, or
// all of them together, and whether the least that a statement is billed counts for each.
func testBytesBilledOfScripts(t *testing.T, f *front) {
	f.small(t)
	const two = "SELECT COUNT(*) FROM t; SELECT SUM(a) FROM t"
	for _, c := range []struct {
		name    string
		limit   int64
		refused bool
	}{
		{"less than the first statement", leastBilled - 1, true},
		{"enough for each, by the least, but not for both", leastBilled + leastBilled/2, false},
		{"enough for both", 2 * leastBilled, false},
	} {
		q := f.client.Query(two)
		q.DefaultProjectID, q.DefaultDatasetID, q.MaxBytesBilled = f.project, f.dataset, c.limit
		_, err := q.Read(t.Context())
		if c.refused != (reason(err) == "bytesBilledLimitExceeded") || !c.refused && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// testStatusOfBytesBilledLimit asks with which HTTP status a query that would be billed too much
// is refused, by each call that may tell of it.
func testStatusOfBytesBilledLimit(t *testing.T, f *front) {
	f.small(t)
	for call, id := range map[string]string{"jobs.query": "", "jobs.insert": conformance.Name("limited")} {
		for kind, text := range map[string]string{"statement": "SELECT COUNT(*) FROM t", "script": "SELECT 1; SELECT COUNT(*) FROM t"} {
			q := f.client.Query(text)
			q.DefaultProjectID, q.DefaultDatasetID, q.MaxBytesBilled = f.project, f.dataset, leastBilled-1
			if id != "" {
				q.JobID = fmt.Sprintf("%s_%s", id, kind)
			}
			_, err := q.Read(t.Context())
			if e := apiError(err); reason(err) != "bytesBilledLimitExceeded" || e.Code != http.StatusBadRequest {
				t.Errorf("%s of a %s: %v", call, kind, err)
			}
		}
	}
	// The job itself says so, too, whatever the call answered.
	q := f.client.Query("SELECT COUNT(*) FROM t")
	q.DefaultProjectID, q.DefaultDatasetID, q.MaxBytesBilled, q.JobID = f.project, f.dataset, leastBilled-1, conformance.Name("limited")
	job, err := q.Run(t.Context())
	if reason(err) == "bytesBilledLimitExceeded" {
		return // it was refused before there was a job
	}
	if err != nil {
		t.Fatal(err)
	}
	status, err := job.Wait(t.Context())
	if err == nil {
		err = status.Err()
	}
	var ended *bigquery.Error
	if errors.As(err, &ended) && ended.Reason == "bytesBilledLimitExceeded" || reason(err) == "bytesBilledLimitExceeded" {
		return
	}
	t.Errorf("the job ended with %v", err)
}

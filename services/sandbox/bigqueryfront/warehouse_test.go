package bigqueryfront_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// endless takes longer than any test.
const endless = "SELECT COUNT(*) AS n FROM UNNEST(GENERATE_ARRAY(1, 200000)) AS a CROSS JOIN UNNEST(GENERATE_ARRAY(1, 200000)) AS b WHERE MOD(a * b, 7) = 3"

// TestJobsEndWithTheirContext ends the wait for a long job in each way, and finds the
// job stopped and the table free that its transaction held.
func TestJobsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	holding := "BEGIN TRANSACTION; UPDATE t SET a = a + 1 WHERE TRUE; CREATE TEMP TABLE c AS " + endless + "; COMMIT TRANSACTION;"
	wait := func(ctx context.Context, client *warehouse.Client, s sql.Statement) error {
		_, err := client.Run(ctx, s, nil)
		return err
	}
	read := func(ctx context.Context, client *warehouse.Client, s sql.Statement) error {
		_, err := warehouse.Query[[]bigquery.Value](ctx, client, s, nil)
		return err
	}
	for name, tc := range map[string]struct {
		text  string
		ended int // statements before the long one
		run   func(context.Context, *warehouse.Client, sql.Statement) error
		// expires: the deadline is the context's own, not somebody's decision.
		expires bool
	}{
		"a read, cancelled":         {endless, 0, read, false},
		"a read, out of time":       {endless, 0, read, true},
		"a transaction, cancelled":  {holding, 2, wait, false},
		"a transaction out of time": {holding, 2, wait, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFront(t)
			f.mustQuery(t, "CREATE TABLE t (a INT64)")
			f.mustQuery(t, "INSERT INTO t VALUES (1)")
			ctx, cancel := context.WithCancel(t.Context())
			want := context.Canceled
			if tc.expires {
				ctx, cancel = context.WithTimeout(t.Context(), time.Second)
				want = context.DeadlineExceeded
			}
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- tc.run(ctx, f.asking(), sql.Statement{Name: "script", Text: tc.text}) }()
			job := f.awaitJob(t, tc.ended)
			if !tc.expires {
				cancel()
			}
			// Out of time are both at once; who notices first may be the job.
			if err := <-ended; !errors.Is(err, want) && !(tc.expires && reason(err) == "timeout") {
				t.Errorf("error of the wait: %v", err)
			}
			end, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			if _, err := job.Wait(end); reason(err) != "stopped" && reason(err) != "timeout" {
				t.Errorf("the job: %v", err)
			}
			if tc.text == holding {
				if _, err := f.query(end, "BEGIN TRANSACTION; UPDATE t SET a = a + 1 WHERE TRUE; COMMIT TRANSACTION;"); err != nil {
					t.Errorf("the next transaction: %v", err)
				}
				if rows := f.mustQuery(t, "SELECT a FROM t"); len(rows) != 1 || rows[0][0] != int64(2) {
					t.Errorf("rows after it: %v", rows)
				}
			}
		})
	}
}

// TestOneJobOfAnID: of several that claim an id one begins a job, which is left running when
// its caller ends, found by the others, and ended when somebody says so.
func TestOneJobOfAnID(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id := func(n int64) string { return fmt.Sprintf("claimed_%s_%d", f.dataset, n) }
	claim := func(ctx context.Context, n int64) (*bigquery.Job, bool) {
		t.Helper()
		job, ours, err := f.asking().Claim(ctx, sql.Statement{Name: "endless", Text: endless}, nil, id(n))
		if err != nil {
			t.Fatal(err)
		}
		return job, ours
	}
	ctx, cancel := context.WithCancel(t.Context())
	first, ours := claim(ctx, 0)
	if !ours {
		t.Fatal("a free id is another's")
	}
	cancel()
	if status, err := warehouse.Await(ctx, first); !errors.Is(err, context.Canceled) {
		t.Errorf("status %v, error %v", status, err)
	}
	second, ours := claim(t.Context(), 0)
	if ours || second.ID() != first.ID() || second.LastStatus().Done() {
		t.Errorf("ours %t, the job is %s, done %t", ours, second.ID(), second.LastStatus().Done())
	}
	ended := warehouse.End(ctx, second)
	if ended == nil || !warehouse.HasReason(ended.Err(), "stopped") || warehouse.Ran(ended) <= 0 {
		t.Errorf("the job ended so: %+v", ended)
	}
	next, err := f.asking().FirstFree(t.Context(), 0, id)
	if err != nil || next != 1 {
		t.Errorf("the first free number is %d, error %v", next, err)
	}
	if third, ours := claim(t.Context(), next); !ours {
		t.Error("the next id is another's")
	} else {
		warehouse.End(t.Context(), third)
	}
}

// TestKilledJobsEndByThemselves holds that a job is given the time that its caller has.
func TestKilledJobsEndByThemselves(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	rows, err := warehouse.Query[[]bigquery.Value](ctx, f.asking(), sql.Statement{Text: "SELECT 1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	job, err := f.client.JobFromID(ctx, rows.Job().ID())
	if err != nil {
		t.Fatal(err)
	}
	config, err := job.Config()
	if err != nil {
		t.Fatal(err)
	}
	if limit := config.(*bigquery.QueryConfig).JobTimeout; limit <= 0 || limit > time.Hour {
		t.Errorf("the job may take %v of an hour", limit)
	}
}

// awaitJob waits until a job that somebody has named is there and, if it is a script,
// has ended as many statements; or is over, on a machine that was too slow for them.
func (f *front) awaitJob(t *testing.T, ended int) *bigquery.Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		for jobs := f.client.Jobs(ctx); ; {
			job, err := jobs.Next()
			if errors.Is(err, iterator.Done) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(job.ID(), "query_") {
				continue
			}
			status, err := job.Status(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if status.Statistics.NumChildJobs >= int64(ended) || status.Done() {
				return job
			}
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("no such job has begun")
		}
	}
}

// Package e2e runs the whole pipeline, services and embedded cloud, in the test's
// process and on free ports, and holds what arrives in the warehouse against what
// an independent model computes from the files.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/model"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// deadline bounds a wait; nothing here takes a tenth of it on an idle machine.
const deadline = time.Minute

// maxDeactivateShare is the service's default.
const maxDeactivateShare = 0.2

// pipeline is a running sandbox, in this process or another, and what a test
// needs of it.
type pipeline struct {
	endpoints cloud.Config
	dashboard string // URL of the reporter
	bigquery  *bigquery.Client
	storage   *storage.Client
	policy    model.Policy // what the model is told of the services' configuration
}

// connect opens clients to a sandbox; they are closed with the test.
func connect(t *testing.T, endpoints cloud.Config, dashboard string) *pipeline {
	t.Helper()
	p := &pipeline{endpoints: endpoints, dashboard: dashboard, policy: model.Policy{MaxDeactivateShare: maxDeactivateShare}}
	var err error
	if p.bigquery, err = endpoints.NewBigQuery(context.Background()); err != nil {
		t.Fatal(err)
	}
	if p.storage, err = endpoints.NewStorage(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(p.bigquery.Close(), p.storage.Close()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// newConfig is a sandbox on free ports that does nothing by itself.
func newConfig(dir, services string) stack.Config {
	return stack.Config{
		DataDir: dir, Services: services, GenerateInterval: time.Hour, GenerateOrders: 1,
		Replicas: 1, DuplicatePolicy: loading.RejectOrder, MaxDeactivateShare: maxDeactivateShare,
	}
}

// start runs a sandbox with the given services in this process until the test ends.
func start(t *testing.T, services string) *pipeline {
	t.Helper()
	return startWith(t, newConfig(t.TempDir(), services))
}

// startWith is start with a configuration of the test's own.
func startWith(t *testing.T, config stack.Config) *pipeline {
	t.Helper()
	s, _ := startStack(t, config)
	return connect(t, s.Endpoints(), s.DashboardURL())
}

// startStack runs a sandbox until the test ends, or until it is stopped before.
func startStack(t *testing.T, config stack.Config) (_ *stack.Stack, stop func()) {
	t.Helper()
	dir := config.DataDir
	log, closeLog, err := stack.OpenLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := stack.Start(t.Context(), config, log)
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		if err := errors.Join(s.Close(), closeLog()); err != nil {
			t.Errorf("close the sandbox: %v", err)
		}
	})
	t.Cleanup(func() {
		stop()
		failOnPanics(t, dir)
		if t.Failed() {
			dumpLog(t, dir)
		}
	})
	return s, stop
}

func (p *pipeline) bucket() *storage.BucketHandle { return p.storage.Bucket(p.endpoints.Bucket) }

// failOnPanics fails the test for a panic that the embedded cloud survived.
func failOnPanics(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "sandbox.log"))
	if err != nil {
		t.Error(err)
	}
	if strings.Contains(string(text), `"request panicked"`) {
		t.Error("a request made the embedded cloud panic")
	}
}

// dumpLog shows the warnings of a failed test.
func dumpLog(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "sandbox.log"))
	if err != nil {
		t.Log(err)
		return
	}
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, `"severity":"INFO"`) {
			t.Log(line)
		}
	}
}

// land uploads a file to landing/ and returns the object's generation.
func (p *pipeline) land(t *testing.T, name string, content []byte) int64 {
	t.Helper()
	w := p.bucket().Object("landing/" + name).NewWriter(t.Context())
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Attrs().Generation
}

// await polls until done says so.
func await(t *testing.T, what string, done func() (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	for {
		ok, err := done()
		if ok {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s: not within %v (last error: %v)", what, deadline, err)
		}
	}
}

// awaitFiles waits until the ledger holds n files and all of them are put away.
func (p *pipeline) awaitFiles(t *testing.T, n int) {
	t.Helper()
	await(t, fmt.Sprintf("%d files in the ledger", n), func() (bool, error) {
		rows, err := p.query(t, "SELECT COUNT(*) FROM file_ledger")
		return err == nil && rows[0][0] == int64(n), err
	})
	await(t, "landing/ and staging/ empty", func() (bool, error) {
		for _, prefix := range []string{"landing/", "staging/"} {
			_, err := p.bucket().Objects(t.Context(), &storage.Query{Prefix: prefix}).Next()
			if !errors.Is(err, iterator.Done) {
				return false, err
			}
		}
		return true, nil
	})
}

// query runs a statement against the dataset.
func (p *pipeline) query(t *testing.T, text string) ([][]bigquery.Value, error) {
	t.Helper()
	q := p.bigquery.Query(text)
	q.DefaultDatasetID = p.endpoints.Dataset
	it, err := q.Read(t.Context())
	if err != nil {
		return nil, err
	}
	var rows [][]bigquery.Value
	for {
		var row []bigquery.Value
		err := it.Next(&row)
		if errors.Is(err, iterator.Done) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
}

func (p *pipeline) mustQuery(t *testing.T, text string) [][]bigquery.Value {
	t.Helper()
	rows, err := p.query(t, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return rows
}

// text renders rows one per line, values exact, for comparison.
func text(rows [][]bigquery.Value) string {
	var out strings.Builder
	for _, row := range rows {
		for i, v := range row {
			if i > 0 {
				out.WriteByte('|')
			}
			out.WriteString(valueText(v))
		}
		out.WriteByte('\n')
	}
	return out.String()
}

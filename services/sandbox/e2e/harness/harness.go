// Package e2e runs the whole pipeline, services and embedded cloud, in the test's
// process and on free ports, and holds what arrives in the warehouse against what
// an independent model computes from the files.
package harness

import (
	"context"
	"errors"
	"flag"
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
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// Deadline bounds a wait; nothing here takes a tenth of it on an idle machine. On a busy
// one, tests that are run by hand may be given more: -deadline 10m.
var Deadline = flag.Duration("deadline", 3*time.Minute, "how long a test may wait for one thing")

// The service's defaults.
const (
	maxDeactivateShare = 0.2
	maxFindings        = 100
)

// Pipeline is a running sandbox, in this process or another, and what a test
// needs of it.
type Pipeline struct {
	Endpoints cloud.Config
	Dashboard string // URL of the reporter
	Bigquery  *bigquery.Client
	Storage   *storage.Client
	Policy    reference.Policy // what the model is told of the services' configuration
}

// Connect opens clients to a sandbox; they are closed with the test.
func Connect(t *testing.T, endpoints cloud.Config, dashboard string) *Pipeline {
	t.Helper()
	p := &Pipeline{Endpoints: endpoints, Dashboard: dashboard, Policy: reference.Policy{MaxDeactivateShare: maxDeactivateShare, MaxFindings: maxFindings}}
	var err error
	if p.Bigquery, err = endpoints.NewBigQuery(context.Background()); err != nil {
		t.Fatal(err)
	}
	if p.Storage, err = endpoints.NewStorage(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.failOnUnlabelled(t)
		if err := errors.Join(p.Bigquery.Close(), p.Storage.Close()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// NewConfig is a sandbox on free ports that does nothing by itself.
func NewConfig(dir, services string) stack.Config {
	return stack.Config{
		DataDir: dir, Services: services, GenerateInterval: time.Hour, GenerateOrders: 1,
		Replicas: 1, Variables: make(map[string]string),
	}
}

// Start runs a sandbox with the given services in this process until the test ends.
func Start(t *testing.T, services string) *Pipeline {
	t.Helper()
	return StartWith(t, NewConfig(t.TempDir(), services))
}

// StartWith is start with a configuration of the test's own.
func StartWith(t *testing.T, config stack.Config) *Pipeline {
	t.Helper()
	s, _ := StartStack(t, config)
	return Connect(t, s.Endpoints(), s.DashboardURL())
}

// StartStack runs a sandbox until the test ends, or until it is stopped before.
func StartStack(t *testing.T, config stack.Config) (_ *stack.Stack, stop func()) {
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

func (p *Pipeline) Bucket() *storage.BucketHandle { return p.Storage.Bucket(p.Endpoints.Bucket) }

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

// Land uploads a file to landing/ and returns the object's generation.
func (p *Pipeline) Land(t *testing.T, name string, content []byte) int64 {
	t.Helper()
	w := p.Bucket().Object("landing/" + name).NewWriter(t.Context())
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Attrs().Generation
}

// Await polls until done says so.
func Await(t *testing.T, what string, done func() (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), *Deadline)
	defer cancel()
	for {
		ok, err := done()
		if ok {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s: not within %v (last error: %v)", what, *Deadline, err)
		}
	}
}

// AwaitFiles waits until the ledger holds n files and all of them are put away.
func (p *Pipeline) AwaitFiles(t *testing.T, n int) {
	t.Helper()
	Await(t, fmt.Sprintf("%d files in the ledger", n), func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM file_ledger")
		return err == nil && rows[0][0] == int64(n), err
	})
	Await(t, "landing/ and staging/ empty", func() (bool, error) {
		for _, prefix := range []string{"landing/", "staging/"} {
			_, err := p.Bucket().Objects(t.Context(), &storage.Query{Prefix: prefix}).Next()
			if !errors.Is(err, iterator.Done) {
				return false, err
			}
		}
		return true, nil
	})
}

// Query runs a statement against the dataset.
func (p *Pipeline) Query(t *testing.T, text string) ([][]bigquery.Value, error) {
	t.Helper()
	q := p.Bigquery.Query(text)
	q.DefaultDatasetID = p.Endpoints.Dataset
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

func (p *Pipeline) MustQuery(t *testing.T, text string) [][]bigquery.Value {
	t.Helper()
	rows, err := p.Query(t, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return rows
}

// Text renders rows one per line, values exact, for comparison.
func Text(rows [][]bigquery.Value) string {
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

// Main is the TestMain of every package of end-to-end tests. Some tests start their own
// binary once more as a process that they can kill: the environment says as what.
func Main(m *testing.M) {
	if dir := os.Getenv(processDir); dir != "" {
		os.Exit(beSandbox(dir))
	}
	if os.Getenv(ProcessParser) != "" {
		os.Exit(beParser())
	}
	if date := os.Getenv(reportsDate); date != "" {
		os.Exit(beDailyRun(date))
	}
	os.Exit(m.Run())
}

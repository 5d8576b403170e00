package harness

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/command"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
)

// Pipelinectl runs a command line against the sandbox; it gives what went to stdout and to stderr.
func (p *Pipeline) Pipelinectl(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return p.PipelinectlUntil(t.Context(), args...)
}

// PipelinectlUntil is Pipelinectl that is interrupted, as by Ctrl-C, when the context ends.
func (p *Pipeline) PipelinectlUntil(ctx context.Context, args ...string) (string, error) {
	var out bytes.Buffer
	err := p.pipelinectl(ctx, &out, &out, args)
	return out.String(), err
}

// PipelinectlApart is Pipelinectl with what went to stdout and to stderr apart.
func (p *Pipeline) PipelinectlApart(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, words bytes.Buffer
	err = p.pipelinectl(t.Context(), &out, &words, args)
	return out.String(), words.String(), err
}

func (p *Pipeline) pipelinectl(ctx context.Context, stdout, stderr io.Writer, args []string) error {
	root := command.Root()
	root.Writer, root.ErrWriter = stdout, stderr
	e := p.Endpoints
	return root.Run(ctx, append([]string{
		"pipelinectl", "--project", e.ProjectID, "--location", e.Location, "--dataset", e.Dataset, "--bucket", e.Bucket,
		"--pubsub-host", e.PubSubHost, "--storage-host", e.StorageHost,
		"--bigquery-host", e.BigQueryHost, "--bigquery-storage-endpoint", e.BigQueryStorageEndpoint,
		"--resource-manager-host", e.ResourceManagerHost, "--monitoring-host", e.MonitoringHost,
	}, args...))
}

// BringBack runs a command that brings files back and waits until the ledger
// holds the next revision of each of them and all are put away.
func (p *Pipeline) BringBack(t *testing.T, files int, args ...string) {
	t.Helper()
	const sum = "SELECT SUM(revision) FROM file_ledger"
	before := p.MustQuery(t, sum)[0][0].(int64)
	if out, err := p.Pipelinectl(t, args...); err != nil {
		t.Fatalf("pipelinectl %q: %v\n%s", args, err, out)
	}
	Await(t, "the next revisions in the ledger", func() (bool, error) {
		rows, err := p.Query(t, sum)
		return err == nil && rows[0][0] == before+int64(files), err
	})
	p.AwaitFiles(t, int(p.MustQuery(t, "SELECT COUNT(*) FROM file_ledger")[0][0].(int64)))
}

// MustExamine is what doctor finds.
func MustExamine(t *testing.T, cfg cloud.Config, opts doctor.Options) []doctor.Finding {
	t.Helper()
	findings, err := doctor.Examine(t.Context(), cfg, opts)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

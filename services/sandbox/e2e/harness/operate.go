package harness

import (
	"bytes"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/command"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
)

// Pipelinectl runs a command line against the sandbox.
func (p *Pipeline) Pipelinectl(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := command.Root()
	root.Writer, root.ErrWriter = &out, &out
	e := p.Endpoints
	err := root.Run(t.Context(), append([]string{
		"pipelinectl", "--project", e.ProjectID, "--location", e.Location, "--dataset", e.Dataset, "--bucket", e.Bucket,
		"--pubsub-host", e.PubSubHost, "--storage-host", e.StorageHost,
		"--bigquery-host", e.BigQueryHost, "--bigquery-storage-endpoint", e.BigQueryStorageEndpoint,
		"--resource-manager-host", e.ResourceManagerHost, "--monitoring-host", e.MonitoringHost,
	}, args...))
	return out.String(), err
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

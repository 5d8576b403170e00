package harness

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/storage"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/command"
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

// FileID is that of the one file landed under a name.
func (p *Pipeline) FileID(t *testing.T, landingName string) string {
	t.Helper()
	rows := p.MustQuery(t, fmt.Sprintf("SELECT file_id FROM file_ledger WHERE landing_name = 'landing/%s'", landingName))
	if len(rows) != 1 {
		t.Fatalf("%d files named %s", len(rows), landingName)
	}
	return rows[0][0].(string)
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

func (p *Pipeline) Check(t *testing.T, what, query, want string) {
	t.Helper()
	if diff := cmp.Diff(want, Text(p.MustQuery(t, query))); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

const LifecycleQuery = "SELECT landing_name, revision, verdict, reason, records, loaded, duplicates, rejected, held, overrides FROM file_ledger ORDER BY landing_name"

// Order is one line of an orders file.
func Order(id string, day int, product, customer, price string) string {
	return fmt.Sprintf(`{"order_id":%q,"customer_id":%q,"order_timestamp":"2026-11-%02dT11:00:00Z","items":[{"product_id":%q,"quantity":1,"unit_price":%s}],`+
		`"total_amount":%s,"payment_status":"completed","shipping_address":{"street":"1 Main St","city":"New York","state":"NY","zipcode":"10001","country":"USA"}}`+"\n",
		id, customer, day, product, price, price)
}

// Kept is the archived object of a file.
func (p *Pipeline) Kept(t *testing.T, id string) *storage.ObjectAttrs {
	t.Helper()
	objects := p.Bucket().Objects(t.Context(), &storage.Query{Prefix: topology.Archive})
	for {
		object, err := objects.Next()
		if err != nil {
			t.Fatalf("look for file %s in the archive: %v", id, err)
		}
		if slices.Contains(strings.Split(object.Name, "/"), id) {
			return object
		}
	}
}

// ReplaceBytes gives an archived file other bytes under the same metadata.
func (p *Pipeline) ReplaceBytes(t *testing.T, id, content string) {
	t.Helper()
	kept := p.Kept(t, id)
	w := p.Bucket().Object(kept.Name).NewWriter(t.Context())
	w.Metadata = kept.Metadata
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

package operate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestSchemaEvolution lets the tables and the source change under a running
// pipeline. A writer of this release meets a table of an earlier one, which lacks
// a column: its rows wait until provision has added it. Then the table gains a
// column of a later release and the orders a field of their own while rows are
// streamed, and nothing has to be restarted.
func TestSchemaEvolution(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, strings.Join([]string{topology.Watcher, topology.Parser, topology.Aggregator}, ","))
	table := p.Bigquery.Dataset(p.Endpoints.Dataset).Table("staging_orders")
	recreateWithout(t, table, "warnings")
	metrics := harness.StartWriter(t, p) + "/metrics"

	var files harness.Landed
	files.Add(t, p, "orders/before.json", harness.OrderFile(t, 1, 300, harness.EveryFault))
	harness.Await(t, "appends that the table refuses", func() (bool, error) {
		text, err := get(t, metrics)
		return failedAppend(text), err
	})
	want := map[string]provision.Outcome{"table staging_orders": provision.Updated}
	if diff := cmp.Diff(want, outcomes(mustProvision(t, p.Endpoints, provision.Options{}))); diff != "" {
		t.Errorf("changes made by provision (-want +got):\n%s", diff)
	}
	p.AwaitFiles(t, len(files.Sources))

	// A later release adds a column, and the shops a field, while files stream in.
	const field = `"loyalty": {"points": 12, "tier": null}`
	for i := range 6 {
		lines := harness.OrderFile(t, uint64(10+i), 200, generate.Shares{rules.UnknownStatus: 0.1})
		if i == 2 {
			addColumn(t, table, &bigquery.FieldSchema{Name: "gift_note", Type: bigquery.StringFieldType})
		}
		if i >= 2 {
			lines = bytes.ReplaceAll(lines, []byte(`{"order_id"`), []byte(`{`+field+`, "order_id"`))
		}
		files.Add(t, p, fmt.Sprintf("orders/during_%d.json", i), lines)
	}
	p.AwaitFiles(t, len(files.Sources))
	harness.VerifyAll(t, p, files.Sources)

	got := harness.Text(p.MustQuery(t, `SELECT JSON_VALUE(unknown_fields, '$.loyalty.points') AS points, 'unknown_field' IN UNNEST(warnings) AS warned,
		COUNT(DISTINCT order_id) AS orders, COUNT(gift_note) AS notes
		FROM staging_orders AS o JOIN file_ledger AS l ON l.file_id = o.file_id
		WHERE l.landing_name LIKE 'landing/orders/during%' GROUP BY 1, 2 ORDER BY 3`))
	if diff := cmp.Diff("NULL|false|400|0\n12|true|800|0\n", got); diff != "" {
		t.Errorf("orders by their new field (-want +got):\n%s", diff)
	}
	if left := outcomes(mustProvision(t, p.Endpoints, provision.Options{})); len(left) > 0 {
		t.Errorf("provision of this release would undo the later one: %v", left)
	}
}

// recreateWithout makes the table of an earlier release.
func recreateWithout(t *testing.T, table *bigquery.Table, column string) {
	t.Helper()
	meta, err := table.Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	old := &bigquery.TableMetadata{
		Description: meta.Description, TimePartitioning: meta.TimePartitioning, Clustering: meta.Clustering,
		Schema: slices.DeleteFunc(slices.Clone(meta.Schema), func(f *bigquery.FieldSchema) bool { return f.Name == column }),
	}
	if len(old.Schema) != len(meta.Schema)-1 {
		t.Fatalf("no column %s", column)
	}
	if err := errors.Join(table.Delete(t.Context()), table.Create(t.Context(), old)); err != nil {
		t.Fatal(err)
	}
}

func addColumn(t *testing.T, table *bigquery.Table, column *bigquery.FieldSchema) {
	t.Helper()
	meta, err := table.Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	update := bigquery.TableMetadataToUpdate{Schema: append(slices.Clone(meta.Schema), column)}
	if _, err := table.Update(t.Context(), update, meta.ETag); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, url string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

// failedAppend looks for rows of orders that could not be appended.
func failedAppend(metrics string) bool {
	for line := range strings.Lines(metrics) {
		if strings.HasPrefix(line, "pipeline_append_rows") &&
			strings.Contains(line, `outcome="failed"`) && strings.Contains(line, `table="staging_orders"`) {
			return true
		}
	}
	return false
}

package bigqueryfront_test

import (
	"context"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/conformance"
)

// target is what the conformance suite runs against.
var target = conformance.FromEnvironment(project)

// TestConformance is what BigQuery documents of the calls and statements that
// this front serves, through the official clients. Package conformance says how
// to run it against BigQuery itself. The cases stand in the other files named
// conformance_*, and in dialect_test.go.
func TestConformance(t *testing.T) {
	t.Parallel()
	s := newSuite(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *front)
	}{
		{"datasets", testDatasets},
		{"tables", testTables},
		{"schema evolution", testSchemaEvolution},
		{"schema of a query", testAddedArrayIsEmpty},
		{"jobs", testJobs},
		{"dry runs", testDryRuns},
		{"pages", testPages},
		{"cancel", testCancel},
		{"dialect", testDialect},
		{"parameters", testParameters},
		{"errors", testErrors},
		{"scripts", testScripts},
		{"child jobs", testChildJobs},
		{"conflicts", testConflicts},
		{"queued statements", testQueuedStatements},
		{"streamed rows in a transaction", testStreamedRowsInTransaction},
		{"append: types", testAppendRowsTypes},
		{"append: missing values", testAppendMissingValues},
		{"append: row errors", testAppendRowsRowErrors},
		{"append: schema", testAppendRowsSchema},
		{"append: refusals", testAppendRefusals},
		{"loads", testLoads},
		{"loads: types", testLoadedTypes},
		{"loads that fail", testBadLoads},
		{"inserts", testInserts},
		{"destinations", testDestinations},
		{"storage read", testStorageRead},
		{"storage read: sessions", testReadSessions},
		{"doubt: where conflicts are found", testWhereConflictsAreFound},
		{"doubt: bytes billed of scripts", testBytesBilledOfScripts},
		{"doubt: status of bytesBilledLimitExceeded", testStatusOfBytesBilledLimit},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, s.beside(t))
		})
	}
}

// newSuite connects to the target; its dataset is not there yet.
func newSuite(t *testing.T) *front {
	t.Helper()
	if target.Real {
		client, err := bigquery.NewClient(t.Context(), target.Project)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		return &front{client: client, project: target.Project}
	}
	f := start(t, t.TempDir())
	t.Cleanup(func() { f.close(t) })
	f.project = target.Project
	return f
}

// beside is the same target with a dataset of its own, which ends with the test.
func (f *front) beside(t *testing.T) *front {
	t.Helper()
	other := *f
	other.dataset = conformance.Name("conformance")
	ds := f.client.Dataset(other.dataset)
	if err := ds.Create(t.Context(), &bigquery.DatasetMetadata{Location: target.Location}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ds.DeleteWithContents(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return &other
}

// named puts the names of the project and of the dataset into a text.
func (f *front) named(text string) string {
	return strings.NewReplacer("PROJECT", f.project, "DATASET", f.dataset).Replace(text)
}

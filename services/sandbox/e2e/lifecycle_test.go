package e2e

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/command"
)

// pipelinectl runs a command line against the sandbox.
func (p *pipeline) pipelinectl(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := command.Root()
	root.Writer, root.ErrWriter = &out, &out
	e := p.endpoints
	err := root.Run(t.Context(), append([]string{
		"pipelinectl", "--project", e.ProjectID, "--location", e.Location, "--dataset", e.Dataset, "--bucket", e.Bucket,
		"--pubsub-host", e.PubSubHost, "--storage-host", e.StorageHost,
		"--bigquery-host", e.BigQueryHost, "--bigquery-storage-endpoint", e.BigQueryStorageEndpoint,
	}, args...))
	return out.String(), err
}

// fileID is that of the one file landed under a name.
func (p *pipeline) fileID(t *testing.T, landingName string) string {
	t.Helper()
	rows := p.mustQuery(t, fmt.Sprintf("SELECT file_id FROM file_ledger WHERE landing_name = 'landing/%s'", landingName))
	if len(rows) != 1 {
		t.Fatalf("%d files named %s", len(rows), landingName)
	}
	return rows[0][0].(string)
}

// bringBack runs a command that brings files back and waits until the ledger
// holds the next revision of each of them and all are put away.
func (p *pipeline) bringBack(t *testing.T, files int, args ...string) {
	t.Helper()
	const sum = "SELECT SUM(revision) FROM file_ledger"
	before := p.mustQuery(t, sum)[0][0].(int64)
	if out, err := p.pipelinectl(t, args...); err != nil {
		t.Fatalf("pipelinectl %q: %v\n%s", args, err, out)
	}
	await(t, "the next revisions in the ledger", func() (bool, error) {
		rows, err := p.query(t, sum)
		return err == nil && rows[0][0] == before+int64(files), err
	})
	p.awaitFiles(t, int(p.mustQuery(t, "SELECT COUNT(*) FROM file_ledger")[0][0].(int64)))
}

func (p *pipeline) check(t *testing.T, what, query, want string) {
	t.Helper()
	if diff := cmp.Diff(want, text(p.mustQuery(t, query))); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

const lifecycleQuery = "SELECT landing_name, revision, verdict, reason, records, loaded, duplicates, rejected, held, overrides FROM file_ledger ORDER BY landing_name"

// order is one line of an orders file.
func order(id string, day int, product, customer, price string) string {
	return fmt.Sprintf(`{"order_id":%q,"customer_id":%q,"order_timestamp":"2026-11-%02dT11:00:00Z","items":[{"product_id":%q,"quantity":1,"unit_price":%s}],`+
		`"total_amount":%s,"payment_status":"completed","shipping_address":{"street":"1 Main St","city":"New York","state":"NY","zipcode":"10001","country":"USA"}}`+"\n",
		id, customer, day, product, price, price)
}

// TestRelease releases a file that was quarantined because most of it is refused.
func TestRelease(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	var files landed
	files.add(t, p, "orders/doubtful.json", []byte(order("o-1", 1, "P-1", "C-1", "10.00")+"{\n{\n"))
	p.awaitFiles(t, 1)
	p.check(t, "before", lifecycleQuery, "landing/orders/doubtful.json|1|quarantined|mostly_refused|3|0|0|2|1|NULL\n")
	verifyAll(t, p, files.sources)
	id := p.fileID(t, "orders/doubtful.json")
	if _, err := p.pipelinectl(t, "reprocess", id); err == nil || !strings.Contains(err.Error(), "release it instead") {
		t.Errorf("a quarantined file was reprocessed: %v", err)
	}

	p.bringBack(t, 1, "release", id)
	p.check(t, "released", lifecycleQuery, "landing/orders/doubtful.json|2|loaded|NULL|3|1|0|2|0|accept_refused\n")
	p.check(t, "history", "SELECT revision, verdict, held FROM file_ledger_history", "1|quarantined|1\n")
	verifyAll(t, p, files.sources)

	// What it was allowed, it stays allowed.
	p.bringBack(t, 1, "reprocess", id)
	p.check(t, "reprocessed", lifecycleQuery, "landing/orders/doubtful.json|3|loaded|NULL|3|1|0|2|0|accept_refused\n")
	verifyAll(t, p, files.sources)
}

// TestReprocess has files read again that share orders, wait for catalogs and touch
// the same hours, in one transaction and one after the other.
func TestReprocess(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	var files landed
	files.add(t, p, "orders/a.json", orderFile(t, 1, 300, everyFault))
	p.awaitFiles(t, 1)
	files.add(t, p, "orders/b.json", append(orderFile(t, 1, 40, nil), orderFile(t, 2, 200, everyFault)...))
	files.add(t, p, "products/products.csv", productFile(t, 1))
	p.awaitFiles(t, 3)
	facts := p.mustQuery(t, "SELECT COUNT(*), SUM(line_total) FROM fact_orders")
	const productsQuery = "SELECT loaded, duplicates, rejected FROM file_ledger WHERE kind = 'products'"
	products := text(p.mustQuery(t, productsQuery))
	verifyAll(t, p, files.sources)

	p.bringBack(t, 1, "reprocess", p.fileID(t, "orders/a.json"))
	verifyAll(t, p, files.sources)
	p.bringBack(t, 3, "reprocess", "--landed-date", time.Now().UTC().Format(time.DateOnly))
	verifyAll(t, p, files.sources)
	if diff := cmp.Diff(text(facts), text(p.mustQuery(t, "SELECT COUNT(*), SUM(line_total) FROM fact_orders"))); diff != "" {
		t.Errorf("the same bytes gave other facts (-before +after):\n%s", diff)
	}
	p.check(t, "the catalog's counts", productsQuery, products)
	p.check(t, "revisions", "SELECT landing_name, revision FROM file_ledger ORDER BY landing_name",
		"landing/orders/a.json|3\nlanding/orders/b.json|2\nlanding/products/products.csv|2\n")
}

// TestNewReadingReplacesTheOld gives a file new bytes between two revisions, as a
// parser with other rules would read it: orders vanish, move to another day and
// change, and a reference is no longer waited for.
func TestNewReadingReplacesTheOld(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	p.land(t, "orders/a.json", []byte(order("o-1", 1, "P-1", "C-1", "10.00")+order("o-2", 1, "P-2", "C-2", "5.00")+order("o-3", 2, "P-3", "C-3", "7.00")))
	p.awaitFiles(t, 1)
	p.land(t, "orders/b.json", []byte(order("o-2", 1, "P-2", "C-2", "5.00")+order("o-4", 1, "P-1", "C-1", "1.00")))
	p.awaitFiles(t, 2)
	id := p.fileID(t, "orders/a.json")
	p.replaceBytes(t, id, order("o-1", 3, "P-1", "C-1", "11.00")+order("o-3", 2, "P-3", "C-3", "7.00"))
	p.bringBack(t, 1, "reprocess", id)

	p.check(t, "ledger", lifecycleQuery,
		"landing/orders/a.json|2|loaded|NULL|2|2|0|0|0|NULL\nlanding/orders/b.json|1|loaded|NULL|2|1|1|0|0|NULL\n")
	p.check(t, "facts", "SELECT order_id, order_date, line_total FROM fact_orders ORDER BY order_id", "o-1|2026-11-03|11\no-3|2026-11-02|7\no-4|2026-11-01|1\n")
	p.check(t, "hours", "SELECT metric_hour, total_orders, total_revenue FROM agg_hourly_metrics ORDER BY 1",
		"2026-11-01T11:00:00Z|1|1\n2026-11-02T11:00:00Z|1|7\n2026-11-03T11:00:00Z|1|11\n")
	p.check(t, "categories", "SELECT metric_date, orders, revenue FROM agg_category_revenue ORDER BY 1", "2026-11-01|1|1\n2026-11-02|1|7\n2026-11-03|1|11\n")
	p.check(t, "references", "SELECT ref_id, order_date FROM unresolved_refs WHERE ref_kind = 'product' ORDER BY 1, 2",
		"P-1|2026-11-01\nP-1|2026-11-03\nP-3|2026-11-02\n")
	p.check(t, "findings", "SELECT check_type, COUNT(*) FROM data_quality_checks WHERE file_id = '"+id+"' GROUP BY 1 ORDER BY 1",
		"missing_customer|2\nmissing_product|2\n")
	p.verifyInvariants(t)

	// The order that a.json gave up becomes b.json's when that is reprocessed.
	p.bringBack(t, 1, "reprocess", p.fileID(t, "orders/b.json"))
	p.check(t, "ledger of b", "SELECT loaded, duplicates FROM file_ledger WHERE landing_name = 'landing/orders/b.json'", "2|0\n")
	p.verifyInvariants(t)
}

// TestOldMessagesAfterANewRevision repeats the messages of the first revision when
// the second is loaded, and expects nothing to change.
func TestOldMessagesAfterANewRevision(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	var files landed
	files.add(t, p, "orders/a.json", orderFile(t, 1, 50, nil))
	p.awaitFiles(t, 1)
	id := p.fileID(t, "orders/a.json")
	p.bringBack(t, 1, "reprocess", id)
	before := text(p.mustQuery(t, "SELECT * FROM file_ledger"))

	client, err := p.endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	old := p.mustQuery(t, "SELECT parse_id, landing_name, landed_at, records FROM file_ledger_history")[0]
	file := &pipelinev1.LandedFile{
		FileId: id, Kind: pipelinev1.FileKind_FILE_KIND_ORDERS, Bucket: p.endpoints.Bucket, LandingName: old[1].(string),
		StagingName: topology.StagingName(pipelinev1.FileKind_FILE_KIND_ORDERS, id, old[1].(string)), LandedAt: timestamppb.New(old[2].(time.Time)),
	}
	attrs := func() map[string]string { return map[string]string{topology.AttrFileID: id} }
	manifests := messaging.NewPublisher(client, topology.TopicFilesParsed)
	defer manifests.Stop()
	announcements := messaging.NewPublisher(client, topology.TopicFilesLanded)
	defer announcements.Stop()
	if err := announcements.PublishSync(t.Context(), &pipelinev1.FileLanded{File: file, Announcement: 1}, attrs()); err != nil {
		t.Fatal(err)
	}
	if err := manifests.PublishSync(t.Context(), &pipelinev1.FileManifest{
		File: file, ParseId: old[0].(string), Records: old[3].(int64), Accepted: old[3].(int64), Verdict: pipelinev1.Verdict_VERDICT_LOADED,
	}, attrs()); err != nil {
		t.Fatal(err)
	}
	// A file behind them: when it is loaded, the old manifest has been looked at.
	files.add(t, p, "orders/b.json", orderFile(t, 2, 50, nil))
	p.awaitFiles(t, 2)
	p.check(t, "ledger of the first file", "SELECT * FROM file_ledger WHERE file_id = '"+id+"'", before)
	verifyAll(t, p, files.sources)
}

// TestBroughtBackButNotAnnounced leaves a file where a command that dies between
// its two steps does, twice over, and expects the watcher to go on.
func TestBroughtBackButNotAnnounced(t *testing.T) {
	t.Parallel()
	p := start(t, "all")
	var files landed
	files.add(t, p, "orders/a.json", orderFile(t, 1, 50, nil))
	p.awaitFiles(t, 1)
	id := p.fileID(t, "orders/a.json")
	kept := p.kept(t, id)
	copier := p.bucket().Object(topology.StagingName(pipelinev1.FileKind_FILE_KIND_ORDERS, id, "landing/orders/a.json")).
		If(storage.Conditions{DoesNotExist: true}).CopierFrom(p.bucket().Object(kept.Name).Generation(kept.Generation))
	copier.Metadata = claim.AgainMetadata(kept, 2, nil, time.Now())
	if _, err := copier.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.pipelinectl(t, "reprocess", id); err == nil || !strings.Contains(err.Error(), "on its way") {
		t.Errorf("a second command brought the file back as well: %v", err)
	}
	await(t, "revision 2 in the ledger", func() (bool, error) {
		rows, err := p.query(t, "SELECT revision FROM file_ledger")
		return err == nil && rows[0][0] == int64(2), err
	})
	p.awaitFiles(t, 1)
	verifyAll(t, p, files.sources)
	if revision, err := claim.Revision(p.kept(t, id)); err != nil || revision != 2 {
		t.Errorf("the archived object is of revision %d, %v", revision, err)
	}
}

// kept is the archived object of a file.
func (p *pipeline) kept(t *testing.T, id string) *storage.ObjectAttrs {
	t.Helper()
	objects := p.bucket().Objects(t.Context(), &storage.Query{Prefix: topology.Archive})
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

// replaceBytes gives an archived file other bytes under the same metadata.
func (p *pipeline) replaceBytes(t *testing.T, id, content string) {
	t.Helper()
	kept := p.kept(t, id)
	w := p.bucket().Object(kept.Name).NewWriter(t.Context())
	w.Metadata = kept.Metadata
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

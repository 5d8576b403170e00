package orders

import (
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestRelease releases a file that was quarantined because most of it is refused.
func TestRelease(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	files.Add(t, p, "orders/doubtful.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")+"{\n{\n"))
	p.AwaitFiles(t, 1)
	p.Check(t, "before", harness.LifecycleQuery, "landing/orders/doubtful.json|1|quarantined|mostly_refused|3|0|0|2|1|NULL\n")
	harness.VerifyAll(t, p, files.Sources)
	id := p.FileID(t, "orders/doubtful.json")
	if _, err := p.Pipelinectl(t, "reprocess", id); err == nil || !strings.Contains(err.Error(), "release it instead") {
		t.Errorf("a quarantined file was reprocessed: %v", err)
	}

	p.BringBack(t, 1, "release", id)
	p.Check(t, "released", harness.LifecycleQuery, "landing/orders/doubtful.json|2|loaded|NULL|3|1|0|2|0|accept_refused\n")
	p.Check(t, "history", "SELECT revision, verdict, held FROM file_ledger_history", "1|quarantined|1\n")
	harness.VerifyAll(t, p, files.Sources)

	// What it was allowed, it stays allowed.
	p.BringBack(t, 1, "reprocess", id)
	p.Check(t, "reprocessed", harness.LifecycleQuery, "landing/orders/doubtful.json|3|loaded|NULL|3|1|0|2|0|accept_refused\n")
	harness.VerifyAll(t, p, files.Sources)
}

// TestReprocess has files read again that share orders, wait for catalogs and touch
// the same hours, in one transaction and one after the other.
func TestReprocess(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	files.Add(t, p, "orders/a.json", harness.OrderFile(t, 1, 300, harness.EveryFault))
	p.AwaitFiles(t, 1)
	files.Add(t, p, "orders/b.json", append(harness.OrderFile(t, 1, 40, nil), harness.OrderFile(t, 2, 200, harness.EveryFault)...))
	files.Add(t, p, "products/products.csv", harness.ProductFile(t, 1))
	p.AwaitFiles(t, 3)
	facts := p.MustQuery(t, "SELECT COUNT(*), SUM(line_total) FROM fact_orders")
	const productsQuery = "SELECT loaded, duplicates, rejected FROM file_ledger WHERE kind = 'products'"
	products := harness.Text(p.MustQuery(t, productsQuery))
	harness.VerifyAll(t, p, files.Sources)

	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/a.json"))
	harness.VerifyAll(t, p, files.Sources)
	p.BringBack(t, 3, "reprocess", "--landed-date", time.Now().UTC().Format(time.DateOnly))
	harness.VerifyAll(t, p, files.Sources)
	if diff := cmp.Diff(harness.Text(facts), harness.Text(p.MustQuery(t, "SELECT COUNT(*), SUM(line_total) FROM fact_orders"))); diff != "" {
		t.Errorf("the same bytes gave other facts (-before +after):\n%s", diff)
	}
	p.Check(t, "the catalog's counts", productsQuery, products)
	p.Check(t, "revisions", "SELECT landing_name, revision FROM file_ledger ORDER BY landing_name",
		"landing/orders/a.json|3\nlanding/orders/b.json|2\nlanding/products/products.csv|2\n")
}

// TestNewReadingReplacesTheOld gives a file new bytes between two revisions, as a
// parser with other rules would read it: orders vanish, move to another day and
// change, and a reference is no longer waited for.
func TestNewReadingReplacesTheOld(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	p.Land(t, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")+harness.Order("o-2", 1, "P-2", "C-2", "5.00")+harness.Order("o-3", 2, "P-3", "C-3", "7.00")))
	p.AwaitFiles(t, 1)
	p.Land(t, "orders/b.json", []byte(harness.Order("o-2", 1, "P-2", "C-2", "5.00")+harness.Order("o-4", 1, "P-1", "C-1", "1.00")))
	p.AwaitFiles(t, 2)
	id := p.FileID(t, "orders/a.json")
	p.ReplaceBytes(t, id, harness.Order("o-1", 3, "P-1", "C-1", "11.00")+harness.Order("o-3", 2, "P-3", "C-3", "7.00"))
	p.BringBack(t, 1, "reprocess", id)

	p.Check(t, "ledger", harness.LifecycleQuery,
		"landing/orders/a.json|2|loaded|NULL|2|2|0|0|0|NULL\nlanding/orders/b.json|1|loaded|NULL|2|1|1|0|0|NULL\n")
	p.Check(t, "facts", "SELECT order_id, order_date, line_total FROM fact_orders ORDER BY order_id", "o-1|2026-11-03|11\no-3|2026-11-02|7\no-4|2026-11-01|1\n")
	p.Check(t, "hours", "SELECT metric_hour, total_orders, total_revenue FROM agg_hourly_metrics ORDER BY 1",
		"2026-11-01T11:00:00Z|1|1\n2026-11-02T11:00:00Z|1|7\n2026-11-03T11:00:00Z|1|11\n")
	p.Check(t, "categories", "SELECT metric_date, orders, revenue FROM agg_category_revenue ORDER BY 1", "2026-11-01|1|1\n2026-11-02|1|7\n2026-11-03|1|11\n")
	p.Check(t, "references", "SELECT ref_id, order_date FROM unresolved_refs WHERE ref_kind = 'product' ORDER BY 1, 2",
		"P-1|2026-11-01\nP-1|2026-11-03\nP-3|2026-11-02\n")
	p.Check(t, "findings", "SELECT check_type, COUNT(*) FROM data_quality_checks WHERE file_id = '"+id+"' GROUP BY 1 ORDER BY 1",
		"missing_customer|2\nmissing_product|2\n")
	p.VerifyInvariants(t)

	// The order that a.json gave up becomes b.json's when that is reprocessed.
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/b.json"))
	p.Check(t, "ledger of b", "SELECT loaded, duplicates FROM file_ledger WHERE landing_name = 'landing/orders/b.json'", "2|0\n")
	p.VerifyInvariants(t)
}

// TestOldMessagesAfterANewRevision repeats the messages of the first revision when
// the second is loaded, and expects nothing to change.
func TestOldMessagesAfterANewRevision(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	files.Add(t, p, "orders/a.json", harness.OrderFile(t, 1, 50, nil))
	p.AwaitFiles(t, 1)
	id := p.FileID(t, "orders/a.json")
	p.BringBack(t, 1, "reprocess", id)
	before := harness.Text(p.MustQuery(t, "SELECT * FROM file_ledger"))

	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	old := p.MustQuery(t, "SELECT parse_id, landing_name, landed_at, records FROM file_ledger_history")[0]
	file := &pipelinev1.LandedFile{
		FileId: id, Kind: pipelinev1.FileKind_FILE_KIND_ORDERS, Bucket: p.Endpoints.Bucket, LandingName: old[1].(string),
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
	files.Add(t, p, "orders/b.json", harness.OrderFile(t, 2, 50, nil))
	p.AwaitFiles(t, 2)
	p.Check(t, "ledger of the first file", "SELECT * FROM file_ledger WHERE file_id = '"+id+"'", before)
	harness.VerifyAll(t, p, files.Sources)
}

// TestBroughtBackButNotAnnounced leaves a file where a command that dies between
// its two steps does, twice over, and expects the watcher to go on.
func TestBroughtBackButNotAnnounced(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	files.Add(t, p, "orders/a.json", harness.OrderFile(t, 1, 50, nil))
	p.AwaitFiles(t, 1)
	id := p.FileID(t, "orders/a.json")
	kept := p.Kept(t, id)
	copier := p.Bucket().Object(topology.StagingName(pipelinev1.FileKind_FILE_KIND_ORDERS, id, "landing/orders/a.json")).
		If(storage.Conditions{DoesNotExist: true}).CopierFrom(p.Bucket().Object(kept.Name).Generation(kept.Generation))
	copier.Metadata = claim.AgainMetadata(kept, 2, nil, time.Now())
	if _, err := copier.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Pipelinectl(t, "reprocess", id); err == nil || !strings.Contains(err.Error(), "on its way") {
		t.Errorf("a second command brought the file back as well: %v", err)
	}
	harness.Await(t, "revision 2 in the ledger", func() (bool, error) {
		rows, err := p.Query(t, "SELECT revision FROM file_ledger")
		return err == nil && rows[0][0] == int64(2), err
	})
	p.AwaitFiles(t, 1)
	harness.VerifyAll(t, p, files.Sources)
	if revision, err := claim.Revision(p.Kept(t, id)); err != nil || revision != 2 {
		t.Errorf("the archived object is of revision %d, %v", revision, err)
	}
}

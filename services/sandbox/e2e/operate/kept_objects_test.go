package operate

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestBucketThatKeepsVersions loads files from a bucket with object versions and soft
// delete as from any other: what its source took back or overwrote before the claim is
// not loaded, though it can still be read, and what is restored is landed anew.
func TestBucketThatKeepsVersions(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	s, stop := harness.StartStack(t, harness.NewConfig(dir, topology.Reporter)) // nobody claims yet
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	if _, err := p.Bucket().Update(ctx, storage.BucketAttrsToUpdate{
		VersioningEnabled: true, SoftDeletePolicy: &storage.SoftDeletePolicy{RetentionDuration: 8 * 24 * time.Hour},
	}); err != nil {
		t.Fatal(err)
	}
	var files harness.Landed
	p.Land(t, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "99.00")))
	files.Add(t, p, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	withdrawn := p.Land(t, "orders/b.json", []byte(harness.Order("o-2", 1, "P-1", "C-1", "5.00")))
	if err := p.Bucket().Object("landing/orders/b.json").Delete(ctx); err != nil {
		t.Fatal(err)
	}
	stop()

	p = harness.StartWith(t, harness.NewConfig(dir, "all"))
	files.Add(t, p, "orders/c.json", []byte(harness.Order("o-3", 1, "P-1", "C-1", "7.00")+"{\n"))
	p.AwaitFiles(t, 2)
	ledger := "landing/orders/a.json|1|loaded|NULL|1|1|0|0|0|NULL\nlanding/orders/c.json|1|loaded|NULL|2|1|0|1|0|NULL\n"
	p.Check(t, "ledger", harness.LifecycleQuery, ledger)
	harness.VerifyAll(t, p, files.Sources)

	// Files that are read again replace what the archive holds of them.
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/a.json"))
	p.Check(t, "read again", harness.LifecycleQuery, strings.Replace(ledger, "a.json|1", "a.json|2", 1))
	harness.VerifyAll(t, p, files.Sources)

	// The source's file comes back: deleted for good, as it seemed, and restored.
	b := p.Bucket().Object("landing/orders/b.json").Generation(withdrawn)
	if err := b.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Restore(ctx, &storage.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	p.AwaitFiles(t, 3)
	p.Check(t, "restored", "SELECT order_id, total_amount FROM fact_orders ORDER BY 1", "o-1|10\no-2|5\no-3|7\n")
	p.VerifyInvariants(t)

	// The pipeline's own deletions leave no versions; what they leave is soft-deleted.
	versions, deleted := listed(t, p, storage.Query{Versions: true}), listed(t, p, storage.Query{SoftDeleted: true})
	if versions["landing"] != 1 || versions["staging"] != 0 || versions["archive"] != 4 {
		t.Errorf("versions by folder: %v, want the overwritten file in landing, three and a replaced one in the archive", versions)
	}
	if deleted["landing"] != 4 || deleted["staging"] != 4 || deleted["archive"] != 0 {
		t.Errorf("soft-deleted objects by folder: %v, want the claimed and the restored, and the staged", deleted)
	}
}

// listed counts by folder what a query finds in the bucket.
func listed(t *testing.T, p *harness.Pipeline, q storage.Query) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for it := p.Bucket().Objects(t.Context(), &q); ; {
		o, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return counts
		}
		if err != nil {
			t.Fatal(err)
		}
		folder, _, _ := strings.Cut(o.Name, "/")
		counts[folder]++
	}
}

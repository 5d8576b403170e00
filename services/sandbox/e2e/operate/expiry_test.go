package operate

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// TestVerifyAfterTheBucketDeleted: verify misses no file that the bucket's lifecycle has
// deleted, and every other that is gone.
func TestVerifyAfterTheBucketDeleted(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, topology.Reporter)
	clients, err := verify.Open(context.Background(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	today := time.Now().UTC().Truncate(24 * time.Hour)
	// The bucket as it is provisioned: quarantine/ goes after 365 days, archive/ stays.
	for id, file := range map[string]struct {
		verdict string
		days    int
	}{"old-refused": {"quarantined", 366}, "new-refused": {"quarantined", 300}, "old-loaded": {"loaded", 900}} {
		row := harness.LedgerRow(id, "orders/a.json", today.AddDate(0, 0, -file.days), time.Second)
		row[slices.IndexFunc(row, func(c harness.Column) bool { return c.Name == "verdict" })].Value = file.verdict
		p.Insert(t, "file_ledger", row)
	}
	missing := func() string {
		t.Helper()
		violations, err := verify.Invariants(t.Context(), clients)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, v := range violations {
			if name, ok := strings.CutSuffix(v.Detail, ": the ledger's file is not there"); ok && v.Invariant == "files_put_away" {
				ids = append(ids, strings.Split(name, "/")[strings.Count(name, "/")-1])
			}
		}
		return strings.Join(ids, " ")
	}
	if got := missing(); got != "old-loaded new-refused" {
		t.Errorf("missing are %q", got)
	}
	lifecycle := provision.DefaultLifecycle()
	lifecycle.ArchiveDeleteDays = 800
	mustProvision(t, p.Endpoints, provision.Options{Lifecycle: &lifecycle, Shorten: []string{provision.ArchiveDeleteDays}})
	if got := missing(); got != "new-refused" {
		t.Errorf("with a limit to archive/: missing are %q", got)
	}
	if _, err := p.Bucket().Update(t.Context(), storage.BucketAttrsToUpdate{Lifecycle: &storage.Lifecycle{}}); err != nil {
		t.Fatal(err)
	}
	if got := missing(); got != "old-loaded new-refused old-refused" {
		t.Errorf("of a bucket that deletes nothing: missing are %q", got)
	}
}

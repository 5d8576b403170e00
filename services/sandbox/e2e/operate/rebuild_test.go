package operate

import (
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestRebuildFromTheArchive follows services/pipelinectl/README.md: the dataset is lost, and comes back from
// the files that were put away, the quarantined ones with it. Landing decides who owns an
// order that came twice, so the facts are the same as before.
func TestRebuildFromTheArchive(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	files.Add(t, p, "products/products.csv", harness.ProductFile(t, 1))
	files.Add(t, p, "orders/a.json", harness.OrderFile(t, 1, 200, harness.EveryFault))
	p.AwaitFiles(t, 2)
	files.Add(t, p, "orders/b.json", append(harness.OrderFile(t, 1, 40, nil), harness.OrderFile(t, 2, 100, harness.EveryFault)...))
	files.Add(t, p, "orders/doubtful.json", []byte("{\n{\n"))
	p.AwaitFiles(t, 4)
	harness.VerifyAll(t, p, files.Sources)
	const figures = `SELECT (SELECT COUNT(*) FROM fact_orders), (SELECT SUM(line_total) FROM fact_orders), (SELECT COUNT(*) FROM dim_products),
		(SELECT SUM(records) FROM file_ledger), (SELECT SUM(rejected) FROM file_ledger), (SELECT COUNTIF(verdict = 'quarantined') FROM file_ledger)`
	before := harness.Text(p.MustQuery(t, figures))

	if err := p.Bigquery.Dataset(p.Endpoints.Dataset).DeleteWithContents(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out, err := p.Pipelinectl(t, "provision", "--staging-days=0"); err != nil {
		t.Fatalf("provision: %v\n%s", err, out)
	}
	for _, folder := range []string{"archive/", "quarantine/orders/"} { // as a console shows them
		if err := p.Bucket().Object(folder).NewWriter(t.Context()).Close(); err != nil {
			t.Fatal(err)
		}
	}
	p.Check(t, "files in the new ledger", "SELECT COUNT(*) FROM file_ledger", "0\n")
	out, err := p.Pipelinectl(t, "reprocess", "--archive")
	if err != nil || strings.Count(out, " revision 2: landing/") != 4 {
		t.Errorf("reprocess: %v\n%s", err, out)
	}
	p.AwaitFiles(t, 4)
	harness.VerifyAll(t, p, files.Sources)
	p.Check(t, "facts, catalog and ledger", figures, before)
}

// TestOldFilesNeedLongerStaging: the rows of a file from before what staging keeps would
// be dropped as they arrive, so that it is refused until the tables keep them.
func TestOldFilesNeedLongerStaging(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	p.Land(t, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	p.AwaitFiles(t, 1)
	keep := func(d time.Duration) {
		t.Helper()
		for _, name := range []string{"staging_orders", "staging_products", "staging_customers"} {
			update := bigquery.TableMetadataToUpdate{TimePartitioning: &bigquery.TimePartitioning{Field: "landed_date", Expiration: d}}
			if _, err := p.Bigquery.Dataset(p.Endpoints.Dataset).Table(name).Update(t.Context(), update, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	keep(24 * time.Hour) // of which two days are for the way
	const refused = "staging keeps rows for 1 day from the landing: have it keep them longer first (pipelinectl provision --staging-days)"
	if _, err := p.Pipelinectl(t, "reprocess", "--archive"); err == nil || !strings.Contains(err.Error(), refused) {
		t.Errorf("error %v, want %q", err, refused)
	}
	keep(0)
	p.BringBack(t, 1, "reprocess", "--archive")
	p.Check(t, "ledger", harness.LifecycleQuery, "landing/orders/a.json|2|loaded|NULL|1|1|0|0|0|NULL\n")

	// Nobody asked for them to expire again: an upgrade must not take the rows away.
	const left = "= table staging_orders\n    = partitions expire: never (left alone; STAGING_DAYS=90 would shorten it)\n"
	if out, err := p.Pipelinectl(t, "provision"); err != nil || !strings.Contains(out, left) {
		t.Errorf("provisioning afterwards: %v, want %q in\n%s", err, left, out)
	}
	for _, finding := range harness.MustExamine(t, p.Endpoints, doctor.Default()) {
		if finding.Status == doctor.Fail {
			t.Errorf("rows are kept longer than by default, which is sound: %+v", finding)
		}
	}
	if out, err := p.Pipelinectl(t, "provision", "--staging-days=90"); err != nil || !strings.Contains(out, "~ table staging_orders\n    + partitions expire: after 90 days\n") {
		t.Errorf("provisioning with --staging-days: %v\n%s", err, out)
	}
	if changed := outcomes(mustProvision(t, p.Endpoints, provision.Options{Shorten: []string{provision.StagingDays}})); len(changed) > 0 {
		t.Errorf("not settled: %v", changed)
	}
}

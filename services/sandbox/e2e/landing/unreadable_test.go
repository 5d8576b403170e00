package landing

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/watcher/landing"
)

// TestUnreadableObject lands a file whose content the bucket refuses to give: it keeps no
// place from the files that come later, and is given up after so many attempts, with the
// bucket's own words. Then it cannot even be moved, and keeps no place either.
func TestUnreadableObject(t *testing.T) {
	t.Parallel()
	s, _ := harness.StartStack(t, harness.NewConfig(t.TempDir(), harness.BehindLanding))
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	p.DeliverSoon(t, topology.TopicFilesLanded, topology.Parser)
	p.DeliverSoon(t, topology.TopicFilesCompleted, topology.Watcher)
	const unreadable = "storage.objects.getMedia fail permission_denied on bad.json"
	harness.FaultsCall(t, http.MethodPut, s.FaultsURL(), unreadable)
	var c harness.Clock
	harness.StartWatcher(t, p, &c)
	harness.StartParser(t, p)
	p.Land(t, "orders/bad.json", []byte(harness.Order("bad", 1, "P-1", "C-1", "10.00")))
	p.Announced(t, 1)
	// The key is gone, say: the object can be neither read nor copied any more.
	harness.FaultsCall(t, http.MethodPut, s.FaultsURL(), unreadable, "storage.objects.rewrite fail permission_denied on bad.json")
	good := func(n int) {
		name := fmt.Sprintf("orders/good-%d.json", n)
		p.Land(t, name, []byte(harness.Order(fmt.Sprint("good-", n), 2, "P-1", "C-1", "10.00")))
		p.Loaded(t, name)
	}
	for n := 1; n <= 2; n++ {
		good(n)
		p.Staged(t, "only the bad file in staging, its reading given up", func(_ *storage.ObjectAttrs, c *claim.Claim) bool {
			return c.File.GetLandingName() == "landing/orders/bad.json" && c.Readings == n && c.Failure != "" && (n == 1 || c.FailedAlone)
		})
		c.Forward(24 * time.Hour)
	}
	harness.Await(t, "the bad file given up", func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM file_ledger WHERE verdict = 'quarantined'")
		return err == nil && rows[0][0] == int64(1), err
	})
	p.Check(t, "why", "SELECT reason FROM file_ledger WHERE verdict = 'quarantined'", "unreadable_object\n")
	p.Check(t, "what the bucket said", "SELECT COUNT(*) FROM data_quality_checks WHERE check_type = 'unreadable_object' AND issue_description LIKE '%Injected fault: fail of storage.objects.getMedia%'", "1\n")
	good(3)
	p.Staged(t, "only the bad file in staging", func(_ *storage.ObjectAttrs, c *claim.Claim) bool {
		return c.File.GetLandingName() == "landing/orders/bad.json"
	})

	harness.FaultsCall(t, http.MethodDelete, s.FaultsURL())
	c.Forward(30 * 24 * time.Hour)
	p.AwaitFiles(t, 4)
	p.VerifyInvariants(t)
	p.BringBack(t, 1, "release", p.FileID(t, "orders/bad.json"))
	p.Check(t, "released", "SELECT COUNT(*), SUM(loaded) FROM file_ledger WHERE verdict = 'loaded'", "4|4\n")
	p.VerifyInvariants(t)
}

// TestOutageOfParsers announces a file over and over while no parser is there: it is not
// given up for what nobody has tried, and all the announcements are one attempt.
func TestOutageOfParsers(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, harness.BehindLanding)
	var c harness.Clock
	harness.StartWatcher(t, p, &c)
	var files harness.Landed
	files.Add(t, p, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	const announcements = 8
	for n := 1; n < announcements; n++ {
		p.Announced(t, n)
		c.Forward(30 * 24 * time.Hour)
	}
	p.Announced(t, announcements)
	harness.StartParser(t, p, func(c *parsing.Config) { c.MaxFiles = announcements })
	p.AwaitFiles(t, 1)
	p.Check(t, "ledger", harness.LifecycleQuery, "landing/orders/a.json|1|loaded|NULL|1|1|0|0|0|NULL\n")
	harness.VerifyAll(t, p, files.Sources)
}

// parserEnvironment is what a parser in a process of its own is configured by.
func parserEnvironment(c cloud.Config) []string {
	return append(os.Environ(), harness.ProcessParser+"=true", "LISTEN_ADDR=127.0.0.1:0",
		"PROJECT_ID="+c.ProjectID, "LOCATION="+c.Location, "DATASET="+c.Dataset, "BUCKET="+c.Bucket,
		"PUBSUB_EMULATOR_HOST="+c.PubSubHost, "STORAGE_EMULATOR_HOST="+c.StorageHost,
		"BIGQUERY_EMULATOR_HOST="+c.BigQueryHost, "BIGQUERY_STORAGE_GRPC_ENDPOINT="+c.BigQueryStorageEndpoint)
}

// TestFileThatKillsParsers kills the parser each time it reads a certain file: the file is
// given up after so many announcements, and can be released when parsers survive it.
func TestFileThatKillsParsers(t *testing.T) {
	t.Parallel()
	s, _ := harness.StartStack(t, harness.NewConfig(t.TempDir(), harness.BehindLanding))
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var c harness.Clock
	harness.StartWatcher(t, p, &c)
	p.Land(t, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	// The first attempt is not noted: a reading as short as most are is not worth it.
	for n := 1; n <= 3; n++ {
		p.Announced(t, n)
		const publish = "pubsub.Publish delay 1m"
		harness.FaultsCall(t, http.MethodPut, s.FaultsURL(), publish)
		parser := exec.Command(self)
		parser.Env = parserEnvironment(p.Endpoints)
		if err := parser.Start(); err != nil {
			t.Fatal(err)
		}
		harness.Await(t, "records published", func() (bool, error) {
			return !strings.Contains(harness.FaultsCall(t, http.MethodGet, s.FaultsURL()), publish+"\t(struck 0 times)"), nil
		})
		if err := parser.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = parser.Wait() // reports the kill
		p.Staged(t, "attempt noted", func(_ *storage.ObjectAttrs, c *claim.Claim) bool { return c.Readings == n-1 })
		harness.FaultsCall(t, http.MethodDelete, s.FaultsURL())
		c.Forward(24 * time.Hour)
	}
	p.AwaitFiles(t, 1)
	p.Check(t, "ledger", "SELECT landing_name, verdict, reason FROM file_ledger", "landing/orders/a.json|quarantined|parser_failed\n")
	p.VerifyInvariants(t)

	harness.StartParser(t, p)
	p.BringBack(t, 1, "release", p.FileID(t, "orders/a.json"))
	p.Check(t, "released", harness.LifecycleQuery, "landing/orders/a.json|2|loaded|NULL|1|1|0|0|0|NULL\n")
	p.VerifyInvariants(t)
}

// TestFileUnderWorkIsNotAnnounced: a parser that is at work on a file says so, however long
// it takes, and is not given the file once more.
func TestFileUnderWorkIsNotAnnounced(t *testing.T) {
	t.Parallel()
	s, _ := harness.StartStack(t, harness.NewConfig(t.TempDir(), harness.BehindLanding))
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	var c harness.Clock
	harness.StartWatcher(t, p, &c, func(c *landing.Config) { c.StuckAfter = time.Millisecond })
	p.Land(t, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	p.Staged(t, "a second announcement", func(_ *storage.ObjectAttrs, c *claim.Claim) bool { return c.Announcements > 1 })
	// One plan to the end: what it delays would go on as soon as another replaced it.
	const count = "storage.objects.list delay 1ns"
	harness.FaultsCall(t, http.MethodPut, s.FaultsURL(), "storage.objects.getMedia delay 1h", count)
	listed := func() (times int) {
		for line := range strings.Lines(harness.FaultsCall(t, http.MethodGet, s.FaultsURL())) {
			if rest, ok := strings.CutPrefix(line, count+"\t(struck "); ok {
				if _, err := fmt.Sscan(rest, &times); err != nil {
					t.Fatal(err)
				}
			}
		}
		return times
	}
	harness.StartParser(t, p, func(c *parsing.Config) { c.MaxFiles, c.ReadTimeout = 16, time.Hour })
	announcements := 0
	p.Staged(t, "a parser at work", func(o *storage.ObjectAttrs, c *claim.Claim) bool {
		return c.Readings > 0 && o.Metadata["reading_at"] != ""
	})
	for round := range 2 { // the first ends what a sweep was about meanwhile
		before := listed()
		harness.Await(t, "sweeps", func() (bool, error) { return listed() >= before+20, nil })
		p.Staged(t, "the file", func(_ *storage.ObjectAttrs, c *claim.Claim) bool {
			if round > 0 && c.Announcements != announcements {
				t.Errorf("announced %d times while a parser was at work", c.Announcements-announcements)
			}
			announcements = c.Announcements
			return true
		})
	}
	harness.FaultsCall(t, http.MethodDelete, s.FaultsURL())
	p.AwaitFiles(t, 1)
	p.Check(t, "ledger", harness.LifecycleQuery, "landing/orders/a.json|1|loaded|NULL|1|1|0|0|0|NULL\n")
}

// TestNamesWithControlCharacters: Cloud Storage takes them, and so does the pipeline.
func TestNamesWithControlCharacters(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	names := []string{"orders/nul\x00.json", "orders/tab\t.json", "orders/bell\a and\x7f.json", "orders/c1\u0085.json"}
	for n, name := range names {
		files.Add(t, p, name, []byte(harness.Order(fmt.Sprint("o-", n), 1, "P-1", "C-1", "10.00")))
	}
	p.AwaitFiles(t, len(names))
	var want strings.Builder
	for _, name := range slices.Sorted(slices.Values(names)) {
		want.WriteString("landing/" + name + "|loaded\n")
	}
	p.Check(t, "ledger", "SELECT landing_name, verdict FROM file_ledger ORDER BY landing_name", want.String())
	harness.VerifyAll(t, p, files.Sources)
}

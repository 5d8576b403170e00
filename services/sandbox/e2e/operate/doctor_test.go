package operate

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/command"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// Every fault that the doctor claims to find is made, and found; what it says of a
// deployment without faults is that there are none.
func TestDoctorFindsFaults(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	v := newVandal(t, cfg, 1)
	unready := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "consuming: the parser does not consume", http.StatusServiceUnavailable)
	}))
	defer unready.Close()
	v.unready = unready.URL
	for _, f := range faults(v) {
		t.Run(f.name, func(t *testing.T) {
			mustProvision(t, cfg, provision.Options{})
			applyIAM(t, cfg) // what is made anew has no policy
			grantNodes(t, cfg)
			for _, finding := range harness.MustExamine(t, cfg, doctor.Default()) {
				if finding.Status == doctor.Fail || finding.Status == doctor.Warn {
					t.Fatalf("before the fault: %+v", finding)
				}
			}
			opts := doctor.Default()
			if f.opts != nil {
				f.opts(&opts)
			}
			if f.do != nil {
				if err := f.do(t.Context(), v); err != nil {
					t.Fatal(err)
				}
			}
			findings, found := harness.MustExamine(t, cfg, opts), false
			for _, finding := range findings {
				if finding.Check == f.check && finding.Status == f.status && strings.Contains(finding.Detail, f.detail) {
					found = true
					if finding.Remedy == "" {
						t.Errorf("no remedy for %s", finding.Detail)
					}
				}
			}
			if !found {
				t.Errorf("no finding %s, %s, %q among %+v", f.check, f.status, f.detail, findings)
			}
			if f.undo != nil {
				if err := f.undo(t.Context(), v); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// An API that does not answer is told once; what needs it is skipped.
func TestDoctorFindsUnreachableAPIs(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	mustProvision(t, cfg, provision.Options{})
	applyIAM(t, cfg)
	const nobody = "127.0.0.1:1"
	for check, spoil := range map[string]func(*cloud.Config){
		"reach Pub/Sub":                func(c *cloud.Config) { c.PubSubHost = nobody },
		"reach Cloud Storage":          func(c *cloud.Config) { c.StorageHost = nobody },
		"reach BigQuery":               func(c *cloud.Config) { c.BigQueryHost = nobody },
		"reach BigQuery Storage Write": func(c *cloud.Config) { c.BigQueryStorageEndpoint = nobody },
	} {
		t.Run(check, func(t *testing.T) {
			t.Parallel()
			cfg, opts := cfg, doctor.Default()
			spoil(&cfg)
			opts.Patience = time.Second
			failed := 0
			for _, f := range harness.MustExamine(t, cfg, opts) {
				if f.Status == doctor.Fail {
					if failed++; f.Check != check {
						t.Errorf("failed: %+v", f)
					}
				}
			}
			if failed != 1 {
				t.Errorf("%d checks failed, want %q alone", failed, check)
			}
		})
	}
}

// runDoctor is the command line, with the findings that it prints.
func runDoctor(t *testing.T, args ...string) ([]doctor.Finding, error) {
	t.Helper()
	var out bytes.Buffer
	root := command.Root()
	root.Writer, root.ErrWriter = &out, &bytes.Buffer{}
	err := root.Run(t.Context(), append([]string{"pipelinectl"}, args...))
	var findings []doctor.Finding
	if decodeErr := json.Unmarshal(out.Bytes(), &findings); decodeErr != nil {
		t.Fatalf("%v in %q (%v)", decodeErr, out.String(), err)
	}
	return findings, err
}

// A canary passes every service, adds no order, and leaves the invariants alone.
func TestDoctorCanary(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	c := p.Endpoints
	findings, err := runDoctor(t, "--project", c.ProjectID, "--bucket", c.Bucket, "--pubsub-host", c.PubSubHost, "--storage-host", c.StorageHost,
		"--bigquery-host", c.BigQueryHost, "--bigquery-storage-endpoint", c.BigQueryStorageEndpoint, "--resource-manager-host", c.ResourceManagerHost,
		"doctor", "--json", "--canary", "--canary-timeout=1m", "--service", "reporter="+p.Dashboard)
	if err != nil {
		t.Errorf("%v: %+v", err, findings)
	}
	seen := make(map[string]doctor.Status)
	for _, f := range findings {
		seen[f.Check] = f.Status
	}
	for _, check := range []string{"configuration", "resources", "service reporter", "canary"} {
		if seen[check] != doctor.OK {
			t.Errorf("%s is %q, want ok", check, seen[check])
		}
	}
	p.AwaitFiles(t, 1)
	const want = "quarantined|mostly_refused|1|0|1\n"
	if got := harness.Text(p.MustQuery(t, "SELECT verdict, reason, records, loaded, rejected FROM file_ledger")); got != want {
		t.Errorf("ledger %q, want %q", got, want)
	}
	if got := harness.Text(p.MustQuery(t, "SELECT COUNT(*) FROM fact_orders")); got != "0\n" {
		t.Errorf("the canary added facts: %s", got)
	}
	p.VerifyInvariants(t)
}

// A canary tells which service it did not get past.
func TestDoctorCanaryStops(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "watcher,parser,writer")
	opts := doctor.Default()
	opts.Canary, opts.CanaryTimeout = true, 20*time.Second
	findings := harness.MustExamine(t, p.Endpoints, opts)
	last := findings[len(findings)-1]
	if last.Check != "canary" || last.Status != doctor.Fail || !strings.Contains(last.Detail, "not in the ledger within") || !strings.Contains(last.Remedy, "aggregator") {
		t.Errorf("finding %+v, want one that names the aggregator", last)
	}
}

func TestDoctorNamesTheConfiguration(t *testing.T) {
	t.Parallel()
	findings, err := runDoctor(t, "--project", "p", "doctor", "--json", "--archive-class=COLD", "--service=parser=8082")
	if err == nil || len(findings) != 1 || findings[0].Status != doctor.Fail {
		t.Fatalf("error %v, findings %+v", err, findings)
	}
	for _, want := range []string{"BUCKET must be set", "ARCHIVE_CLASS must be", `--service parser="8082": not a URL`} {
		if !strings.Contains(findings[0].Detail, want) {
			t.Errorf("detail %q does not say %q", findings[0].Detail, want)
		}
	}
}

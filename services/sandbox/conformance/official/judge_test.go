//go:build official

package official

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// suite is a package of Google's whose tests are judges.
type suite struct {
	name, path string
	// tests are those that judge a service; the others know only the client.
	tests *regexp.Regexp
	// subtests are those of each that can be had.
	subtests string
	// emulated tests are told of the embedded cloud itself; -short keeps them from asking for a
	// real one, too.
	emulated bool
}

var integration = regexp.MustCompile(`^TestIntegration_`)

var suites = []suite{
	{name: "pubsub", path: "cloud.google.com/go/pubsub/v2", tests: integration},
	{name: "storage", path: "cloud.google.com/go/storage", tests: regexp.MustCompile(`Emulated$`), subtests: "/^http$", emulated: true},
	{name: "bigquery", path: "cloud.google.com/go/bigquery", tests: integration},
	{name: "managedwriter", path: "cloud.google.com/go/bigquery/storage/managedwriter", tests: integration},
}

// judge is where tests run.
type judge struct {
	dir                  string
	integrated, emulated []string // environments
}

func newJudge(t *testing.T) *judge {
	t.Helper()
	cfg := harness.EmptyCloud(t)
	proxy, err := Start(hostsOf(cfg))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	key, err := Key(cfg.ProjectID)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	keyFile, certificateFile := filepath.Join(dir, "key.json"), filepath.Join(dir, "ca.pem")
	if err := errors.Join(os.WriteFile(keyFile, key, 0o600), os.WriteFile(certificateFile, proxy.Certificate, 0o600)); err != nil {
		t.Fatal(err)
	}
	return &judge{dir, append(os.Environ(),
		"HTTPS_PROXY="+proxy.URL, "https_proxy="+proxy.URL, "NO_PROXY=", "no_proxy=", "SSL_CERT_FILE="+certificateFile, "GOOGLE_API_USE_CLIENT_CERTIFICATE=false",
		"GCLOUD_TESTS_GOLANG_PROJECT_ID="+cfg.ProjectID, "GCLOUD_TESTS_GOLANG_KEY="+keyFile,
	), append(os.Environ(), "STORAGE_EMULATOR_HOST=http://"+strings.TrimPrefix(cfg.StorageHost, "http://"),
		"GOOGLE_APPLICATION_CREDENTIALS="+keyFile, "STORAGE_EMULATOR_HOST_GRPC="+strings.TrimPrefix(cfg.StorageHost, "http://"))} // asked for; its subtests are not run
}

func hostsOf(cfg cloud.Config) map[string]Backend {
	return map[string]Backend{
		"pubsub.googleapis.com":          {cfg.PubSubHost, true},
		"us-west1-pubsub.googleapis.com": {cfg.PubSubHost, true},
		"storage.googleapis.com":         {strings.TrimPrefix(cfg.StorageHost, "http://"), false},
		"bigquery.googleapis.com":        {cfg.BigQueryHost, false},
		"bigquerystorage.googleapis.com": {cfg.BigQueryStorageEndpoint, true},
	}
}

// build compiles the tests of a suite.
func (j *judge) build(ctx context.Context, t *testing.T, s suite) string {
	t.Helper()
	program := filepath.Join(j.dir, s.name+".test")
	if out, err := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, s.path).CombinedOutput(); err != nil {
		t.Fatalf("build the tests of %s: %v\n%s", s.path, err, out)
	}
	return program
}

func (j *judge) env(s suite) []string {
	if s.emulated {
		return j.emulated
	}
	return j.integrated
}

// names lists a suite's tests.
func (j *judge) names(ctx context.Context, t *testing.T, s suite, program string) (names []string) {
	t.Helper()
	command := exec.CommandContext(ctx, program, "-test.list", ".", "-test.short="+strconv.FormatBool(s.emulated))
	command.Dir, command.Env = j.dir, j.env(s)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("list the tests of %s: %v\n%s", s.path, err, out)
	}
	for line := range strings.Lines(string(out)) {
		// What is said to be of gRPC alone has no part over HTTP.
		if name := strings.TrimSpace(line); s.tests.MatchString(name) && !(s.emulated && strings.Contains(name, "GRPC")) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// run runs some tests and gives the word that ended each: PASS, FAIL or SKIP.
func (j *judge) run(ctx context.Context, s suite, program, timeout string, names ...string) (ends map[string]string, output string) {
	command := exec.CommandContext(ctx, program, "-test.v", "-test.run", "^("+strings.Join(names, "|")+")$"+s.subtests, "-test.timeout", timeout, "-test.short="+strconv.FormatBool(s.emulated))
	command.Dir, command.Env = j.dir, j.env(s)
	out, _ := command.CombinedOutput() // what failed is in the output
	ends = make(map[string]string)
	for _, m := range ended.FindAllStringSubmatch(string(out), -1) {
		ends[m[2]] = m[1]
	}
	return ends, string(out)
}

var ended = regexp.MustCompile(`(?m)^--- (PASS|FAIL|SKIP): (\w+)`)

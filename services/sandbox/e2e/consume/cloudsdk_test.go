//go:build cloudsdk

// The Google Cloud SDK is large and needs its own package source, so the tests of its
// command lines have a tag: go test -tags cloudsdk ./services/sandbox/e2e/consume
package consume

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/embedded"
)

// sdk runs the SDK's command lines as CLIENTS.md has them, in a folder of their own.
type sdk struct {
	dir       string
	variables []string
}

func newSDK(t *testing.T, cloud *embedded.Cloud) sdk {
	t.Helper()
	at := cloud.Endpoints()
	dir := t.TempDir()
	return sdk{dir, append(os.Environ(), "HOME="+dir, "CLOUDSDK_CONFIG="+filepath.Join(dir, "gcloud"), "CLOUDSDK_CORE_PROJECT="+cloud.ProjectID(),
		"CLOUDSDK_CORE_DISABLE_USAGE_REPORTING=true", "CLOUDSDK_CORE_DISABLE_PROMPTS=true", "CLOUDSDK_AUTH_DISABLE_CREDENTIALS=true",
		"CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE=http://"+at.StorageHost+"/storage/v1/")}
}

func (s sdk) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), *harness.Deadline)
	defer cancel()
	var complaints strings.Builder
	command := exec.CommandContext(ctx, name, args...)
	command.Dir, command.Env, command.Stderr = s.dir, s.variables, &complaints
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, complaints.String())
	}
	return string(out)
}

// TestBQ has bq make a table, load a file into it, insert, query and show.
func TestBQ(t *testing.T) {
	t.Parallel()
	cloud := embedded.Start(t)
	s := newSDK(t, cloud)
	bq := func(args ...string) string {
		t.Helper()
		return s.run(t, "bq", append([]string{"--api=http://" + cloud.Endpoints().BigQueryHost, "--project_id=" + cloud.ProjectID(), "--oauth_access_token=none", "--headless", "--format=csv", "--quiet"}, args...)...)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "orders.csv"), []byte("id,n\na,1\nb,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "more.json"), []byte(`{"id":"c","n":3}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bq("mk", "--dataset", "shop")
	bq("load", "--skip_leading_rows=1", "shop.orders", "orders.csv", "id:STRING,n:INTEGER")
	bq("insert", "shop.orders", "more.json")
	bq("query", "--use_legacy_sql=false", "--destination_table=shop.sums", "SELECT SUM(n) AS n FROM shop.orders")
	for want, got := range map[string]string{
		"n\n6\n":                bq("query", "--use_legacy_sql=false", "SELECT n FROM shop.sums"),
		"id,n\nb,2\n":           bq("query", "--use_legacy_sql=false", "--parameter=:STRING:b", "SELECT id, n FROM shop.orders WHERE id = ?"),
		"id,n\na,1\nb,2\nc,3\n": bq("head", "shop.orders"),
	} {
		if !strings.HasSuffix(got, want) {
			t.Errorf("bq printed %q, want %q", got, want)
		}
	}
	if list := bq("ls", "--format=json", "shop"); !strings.Contains(list, "orders") || !strings.Contains(list, "sums") {
		t.Errorf("the tables are %q", list)
	}
	if shown := bq("show", "--schema", "--format=json", "shop.orders"); !strings.Contains(shown, `"name":"id"`) {
		t.Errorf("the schema is %q", shown)
	}
	bq("rm", "-f", "-t", "shop.sums")
}

// TestGcloudStorage has gcloud storage make a bucket, copy there and back, list and remove.
func TestGcloudStorage(t *testing.T) {
	t.Parallel()
	cloud := embedded.Start(t)
	s := newSDK(t, cloud)
	gcloud := func(args ...string) string {
		t.Helper()
		return s.run(t, "gcloud", append([]string{"storage"}, args...)...)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "a.txt"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	gcloud("buckets", "create", "gs://letters")
	gcloud("cp", "a.txt", "gs://letters/x/a.txt")
	if list := gcloud("ls", "--recursive", "gs://letters"); !strings.Contains(list, "gs://letters/x/a.txt") {
		t.Errorf("the list is %q", list)
	}
	if text := gcloud("cat", "gs://letters/x/a.txt"); text != "hello" {
		t.Errorf("the object is %q", text)
	}
	gcloud("mv", "gs://letters/x/a.txt", "gs://letters/b.txt")
	gcloud("cp", "gs://letters/b.txt", "back.txt")
	if text, err := os.ReadFile(filepath.Join(s.dir, "back.txt")); err != nil || string(text) != "hello" {
		t.Errorf("what came back is %q: %v", text, err)
	}
	gcloud("rm", "gs://letters/b.txt")
}

// TestPython has the SDK's Python run the clients that it brings: that of Pub/Sub, which is the official one, and
// Google's API client with BigQuery's discovery document.
func TestPython(t *testing.T) {
	t.Parallel()
	cloud := embedded.Start(t)
	s := newSDK(t, cloud)
	where := strings.Split(strings.TrimSpace(s.run(t, "gcloud", "info", "--format=value[separator=' '](installation.sdk_root,basic.python_location)")), " ")
	if len(where) != 2 {
		t.Fatalf("the SDK and its Python are at %q", where)
	}
	s.variables = append(append(s.variables, cloud.Environ()...), "SDK_ROOT="+where[0], "GOOGLE_CLOUD_PROJECT="+cloud.ProjectID())
	for _, program := range []string{"pubsub_client.py", "bigquery_client.py"} {
		path, err := filepath.Abs(filepath.Join("python", program))
		if err != nil {
			t.Fatal(err)
		}
		if out := s.run(t, where[1], path); out != "done\n" {
			t.Errorf("%s: %s", program, out)
		}
	}
}

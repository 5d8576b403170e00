package consume

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestNodeClients has the official Node.js clients of Cloud Storage and BigQuery do what
// they are used for, by their own environment variables as endpoints.env has them.
func TestNodeClients(t *testing.T) {
	t.Parallel()
	node := harness.InstallNode(t, "nodeclients")
	dir := t.TempDir()
	p := harness.StartWith(t, harness.NewConfig(dir, "none"))
	for script, of := range map[string]string{"storage.js": p.Endpoints.Bucket, "bigquery.js": p.Endpoints.Dataset} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), *harness.Deadline)
			defer cancel()
			command := exec.CommandContext(ctx, node, script, of)
			command.Dir = "nodeclients"
			command.Env = clientVariables(t, dir)
			if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// clientVariables are this process's own environment and what a sandbox's
// endpoints.env tells official clients.
func clientVariables(t *testing.T, dir string) []string {
	t.Helper()
	values, err := config.ReadFile(filepath.Join(dir, "endpoints.env"))
	if err != nil {
		t.Fatal(err)
	}
	variables := append(os.Environ(), "GOOGLE_CLOUD_PROJECT="+values["PROJECT_ID"],
		"METADATA_SERVER_DETECTION=none") // or Node's clients look for Google's machines first, in vain
	for _, name := range []string{"PUBSUB_EMULATOR_HOST", "STORAGE_EMULATOR_HOST", "BIGQUERY_EMULATOR_HOST"} {
		variables = append(variables, name+"="+values[name])
	}
	return variables
}

// rclone is the tool as a person uses it against an address.
type rclone struct {
	path, remote string
}

func findRclone(t *testing.T, p *harness.Pipeline) rclone {
	t.Helper()
	path, err := exec.LookPath("rclone")
	if err != nil {
		t.Fatalf("no rclone: install it (apt-get install rclone): %v", err)
	}
	return rclone{path, ":gcs,anonymous=true,endpoint='http://" + p.Endpoints.StorageHost + "':" + p.Endpoints.Bucket + "/"}
}

// do runs a command; a name that begins with ":" is one of the bucket.
func (r rclone) do(t *testing.T, args ...string) []byte {
	t.Helper()
	for i, arg := range args {
		if name, remote := strings.CutPrefix(arg, ":"); remote {
			args[i] = r.remote + name
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), *harness.Deadline)
	defer cancel()
	var complaints strings.Builder
	command := exec.CommandContext(ctx, r.path, append([]string{"--config=", "--retries=1", "--low-level-retries=1"}, args...)...)
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		t.Fatalf("rclone %s: %v\n%s", strings.Join(args, " "), err, complaints.String())
	}
	return out
}

// TestRclone has rclone copy, list, read, move and delete.
func TestRclone(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "none")
	r := findRclone(t, p)
	local := t.TempDir()
	small, big := []byte("small"), bytes.Repeat([]byte("The quick brown fox. "), 1<<19) // above 8 MB rclone uploads in chunks
	for name, content := range map[string][]byte{"a/small.txt": small, "a/größe 1+1.txt": small, "big.bin": big} {
		path := filepath.Join(local, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r.do(t, "copy", local, ":rclone")
	r.do(t, "check", local, ":rclone")
	if got := r.do(t, "cat", "--offset", "4", "--count", "5", ":rclone/big.bin"); string(got) != "quick" {
		t.Errorf("bytes 4 to 8 are %q", got)
	}
	var list []struct {
		Path   string
		Size   int64
		Hashes map[string]string
	}
	if err := json.Unmarshal(r.do(t, "lsjson", "--recursive", "--files-only", "--hash", ":rclone"), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 3 {
		t.Errorf("the list has %d files: %v", len(list), list)
	}
	r.do(t, "copyto", ":rclone/a/small.txt", ":rclone/copied.txt")
	r.do(t, "moveto", ":rclone/copied.txt", ":rclone/b/moved.txt")
	if got := r.do(t, "cat", ":rclone/b/moved.txt"); string(got) != string(small) {
		t.Errorf("the moved object is %q", got)
	}
	back := t.TempDir()
	r.do(t, "sync", ":rclone", back)
	if got, err := os.ReadFile(filepath.Join(back, "big.bin")); err != nil || !bytes.Equal(got, big) {
		t.Errorf("%d bytes came back of %d: %v", len(got), len(big), err)
	}
	attrs, err := p.Storage.Bucket(p.Endpoints.Bucket).Object("rclone/big.bin").Attrs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if sum := md5.Sum(big); !bytes.Equal(attrs.MD5, sum[:]) || attrs.Metadata["mtime"] == "" {
		t.Errorf("MD5 %s, metadata %v", base64.StdEncoding.EncodeToString(attrs.MD5), attrs.Metadata)
	}
	r.do(t, "deletefile", ":rclone/big.bin")
	r.do(t, "purge", ":rclone")
	if got := r.do(t, "lsf", "--recursive", ":"); strings.Contains(string(got), "rclone/") {
		t.Errorf("left over: %s", got)
	}
}

package command

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

// execute runs a command line and gives what it wrote.
func execute(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, problems bytes.Buffer
	root := Root()
	root.Writer, root.ErrWriter = &out, &problems
	err = root.Run(t.Context(), append([]string{"pipelinectl"}, args...))
	return out.String(), problems.String(), err
}

// Not parallel: the environment is the process's.
func TestConfigSources(t *testing.T) {
	for _, s := range settings {
		t.Setenv(s.variable, "")
		if err := os.Unsetenv(s.variable); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "endpoints.env")
	text := "# a sandbox\nPROJECT_ID=from-file\nBUCKET=file-bucket\nPUBSUB_EMULATOR_HOST=127.0.0.1:1\n\nDASHBOARD_URL=http://x?a=b\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	base := cloud.Config{ProjectID: "from-file", Location: "us-central1", Dataset: "ecommerce_data", Bucket: "file-bucket", PubSubHost: "127.0.0.1:1"}
	production := cloud.Config{ProjectID: "p", Location: "us-central1", Dataset: "ecommerce_data", Bucket: "b"}
	for _, tt := range []struct {
		name string
		env  map[string]string
		args []string
		want cloud.Config
		err  string
	}{
		{name: "the sandbox's file, when no project is named", env: map[string]string{"SANDBOX_DATA_DIR": dir}, want: base},
		{name: "a named file", args: []string{"--env-file", file}, want: base},
		{
			name: "the environment, and no address of a sandbox", want: production,
			env: map[string]string{"SANDBOX_DATA_DIR": dir, "PROJECT_ID": "p", "BUCKET": "b"},
		},
		{name: "a flag wins", env: map[string]string{"PROJECT_ID": "other", "BUCKET": "b"}, args: []string{"--project", "p"}, want: production},
		{name: "a bucket lacks", args: []string{"--project", "p"}, err: "BUCKET must be set"},
		{name: "nothing", env: map[string]string{"SANDBOX_DATA_DIR": filepath.Join(dir, "none")}, err: "no project is named"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for key, value := range tt.env {
				t.Setenv(key, value)
			}
			root := Root()
			var got cloud.Config
			root.Action = func(_ context.Context, cmd *cli.Command) (err error) {
				got, err = configOf(cmd)
				return err
			}
			err := root.Run(t.Context(), append([]string{"pipelinectl"}, tt.args...))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGenerateToStdout(t *testing.T) {
	t.Parallel()
	args := []string{"generate", "orders", "-count", "10", "-seed", "3", "-from", "2026-11-01", "-to", "2026-11-02", "-faults", "empty_items=1"}
	first, report, err := execute(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(first, `"items": []`); n != 10 || !strings.Contains(report, "10 empty_items") {
		t.Errorf("%d faulty orders, report %q", n, report)
	}
	if second, _, err := execute(t, args...); err != nil || second != first {
		t.Errorf("the second time other orders, or error %v", err)
	}
}

func TestGenerateToFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, args := range [][]string{
		{"generate", "orders", "--count", "10", "--files", "3", "--out", dir, "--to", "2026-11-02"},
		{"generate", "products", "--out", dir},
		{"generate", "customers", "--out", dir, "--count", "5"},
	} {
		if _, _, err := execute(t, args...); err != nil {
			t.Fatal(err)
		}
	}
	lines := make(map[string]int)
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		lines[name] = bytes.Count(data, []byte("\n"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{
		"orders/orders_20261102_000000_0000.json": 3, "orders/orders_20261102_000000_0001.json": 3,
		"orders/orders_20261102_000000_0002.json": 4,
		"products/products_latest.csv":            101, "customers/customers_latest.csv": 6,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("lines of the files (-want +got):\n%s", diff)
	}
}

func TestWrongArguments(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args []string
		err  string
	}{
		"too many files": {[]string{"generate", "orders", "-count", "1", "-files", "2"}, "--files from 1 to --count"},
		"unknown fault":  {[]string{"generate", "products", "-faults", "empty_items=1"}, "no fault is named"},
		"two targets":    {[]string{"generate", "products", "-out", "x", "-upload"}, "not both"},
		"no kind":        {[]string{"--project", "p", "--bucket", "b", "upload", "a.pdf"}, "give --kind"},
		"no statement":   {[]string{"--project", "p", "--bucket", "b", "query"}, "in quotes"},
		"no orders":      {[]string{"bench", "-orders", "0"}, "must be positive"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := execute(t, tt.args...); err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

func TestPrintPermissions(t *testing.T) {
	t.Parallel()
	cloud := []string{"--project", "p", "--bucket", "b"}
	commands, _, err := execute(t, append(cloud, "provision", "--iam")...)
	if err != nil || !strings.HasPrefix(commands, "#!/bin/sh\n") || !strings.Contains(commands, "subject/ns/order-pipeline/sa/writer") {
		t.Errorf("error %v, commands:\n%.300s", err, commands)
	}
	list, _, err := execute(t, append(cloud, "provision", "--iam=print", "--format=json", "--project-number=7", "--namespace=shop", "--operator=group:oncall@example.com")...)
	if err != nil || !strings.Contains(list, `"principal://iam.googleapis.com/projects/7/locations/global/workloadIdentityPools/p.svc.id.goog/subject/ns/shop/sa/writer"`) {
		t.Errorf("error %v, JSON:\n%.300s", err, list)
	}
	if strings.Count(list, `"group:oncall@example.com"`) < 10 || strings.Contains(list, "/sa/pipelinectl") {
		t.Error("the operator's rights do not go to whom --operator names")
	}
	for want, args := range map[string][]string{
		"--iam=print or --iam=apply": {"--iam=revoke"}, "--format must be commands or json": {"--iam", "--format=yaml"},
	} {
		if _, _, err := execute(t, append(append(cloud, "provision"), args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

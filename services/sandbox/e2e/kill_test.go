package e2e

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// processDir names the data folder of a sandbox that this test binary is to be,
// instead of running tests.
const processDir = "E2E_SANDBOX_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(processDir); dir != "" {
		os.Exit(beSandbox(dir))
	}
	if date := os.Getenv(reportsDate); date != "" {
		os.Exit(beDailyRun(date))
	}
	os.Exit(m.Run())
}

// beSandbox is the sandbox's main on free ports.
func beSandbox(dir string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log, _, err := stack.OpenLog(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s, err := stack.Start(ctx, newConfig(dir, "all"), log)
	if err == nil {
		err = s.Wait(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := s.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// process is a sandbox in a process of its own, which can be killed.
type process struct {
	command *exec.Cmd
	dir     string
}

// startProcess starts a sandbox on dir and waits until it is ready.
func startProcess(t *testing.T, dir string) (*process, *pipeline) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	endpointsFile := filepath.Join(dir, "endpoints.env")
	if err := os.Remove(endpointsFile); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	command := exec.Command(self)
	command.Env = append(os.Environ(), processDir+"="+dir)
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{command, dir}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it is dead already if the test went well
		_ = command.Wait()
		if t.Failed() {
			dumpLog(t, dir)
		}
	})
	var (
		endpoints cloud.Config
		dashboard string
	)
	await(t, "sandbox ready", func() (bool, error) {
		values, err := readVariables(endpointsFile)
		if err != nil {
			return false, err
		}
		response, err := http.Get(values["SANDBOX_READY_URL"])
		if err != nil {
			return false, err
		}
		defer response.Body.Close()
		endpoints = cloud.Config{
			ProjectID: values["PROJECT_ID"], Location: values["LOCATION"], Dataset: values["DATASET"], Bucket: values["BUCKET"],
			PubSubHost: values["PUBSUB_EMULATOR_HOST"], StorageHost: values["STORAGE_EMULATOR_HOST"],
			BigQueryHost: values["BIGQUERY_EMULATOR_HOST"], BigQueryStorageEndpoint: values["BIGQUERY_STORAGE_GRPC_ENDPOINT"],
		}
		dashboard = values["DASHBOARD_URL"]
		return response.StatusCode == http.StatusOK, nil
	})
	return p, connect(t, endpoints, dashboard)
}

// kill ends the process with no chance to clean up.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.command.Wait() // reports the kill
}

func readVariables(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	values := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), "="); ok {
			values[name] = value
		}
	}
	return values, nil
}

// TestKill kills everything, services and cloud, again and again while files are
// landed, parsed, appended and loaded, and expects the outcome of a quiet day.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sandbox, p := startProcess(t, dir)
	var files landed
	files.add(t, p, "products/products.csv", productFile(t, 1))
	files.add(t, p, "customers/customers.csv", customerFile(t, 1))
	for i := range 6 {
		files.add(t, p, fmt.Sprintf("orders/orders_%d.json", i), orderFile(t, uint64(100+i), 2000, everyFault))
	}
	// Each kill comes at another stage: while files are claimed and read, between
	// staging and the first transactions, and among the last of them.
	for _, progress := range []string{
		"SELECT COUNT(*) > 0 FROM staging_orders",
		"SELECT COUNT(*) > 2000 FROM staging_orders",
		"SELECT COUNT(*) >= 3 FROM file_ledger",
		"SELECT COUNT(*) >= 6 FROM file_ledger",
	} {
		await(t, progress, func() (bool, error) {
			rows, err := p.query(t, progress)
			return err == nil && rows[0][0] == true, err
		})
		sandbox.kill(t)
		sandbox, p = startProcess(t, dir)
	}
	p.awaitFiles(t, len(files.sources))
	verifyAll(t, p, files.sources)

	if err := sandbox.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- sandbox.command.Wait() }()
	select {
	case err := <-stopped:
		if err != nil {
			t.Errorf("the sandbox did not end cleanly: %v", err)
		}
	case <-time.After(deadline):
		t.Error("the sandbox did not end")
	}
}

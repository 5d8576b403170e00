package harness

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// processDir names the data folder of a sandbox that this test binary is to be,
// instead of running tests; ProcessFaults, its plan of faults.
const (
	processDir    = "E2E_SANDBOX_DIR"
	ProcessFaults = "E2E_SANDBOX_FAULTS"
)

// beSandbox is the sandbox's main on free ports.
func beSandbox(dir string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log, _, err := stack.OpenLog(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	config := NewConfig(dir, "all")
	config.Faults = os.Getenv(ProcessFaults)
	s, err := stack.Start(ctx, config, log)
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
	Command *exec.Cmd
	dir     string
}

// StartProcess starts a sandbox on dir, with more variables if any, and waits until it is
// ready.
func StartProcess(t *testing.T, dir string, variables ...string) (*process, *Pipeline) {
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
	command.Env = append(command.Env, variables...)
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
	Await(t, "sandbox ready", func() (bool, error) {
		values, err := config.ReadFile(endpointsFile)
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
			ResourceManagerHost: values["RESOURCE_MANAGER_EMULATOR_HOST"], MonitoringHost: values["MONITORING_EMULATOR_HOST"],
		}
		dashboard = values["DASHBOARD_URL"]
		return response.StatusCode == http.StatusOK, nil
	})
	return p, Connect(t, endpoints, dashboard)
}

// Kill ends the process with no chance to clean up.
func (p *process) Kill(t *testing.T) {
	t.Helper()
	if err := p.Command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Command.Wait() // reports the kill
}

// ProcessParser is the variable that has this test binary be a parser, instead of running tests.
const ProcessParser = "E2E_PARSER"

func beParser() int {
	var cfg parsing.Config
	return service.Main(topology.Parser, &cfg, func(ctx context.Context, rt service.Runtime) (service.Runner, error) {
		return parsing.New(ctx, cfg, rt)
	})
}

// Main is the TestMain of every package of end-to-end tests. Some tests start their own
// binary once more as a process that they can kill: the environment says as what.
func Main(m *testing.M) {
	if dir := os.Getenv(processDir); dir != "" {
		os.Exit(beSandbox(dir))
	}
	if os.Getenv(ProcessParser) != "" {
		os.Exit(beParser())
	}
	os.Exit(m.Run())
}

package harness

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/embedded"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// NewConfig is a sandbox on free ports that does nothing by itself.
func NewConfig(dir, services string) stack.Config {
	return stack.Config{
		DataDir: dir, Services: services, GenerateInterval: time.Hour, GenerateOrders: 1,
		Replicas: 1, Variables: make(map[string]string),
	}
}

// Start runs a sandbox with the given services in this process until the test ends.
func Start(t *testing.T, services string) *Pipeline {
	t.Helper()
	return StartWith(t, NewConfig(t.TempDir(), services))
}

// StartWith is Start with a configuration of the test's own.
func StartWith(t *testing.T, config stack.Config) *Pipeline {
	t.Helper()
	s, _ := StartStack(t, config)
	return Connect(t, s.Endpoints(), s.DashboardURL())
}

// StartStack runs a sandbox until the test ends, or until it is stopped before.
func StartStack(t *testing.T, config stack.Config) (_ *stack.Stack, stop func()) {
	t.Helper()
	dir := config.DataDir
	log, closeLog, err := stack.OpenLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := stack.Start(t.Context(), config, log)
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		if err := errors.Join(s.Close(), closeLog()); err != nil {
			t.Errorf("close the sandbox: %v", err)
		}
	})
	t.Cleanup(func() {
		stop()
		failOnPanics(t, dir)
		if t.Failed() {
			dumpLog(t, dir)
		}
	})
	return s, stop
}

// failOnPanics fails the test for a panic that the embedded cloud survived.
func failOnPanics(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "sandbox.log"))
	if err != nil {
		t.Error(err)
	}
	if strings.Contains(string(text), `"request panicked"`) {
		t.Error("a request made the embedded cloud panic")
	}
}

// dumpLog shows the warnings of a failed test.
func dumpLog(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "sandbox.log"))
	if err != nil {
		t.Log(err)
		return
	}
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, `"severity":"INFO"`) {
			t.Log(line)
		}
	}
}

// EmptyCloud is an embedded cloud that nobody has provisioned.
func EmptyCloud(t *testing.T) cloud.Config {
	t.Helper()
	c := embedded.Start(t, func(cfg *embedded.Config) { cfg.ProjectID = "p" })
	return c.Endpoints()
}

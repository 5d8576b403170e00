package monitoring

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/monitoring/incident"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// startSandbox runs a sandbox with the given services until the test ends.
func startSandbox(t *testing.T, services string) *stack.Stack {
	t.Helper()
	cfg, err := incident.Config(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cfg.Services = services
	log, closeLog, err := stack.OpenLog(cfg.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := stack.Start(t.Context(), cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := closeLog(); err != nil {
			t.Error(err)
		}
	})
	return s
}

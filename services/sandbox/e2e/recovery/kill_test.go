package recovery

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestKill kills everything, services and cloud, again and again while files are
// landed, parsed, appended and loaded, and expects the outcome of a quiet day.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sandbox, p := harness.StartProcess(t, dir)
	var files harness.Landed
	files.Add(t, p, "products/products.csv", harness.ProductFile(t, 1))
	files.Add(t, p, "customers/customers.csv", harness.CustomerFile(t, 1))
	for i := range 6 {
		files.Add(t, p, fmt.Sprintf("orders/orders_%d.json", i), harness.OrderFile(t, uint64(100+i), 2000, harness.EveryFault))
	}
	// Each kill comes at another stage: while files are claimed and read, between
	// staging and the first transactions, and among the last of them.
	for _, progress := range []string{
		"SELECT COUNT(*) > 0 FROM staging_orders",
		"SELECT COUNT(*) > 2000 FROM staging_orders",
		"SELECT COUNT(*) >= 3 FROM file_ledger",
		"SELECT COUNT(*) >= 6 FROM file_ledger",
	} {
		harness.Await(t, progress, func() (bool, error) {
			rows, err := p.Query(t, progress)
			return err == nil && rows[0][0] == true, err
		})
		sandbox.Kill(t)
		sandbox, p = harness.StartProcess(t, dir)
	}
	p.AwaitFiles(t, len(files.Sources))
	harness.VerifyAll(t, p, files.Sources)

	if err := sandbox.Command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- sandbox.Command.Wait() }()
	select {
	case err := <-stopped:
		if err != nil {
			t.Errorf("the sandbox did not end cleanly: %v", err)
		}
	case <-time.After(*harness.Deadline):
		t.Error("the sandbox did not end")
	}
}

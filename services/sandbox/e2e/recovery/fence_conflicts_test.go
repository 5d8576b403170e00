package recovery

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestFenceConflicts has the fence raised by somebody else twenty times while two
// aggregators load: their transactions are cancelled or find it stale, are run again, and
// everything is loaded once.
func TestFenceConflicts(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, allButAggregator)
	raising, enough := context.WithCancel(t.Context())
	var others sync.WaitGroup
	raised := 0
	others.Go(func() {
		for raised < 20 && raising.Err() == nil {
			// One that meets a transaction is refused; that is the others' good luck.
			if _, err := p.Query(t, "UPDATE pipeline_fence SET epoch = epoch + 1, raised_at = CURRENT_TIMESTAMP() WHERE id = 1"); err == nil {
				raised++
			}
			select {
			case <-time.After(50 * time.Millisecond):
			case <-raising.Done():
			}
		}
	})
	t.Cleanup(others.Wait)
	t.Cleanup(enough)
	for range 2 {
		startAggregator(t, p, func(*loading.Config) {})
	}
	var files harness.Landed
	for i := range 8 {
		files.Add(t, p, fmt.Sprintf("orders/%d.json", i), harness.OrderFile(t, uint64(900+i), 200, nil))
		p.AwaitFiles(t, i+1)
	}
	enough()
	others.Wait()
	if raised == 0 {
		t.Error("the fence was never raised by somebody else")
	}
	harness.VerifyAll(t, p, files.Sources)
}

package recovery

import (
	"fmt"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestReplicas runs two watchers, parsers, writers and aggregators over the same
// files, every message delivered twice, and expects the outcome of one of each.
func TestReplicas(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Replicas = 2
	config.Faults = "seed 1; pubsub.messages.* twice rate 0.5; pubsub.messages.* again; bigquery.AppendRows lost unavailable rate 0.1"
	p := harness.StartWith(t, config)
	var files harness.Landed
	for i := range 10 {
		files.Add(t, p, fmt.Sprintf("orders/orders_%d.json", i), harness.OrderFile(t, uint64(200+i), 300, harness.EveryFault))
	}
	files.Add(t, p, "products/products.csv", harness.ProductFile(t, 1))
	files.Add(t, p, "customers/customers.csv", harness.CustomerFile(t, 1))
	p.AwaitFiles(t, len(files.Sources))
	harness.VerifyAll(t, p, files.Sources)
}

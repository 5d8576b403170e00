package e2e

import (
	"fmt"
	"testing"
)

// TestReplicas runs two watchers, parsers, writers and aggregators over the same
// files, every message delivered twice, and expects the outcome of one of each.
func TestReplicas(t *testing.T) {
	t.Parallel()
	config := newConfig(t.TempDir(), "all")
	config.Replicas = 2
	config.Faults = "seed 1; pubsub.messages.* twice rate 0.5; pubsub.messages.* again; bigquery.AppendRows lost unavailable rate 0.1"
	p := startWith(t, config)
	var files landed
	for i := range 10 {
		files.add(t, p, fmt.Sprintf("orders/orders_%d.json", i), orderFile(t, uint64(200+i), 300, everyFault))
	}
	files.add(t, p, "products/products.csv", productFile(t, 1))
	files.add(t, p, "customers/customers.csv", customerFile(t, 1))
	p.awaitFiles(t, len(files.sources))
	verifyAll(t, p, files.sources)
}

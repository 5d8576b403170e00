package recovery

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// nasty is a bad day of the whole cloud. Only uploads are spared: they are the
// test's own, and an uploader whose response is lost lands its file twice.
// Responses of StreamingPull are not lost, because what they carried comes back
// only when its lease of a minute ends; its streams are dropped instead.
const nasty = `
	seed 1
	pubsub.*             fail unavailable first 1
	bigquery.*           fail unavailable first 1
	storage.objects.[^i]* fail unavailable first 1
	pubsub.*             fail unavailable rate 0.05
	bigquery.*           fail unavailable rate 0.05
	storage.objects.[^i]* fail unavailable rate 0.05
	pubsub.[^S]*         lost unavailable rate 0.05
	bigquery.*           lost unavailable rate 0.05
	storage.objects.[^i]* lost unavailable rate 0.05
	storage.objects.[^i]* drop rate 0.05
	bigquery.jobs.*      drop rate 0.05
	bigquery.AppendRows  drop rate 0.2
	bigquery.AppendRows  lost unavailable rate 0.2
	pubsub.StreamingPull drop rate 0.05
	*                    delay 2ms rate 0.1
	pubsub.messages.*    twice rate 0.5
	pubsub.messages.*    again
`

// TestFaults lands files on a cloud where every call may fail, every message
// comes twice and streams break, and expects the outcome of a quiet day.
func TestFaults(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Faults = nasty
	s, _ := harness.StartStack(t, config)
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	var files harness.Landed
	files.Add(t, p, "orders/first.json", harness.OrderFile(t, 31, 500, harness.EveryFault))
	files.Add(t, p, "products/products.csv", harness.ProductFile(t, 1))
	files.Add(t, p, "customers/customers.csv", harness.CustomerFile(t, 1))
	for i := range 5 {
		files.Add(t, p, fmt.Sprintf("orders/orders_%d.json", i), harness.OrderFile(t, uint64(32+i), 300, harness.EveryFault))
	}
	files.Add(t, p, "orders/gzip.json.gz", harness.Gzipped(t, harness.OrderFile(t, 40, 300, harness.EveryFault)))
	files.Add(t, p, "orders/unreadable.json.gz", []byte("\x1f\x8b and no more"))
	p.AwaitFiles(t, len(files.Sources))
	for rule := range strings.Lines(harness.FaultsCall(t, http.MethodGet, s.FaultsURL())) {
		if strings.Contains(rule, "(struck 0 times)") {
			t.Errorf("the load did not meet this fault: %s", rule)
		}
	}
	// What follows is the test's own work.
	harness.FaultsCall(t, http.MethodDelete, s.FaultsURL())
	harness.VerifyAll(t, p, files.Sources)
}

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
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

// faultsCall calls the sandbox's /faults.
func faultsCall(t *testing.T, method, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s: %s", method, url, response.Status, text)
	}
	return string(text)
}

// TestFaults lands files on a cloud where every call may fail, every message
// comes twice and streams break, and expects the outcome of a quiet day.
func TestFaults(t *testing.T) {
	t.Parallel()
	config := newConfig(t.TempDir(), "all")
	config.Faults = nasty
	s, _ := startStack(t, config)
	p := connect(t, s.Endpoints(), s.DashboardURL())
	var files landed
	files.add(t, p, "orders/first.json", orderFile(t, 31, 500, everyFault))
	files.add(t, p, "products/products.csv", productFile(t, 1))
	files.add(t, p, "customers/customers.csv", customerFile(t, 1))
	for i := range 5 {
		files.add(t, p, fmt.Sprintf("orders/orders_%d.json", i), orderFile(t, uint64(32+i), 300, everyFault))
	}
	files.add(t, p, "orders/gzip.json.gz", gzipped(t, orderFile(t, 40, 300, everyFault)))
	files.add(t, p, "orders/unreadable.json.gz", []byte("\x1f\x8b and no more"))
	p.awaitFiles(t, len(files.sources))
	for rule := range strings.Lines(faultsCall(t, http.MethodGet, s.FaultsURL())) {
		if strings.Contains(rule, "(struck 0 times)") {
			t.Errorf("the load did not meet this fault: %s", rule)
		}
	}
	// What follows is the test's own work.
	faultsCall(t, http.MethodDelete, s.FaultsURL())
	verifyAll(t, p, files.sources)
}

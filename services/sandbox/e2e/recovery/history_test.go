package recovery

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestHistoryGoesOn ends a new sandbox while its history lands: started again, it lands the rest of the same history, once
// only; of a file that had landed without its taking note it lands the same records, which are left out.
func TestHistoryGoesOn(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), topology.Reporter) // nothing is loaded, so that the older days do not land yet
	config.Generate = true
	started, stop := harness.StartStack(t, config)
	p := harness.Connect(t, started.Endpoints(), started.DashboardURL())
	harness.Await(t, "the first files", func() (bool, error) {
		noted := notedFiles(t, config.DataDir)
		return len(noted) == 3, nil
	})
	if _, err := p.Bucket().Objects(t.Context(), &storage.Query{Prefix: topology.Landing}).Next(); err != nil {
		t.Fatal(err)
	}
	stop()
	forgetOrders(t, config.DataDir)

	config.Services = "all"
	started, stop = harness.StartStack(t, config)
	p = harness.Connect(t, started.Endpoints(), started.DashboardURL())
	p.AwaitFiles(t, 7)
	const outcome = `SELECT COUNT(DISTINCT landing_name), COUNT(*), SUM(duplicates) > 1000 FROM file_ledger`
	p.Check(t, "files of the history", outcome, "6|7|true\n")
	p.Check(t, "days of the history", "SELECT COUNT(DISTINCT order_date) >= 120 FROM fact_orders", "true\n")
	p.VerifyInvariants(t)
	stop()

	// A sandbox whose history is whole lands none.
	started, _ = harness.StartStack(t, config)
	p = harness.Connect(t, started.Endpoints(), started.DashboardURL())
	p.Land(t, "products/more.csv", []byte("product_id,product_name,category,price,stock_level\nP-1,One,Toys,1.00,1\n"))
	p.AwaitFiles(t, 8)
	p.Check(t, "files of the history", outcome, "7|8|true\n")
}

// progress is what a sandbox keeps of its history.
func progress(t *testing.T, dir string) (path string, kept map[string]any) {
	t.Helper()
	path = filepath.Join(dir, "history.json")
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return path, nil
	}
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // the seed has more digits than a float
	if err := decoder.Decode(&kept); err != nil {
		t.Fatal(err)
	}
	return path, kept
}

// notedFiles are those that are noted as landed.
func notedFiles(t *testing.T, dir string) map[string]any {
	t.Helper()
	_, kept := progress(t, dir)
	landed, _ := kept["landed"].(map[string]any)
	return landed
}

// forgetOrders is as if the sandbox had been killed after the orders landed and before it took note.
func forgetOrders(t *testing.T, dir string) {
	t.Helper()
	path, kept := progress(t, dir)
	landed := kept["landed"].(map[string]any)
	maps.DeleteFunc(landed, func(name string, _ any) bool { return strings.HasPrefix(name, "orders/") })
	text, err := json.Marshal(kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

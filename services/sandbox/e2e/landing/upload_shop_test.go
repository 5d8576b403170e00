package landing

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// shopExport gives a local copy of one of the Shopify exports that the sources are tested on.
func shopExport(t *testing.T, kind, sample, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "parser", "source", "testdata", "samples", kind, "shopify", sample))
	if err != nil {
		t.Fatal(err)
	}
	return localFile(t, name, string(content))
}

func localFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// uploaded runs an upload and gives what it says, each run of spaces as one.
func uploaded(t *testing.T, p *harness.Pipeline, status int, says string, args ...string) string {
	t.Helper()
	out, err := p.Pipelinectl(t, append([]string{"upload"}, args...)...)
	got, message := 0, ""
	if err != nil {
		got, message = usage.Status(err), err.Error()
	}
	if got != status || !strings.Contains(message, says) {
		t.Errorf("upload %q: status %d (%s), want %d and %q\n%s", args, got, message, status, says, out)
	}
	return strings.Join(strings.Fields(out), " ")
}

// TestUploadOfAShop takes a Shopify export from a folder to the dashboard's numbers with the one
// command, which tells what became of each file.
func TestUploadOfAShop(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	orders := shopExport(t, "orders", "wrapped.json", "orders.json")
	products := shopExport(t, "products", "products_export.csv", "products_export.csv")
	customers := shopExport(t, "customers", "customers_export.csv", "customers_export.csv")
	says := uploaded(t, p, 0, "", "--source", "shopify", products, customers)
	for path, name := range map[string]string{products: "products/shopify/products_export.csv", customers: "customers/shopify/customers_export.csv"} {
		records := map[string]string{products: "8 8", customers: "2 2"}[path]
		if want := path + " " + p.FileID(t, name) + " loaded " + records + " 0 0 0 0 -"; !strings.Contains(says, want) {
			t.Errorf("the upload does not say %q:\n%s", want, says)
		}
	}
	// Three of its orders cannot be counted: in another currency, without lines, with a decimal comma.
	says = uploaded(t, p, 1, "3 of 11 records were refused", "--source", "shopify", orders)
	for _, want := range []string{"would be loaded: 8 of 11 records", "gross 161.42, refunds 33.99, net 127.43", orders + " " + p.FileID(t, "orders/shopify/orders.json") + " loaded 11 8 0 0 3 0 -"} {
		if !strings.Contains(says, want) {
			t.Errorf("the upload does not say %q:\n%s", want, says)
		}
	}
	if row := p.Ask(t, "summary?from=2026-10-30&to=2026-10-30", "rows")[0]; row["orders"] != 8.0 || row["total_revenue"] != "161.42" || row["refunded_revenue"] != "33.99" ||
		row["net_revenue"] != "127.43" || row["revenue"] != "113.33" { // of what was paid: 11.00 were cancelled and 3.10 are pending
		t.Errorf("the dashboard shows %v", row)
	}
	says = uploaded(t, p, 1, "3 of 11 records were refused", "--source", "shopify", orders)
	if want := " loaded 11 0 0 8 3 0 -"; !strings.Contains(says, want) {
		t.Errorf("the second upload does not say %q:\n%s", want, says)
	}
	p.AwaitFiles(t, 4)
	p.VerifyInvariants(t)
}

// TestUploadOfUnfitFiles: what would end in quarantine/ is not uploaded, unless one insists.
func TestUploadOfUnfitFiles(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	good := localFile(t, "orders.json", harness.Order("o-1", 1, "P-1", "C-1", "10.00"))
	unfit := shopExport(t, "orders", "wrapped.json", "orders_of_may.json")
	if says := uploaded(t, p, 1, "nothing is uploaded", good, unfit); !strings.Contains(says, "NOT be loaded (unknown_shape)") {
		t.Errorf("the upload does not say why:\n%s", says)
	}
	uploaded(t, p, 2, `no source is called "shopfy"`, "--source", "shopfy", unfit)
	uploaded(t, p, 2, "neither its folder nor its name", localFile(t, "export.json", "{}"))
	uploaded(t, p, 2, "at least one file")
	uploaded(t, p, 2, "no such file", good+".old")
	if object, err := p.Bucket().Objects(t.Context(), &storage.Query{Prefix: "landing/"}).Next(); err == nil {
		t.Errorf("%s was uploaded", object.Name)
	}
	p.Check(t, "ledger", "SELECT COUNT(*) FROM file_ledger", "0\n")

	// A folder that is called nearly like a source is none; any other holds native records.
	uploaded(t, p, 1, "was quarantined (unknown_source)", "--force", "--source", "shopfy", good)
	uploaded(t, p, 1, "was quarantined (unknown_shape)", "--force", "--source", "till", good, unfit)
	p.AwaitFiles(t, 3)
	p.Check(t, "ledger", "SELECT landing_name, verdict, reason, loaded FROM file_ledger ORDER BY 1",
		"landing/orders/shopfy/orders.json|quarantined|unknown_source|0\n"+
			"landing/orders/till/orders.json|loaded|NULL|1\nlanding/orders/till/orders_of_may.json|quarantined|unknown_shape|0\n")

	// Nobody claims what is left alone.
	uploaded(t, p, 1, "it still lies in landing/", "--wait", "1ms", "--kind", "orders", localFile(t, "_orders.json", harness.Order("o-2", 1, "P-1", "C-1", "10.00")))
	if says := uploaded(t, p, 0, "", "--wait", "0", localFile(t, "orders_2.json", harness.Order("o-2", 1, "P-1", "C-1", "10.00"))); strings.Contains(says, "VERDICT") {
		t.Errorf("an upload that does not wait says:\n%s", says)
	}
}

// TestUploadTellsWhy uploads files that are not loaded whole: the message has the finding's own
// words, which say what the file or the record is and what to do.
func TestUploadTellsWhy(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	order := harness.Order("O-1", 1, "P-1", "C-1", "10.00")
	says := uploaded(t, p, 0, "", localFile(t, "first.orders.json", order))
	if want := " loaded 1 1 0 0 0 0 -"; !strings.Contains(says, want) {
		t.Errorf("the upload does not say %q:\n%s", want, says)
	}
	uploaded(t, p, 0, "", localFile(t, "again.orders.json", order)) // a repetition is no fault
	changed := strings.Replace(order, "completed", "refunded", 1)
	uploaded(t, p, 1, "1 of 1 record left out (duplicate_order_conflict), such as: same order_id with other content as record 0 of landing/orders/first.orders.json",
		localFile(t, "changed.orders.json", changed))
	uploaded(t, p, 1, "(unknown_shape): the file is one JSON document: the orders are in /orders;", "--force", localFile(t, "wrapped.orders.json", `{"orders":[`+strings.TrimSpace(order)+`]}`))
	uploaded(t, p, 1, "1 of 2 records were refused\n  1 by invalid_amount, such as items[0].unit_price: the amount is negative: -3.00;",
		localFile(t, "negative.orders.json", harness.Order("O-2", 1, "P-1", "C-1", "3.00")+strings.Replace(harness.Order("O-3", 1, "P-1", "C-1", "3.00"), `"unit_price":3`, `"unit_price":-3`, 1)))
	p.VerifyInvariants(t)
}

package command

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/check"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	goodOrder = `{"order_id":"A-1","customer_id":null,"order_timestamp":"2026-11-01T10:00:00Z","items":[{"product_id":"P-1","quantity":2,"unit_price":12.50}],"total_amount":25.00,"payment_status":"completed","shipping_address":null}`
	badOrder  = `{"order_id":"A-2","customer_id":null,"order_timestamp":"yesterday","items":[{"product_id":"P-1","quantity":"2","unit_price":12.50}],"payment_status":"completed","shipping_address":null}`
)

// write makes a file of the text below a folder of the test's own.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSourceCheck(t *testing.T) {
	t.Parallel()
	good := write(t, "orders.jsonl", goodOrder+"\n"+goodOrder+"\n")
	for name, tt := range map[string]struct {
		args   []string
		status int // 0: no error
		says   []string
	}{
		"all is well": {[]string{good}, 0, []string{"would be loaded: 2 of 2", "2 orders with 2 lines, 2026-11-01", "gross 50.00", "came before in the file: 1", "guests: 2"}},
		"all faults of a record": {[]string{write(t, "orders.jsonl", goodOrder+"\n"+badOrder+"\n")}, 1,
			[]string{"1 of 2 records, 1 refused", "order_timestamp: ", "items[0].quantity: ", "total_amount: ", "yesterday"}},
		"a wrapper":         {[]string{write(t, "orders.json", `{"orders":[`+goodOrder+`]}`)}, 1, []string{"NOT be loaded (unknown_shape)", "/orders"}},
		"the folder's kind": {[]string{write(t, "products/x.csv", "a;b\n")}, 1, []string{"products, read as native records", "header_mismatch"}},
		"the folder's source": {[]string{write(t, "orders/order-lines-csv/x.csv", "order_id,order_date,quantity,price,total,status,sku\n1,2026-11-01,2,1.50,3.00,paid,A\n")}, 0,
			[]string{"read as source order-lines-csv", "gross 3.00"}},
		"no file":        {[]string{filepath.Join(t.TempDir(), "none")}, 2, nil},
		"no such source": {[]string{"--source", "none", good}, 2, nil},
		"no such kind":   {[]string{"--kind", "none", good}, 2, nil},
		"no such output": {[]string{"-o", "none", good}, 2, nil},
		"no such flag":   {[]string{"--none", good}, 2, nil},
		"nothing":        {nil, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, _, err := execute(t, append([]string{"source", "check", "--sources-dir", t.TempDir()}, tt.args...)...)
			status := 0
			if err != nil {
				status = usage.Status(err)
			}
			if status != tt.status {
				t.Errorf("status %d, want %d: %v", status, tt.status, err)
			}
			for _, words := range tt.says {
				if !strings.Contains(out, words) {
					t.Errorf("%q is not said:\n%s", words, out)
				}
			}
		})
	}
}

func TestSourceCheckForPrograms(t *testing.T) {
	t.Parallel()
	out, _, err := execute(t, "source", "check", "-o", "json", "--sources-dir", t.TempDir(), write(t, "orders.jsonl", badOrder))
	var report check.Report
	if fault := json.Unmarshal([]byte(out), &report); fault != nil || err == nil {
		t.Fatalf("%v, %v:\n%s", fault, err, out)
	}
	if report.Refused != 1 || len(report.Details) != 1 || len(report.Details[0].Faults) < 3 || len(report.Faults) < 3 {
		t.Errorf("%+v", report)
	}
}

func TestSourceCheckAsCSV(t *testing.T) {
	t.Parallel()
	path := write(t, "orders.jsonl", goodOrder+"\n"+badOrder+"\n")
	out, _, err := execute(t, "source", "check", "-o", "csv", "--sources-dir", t.TempDir(), path)
	rows, fault := csv.NewReader(strings.NewReader(out)).ReadAll()
	if fault != nil || err == nil || len(rows) != 4 {
		t.Fatalf("%v, %v:\n%s", fault, err, out)
	}
	for n, want := range []string{"file record byte_offset rule path number", path + " 2 216 invalid_timestamp order_timestamp 1", path + " 2 216 wrong_type items[0].quantity 1", path + " 2 216 missing_field total_amount 1"} {
		if got := strings.Join(slices.Concat(rows[n][:5], rows[n][6:]), " "); got != want {
			t.Errorf("row %d: %s, want %s", n, got, want)
		}
	}
	out, _, err = execute(t, "source", "check", "-o", "csv", "--sources-dir", t.TempDir(), write(t, "orders.json", `{"orders":[`+goodOrder+`]}`))
	if rows, fault = csv.NewReader(strings.NewReader(out)).ReadAll(); fault != nil || err == nil || len(rows) != 2 || rows[1][3] != "unknown_shape" || !strings.Contains(rows[1][5], "/orders") {
		t.Errorf("%v, %v:\n%s", fault, err, out)
	}
}

func TestSourceListForPrograms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "broken.yaml"), []byte("orders: {jason: {}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, _ := execute(t, "source", "list", "-o", "csv", "--sources-dir", dir)
	if rows, err := csv.NewReader(strings.NewReader(out)).ReadAll(); err != nil || len(rows) != 5 || strings.Join(rows[0], " ") != "name kinds folders from wrong" || !strings.Contains(rows[1][4], "jason") {
		t.Errorf("%v:\n%s", err, out)
	}
	out, _, _ = execute(t, "source", "list", "-o", "json", "--sources-dir", dir)
	var names []string
	for line := range strings.Lines(out) {
		var row struct {
			Name    string
			Folders []string
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		names = append(names, row.Name)
	}
	if got := strings.Join(names, " "); got != "broken order-lines-csv shopify woocommerce" {
		t.Errorf("the sources %s", got)
	}
}

// TestSourceSuggestKnowsSources drafts for files that a source reads already, and for one that none does.
func TestSourceSuggestKnowsSources(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"shopify.json":     "# The source shopify is built in and reads 2 of the file's 2 records: no draft is needed (upload --source shopify).\n",
		"woocommerce.json": "# The source woocommerce is built in and reads ",
		"ecwid.json":       "# Drafted by",
	} {
		out, _, err := execute(t, "source", "suggest", filepath.Join("../suggest/testdata", file))
		if err != nil || !strings.HasPrefix(out, want) || !strings.Contains(out, "# Drafted by") {
			t.Errorf("%s: %v\n%.300s", file, err, out)
		}
	}
}

func TestSourceList(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shown, _, err := execute(t, "source", "show", "--sources-dir", dir, "shopify")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "mine.yaml"), []byte(shown), 0o600),
		os.WriteFile(filepath.Join(dir, "broken.yaml"), []byte("orders: {jason: {}}\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	out, _, err := execute(t, "source", "list", "--sources-dir", dir)
	for _, words := range []string{"landing/orders/mine/", "landing/customers/shopify/", "wrong: ", `"jason"`, "built in"} {
		if !strings.Contains(out, words) {
			t.Errorf("%q is not said:\n%s", words, out)
		}
	}
	if err == nil {
		t.Error("a wrong source is no error")
	}
	if schema, _, err := execute(t, "source", "schema"); err != nil || !json.Valid([]byte(schema)) {
		t.Errorf("the schema is no JSON: %v", err)
	}
}

// TestSourceSamplesOfREADME compares what the README shows of source check with what the command prints.
func TestSourceSamplesOfREADME(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "<!-- source check --source shopify ../suggest/testdata/shopify.json -->\n```\n")
	want, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the README has no sample")
	}
	out, _, err := execute(t, "source", "check", "--sources-dir", t.TempDir(), "--source", "shopify", "../suggest/testdata/shopify.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Replace(out, "../suggest/testdata/", "", 1); got != want {
		t.Errorf("the README shows\n%s\nthe command prints\n%s", want, got)
	}
}

package recovery

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// TestAppendRefusedKeepsTheRecord: of a record that the parser accepts and the warehouse refuses
// its own bytes are kept, whatever file it stood in, and verify finds nothing wrong with it.
func TestAppendRefusedKeepsTheRecord(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	// A warehouse that knows no guests, and no products without a category.
	require(t, p, "staging_orders", "customer_id")
	require(t, p, "staging_products", "category")
	var want strings.Builder
	guest := func(id string) string {
		return strings.Replace(harness.Order(id, 1, "P-1", "", "10.00"), `"customer_id":""`, `"customer_id":null`, 1)
	}
	refused := func(name string, index int, bytes string) {
		fmt.Fprintf(&want, "landing/%s|%d|%s|%d|true\n", name, index, bytes, len(bytes))
	}
	lines := func(prefix string) (text string) {
		for i := range 6 {
			id := fmt.Sprintf("%s-%d", prefix, i)
			if i%2 == 0 {
				text += harness.Order(id, 1, "P-1", "C-1", "10.00")
			} else {
				text += guest(id)
			}
		}
		return text
	}
	trimmed := func(id string) string { return strings.TrimSpace(guest(id)) }
	array := "[" + strings.TrimSpace(harness.Order("a-0", 1, "P-1", "C-1", "10.00")) + ",\n  " + trimmed("a-1") + "]\n"
	p.Land(t, "orders/array.json", []byte(array))
	refused("orders/array.json", 1, trimmed("a-1"))
	p.Land(t, "orders/packed.json", harness.Gzipped(t, []byte(lines("g"))))
	p.Land(t, "orders/plain.json", []byte(lines("p")))
	for _, name := range []string{"packed", "plain"} {
		for i := 1; i < 6; i += 2 {
			refused("orders/"+name+".json", i, trimmed(fmt.Sprintf("%c-%d", map[string]byte{"packed": 'g', "plain": 'p'}[name], i)))
		}
	}
	p.Land(t, "products/p.csv", []byte("product_id,product_name,category,price,stock_level\nP-1,Lamp,Home,10.00,5\nP-2,\"Ball, red\",,2.50,0\nP-3,Kite,Sports,1,1\n"))
	refused("products/p.csv", 1, `P-2,"Ball, red",,2.50,0`)
	p.AwaitFiles(t, 4)
	p.Check(t, "refused", `SELECT landing_name, record_index, SAFE_CONVERT_BYTES_TO_STRING(payload), byte_length, TO_HEX(SHA256(payload)) = sha256
		FROM v_rejected_records WHERE rule = 'append_refused' ORDER BY landing_name, record_index`, want.String())
	p.Check(t, "dead letters", "SELECT COUNT(*) FROM dead_letters", "0\n")
	clients, err := verify.Open(t.Context(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	violations, err := verify.Invariants(t.Context(), clients)
	if err != nil {
		t.Fatal(err)
	}
	done, err := verify.FromArchive(t.Context(), clients, verify.Archive{Policy: p.Policy})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range append(violations, done.Violations...) {
		t.Error(v)
	}
}

// require makes a table anew, with a column that takes no NULL.
func require(t *testing.T, p *harness.Pipeline, table, column string) {
	t.Helper()
	definition, known, err := schema.Find(table)
	if err != nil || !known {
		t.Fatalf("no table %s: %v", table, err)
	}
	p.MustQuery(t, "DROP TABLE "+table)
	p.MustQuery(t, strings.Replace(definition.DDL, column+" STRING", column+" STRING NOT NULL", 1))
}

package orders

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

const shownQuery = `SELECT product_id, product_name, is_active, valid_to IS NULL FROM (
	SELECT product_id, product_name, is_active, updated_at AS valid_from, CAST(NULL AS TIMESTAMP) AS valid_to FROM dim_products
	UNION ALL SELECT product_id, product_name, is_active, valid_from, valid_to FROM dim_products_history
) ORDER BY product_id, valid_from`

// TestDimensionHistory changes rows of the catalogs, lands them again as they are, has them
// disappear and come back, alone and in one transaction, and finds faults planted in the history.
func TestDimensionHistory(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	products := func(name string, names ...string) {
		t.Helper()
		rows := "product_id,product_name,category,price,stock_level\n"
		for i, name := range names {
			if name != "" {
				rows += fmt.Sprintf("P-%d,%s,Home,10.00,5\n", i+1, name)
			}
		}
		files.Add(t, p, "products/"+name+".csv", []byte(rows))
	}
	check := func(when, want string) {
		t.Helper()
		p.AwaitFiles(t, len(files.Sources))
		p.Check(t, when, shownQuery, want)
		harness.VerifyAll(t, p, files.Sources)
	}
	rest := []string{"c", "d", "e", "f"}
	others := "P-3|c|true|true\nP-4|d|true|true\nP-5|e|true|true\nP-6|f|true|true\n"
	products("a", append([]string{"Lamp", "Ball"}, rest...)...)
	check("first", "P-1|Lamp|true|true\nP-2|Ball|true|true\n"+others)
	products("b", append([]string{"Lamp", "Ball"}, rest...)...)
	check("the same again", "P-1|Lamp|true|true\nP-2|Ball|true|true\n"+others)
	products("c", append([]string{"Lamp", "Bowl"}, rest...)...)
	check("a new name", "P-1|Lamp|true|true\nP-2|Ball|true|false\nP-2|Bowl|true|true\n"+others)
	products("d", append([]string{"", "Bowl"}, rest...)...)
	gone := "P-1|Lamp|true|false\nP-1|Lamp|false|true\nP-2|Ball|true|false\nP-2|Bowl|true|true\n" + others
	check("one disappears", gone)
	for _, name := range []string{"a", "d", "c"} {
		p.BringBack(t, 1, "reprocess", p.FileID(t, "products/"+name+".csv"))
		check("read again: "+name, gone)
	}
	products("e", append([]string{"Lamp", "Bowl"}, rest...)...)
	back := strings.Replace(gone, "P-1|Lamp|false|true\n", "P-1|Lamp|false|false\nP-1|Lamp|true|true\n", 1)
	check("it comes back", back)
	files.Add(t, p, "customers/a.csv", []byte(harness.SmallCustomers))
	p.AwaitFiles(t, len(files.Sources))
	files.Add(t, p, "customers/b.csv", []byte(strings.Replace(harness.SmallCustomers, "gold", "silver", 1)))
	check("a customer's tier", back)
	p.Check(t, "customers", "SELECT h.customer_tier, d.customer_tier, h.valid_to = d.updated_at FROM dim_customers_history AS h JOIN dim_customers AS d ON d.customer_id = h.customer_id",
		"gold|silver|true\n")

	clients, err := verify.Open(context.Background(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	for _, fault := range []struct{ invariant, plant string }{
		{"dimension_content", "UPDATE dim_products_history SET price = 9 WHERE product_name = 'Ball'"},
		{"dimension_history", "UPDATE dim_customers_history SET valid_to = TIMESTAMP_ADD(valid_to, INTERVAL 1 MICROSECOND) WHERE TRUE"},
		{"dimension_history", "DELETE FROM dim_products_history WHERE NOT is_active"},
	} {
		p.MustQuery(t, fault.plant)
		violations, err := verify.Invariants(t.Context(), clients)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(violations, func(v verify.Violation) bool { return v.Invariant == fault.invariant }) {
			t.Errorf("%s: not found by %s: %v", fault.plant, fault.invariant, violations)
		}
	}
}

// TestContradictingRows lands catalogs that name an id twice.
func TestContradictingRows(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	files.Add(t, p, "products/a.csv", []byte(harness.SmallProducts+"P-1,Lamp,Home & Garden,11.00,5\nP-2,Ball,Sports,2.50,0\n"))
	files.Add(t, p, "customers/a.csv", []byte(harness.SmallCustomers+"C-1,Ada,ada@example.com,2025-01-02,silver\nC-1,Ada,ada@example.com,2025-01-02,gold\n"))
	p.AwaitFiles(t, 2)
	p.Check(t, "findings", "SELECT check_type, severity, record_index, issue_description FROM data_quality_checks ORDER BY issue_description",
		"duplicate_row_conflict|warning|0|record 0 names product P-1 with other content than record 2 of the same file, which counts\n"+
			"duplicate_row_conflict|warning|1|record 1 names customer C-1 with other content than record 2 of the same file, which counts\n")
	p.Check(t, "ledger", "SELECT kind, records, loaded, duplicates FROM file_ledger ORDER BY 1", "customers|3|1|2\nproducts|4|2|2\n")
	harness.VerifyAll(t, p, files.Sources)
}

// TestManyFindings bounds the rows that one file's findings of one rule may take, and closes
// those of missing references when catalogs name them.
func TestManyFindings(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["MAX_FINDINGS_PER_RULE"] = "2"
	p := harness.StartWith(t, config)
	p.Policy.MaxFindings = 2
	var files harness.Landed
	var orders, conflicts strings.Builder
	for i := range 5 {
		orders.WriteString(harness.Order(fmt.Sprintf("o-%d", i), 1, fmt.Sprintf("P-%d", i%4), "C-1", "10.00"))
		if i < 3 {
			orders.WriteString("{\n")
		}
		conflicts.WriteString(harness.Order(fmt.Sprintf("o-%d", i), 1, "P-1", "C-2", "11.00"))
	}
	land := func(name, content string) {
		t.Helper()
		files.Add(t, p, name, []byte(content))
		p.AwaitFiles(t, len(files.Sources))
	}
	land("orders/a.json", orders.String())
	land("orders/c.json", conflicts.String())
	const query = `SELECT check_type, record_index, occurrences, resolved_at IS NULL, (SELECT STRING_AGG(r, ' ' ORDER BY r) FROM UNNEST(ref_ids) AS r), refused_content IS NULL
		FROM data_quality_checks ORDER BY check_type, occurrences, record_index`
	const others = "duplicate_order_conflict|0|NULL|true|NULL|false\nduplicate_order_conflict|1|NULL|true|NULL|false\nduplicate_order_conflict|NULL|3|true|NULL|true\n" +
		"malformed_json|1|NULL|true|NULL|true\nmalformed_json|3|NULL|true|NULL|true\nmalformed_json|NULL|1|true|NULL|true\n"
	p.Check(t, "findings", query, others+
		"missing_customer|0|NULL|true|C-1|true\nmissing_customer|2|NULL|true|C-1|true\nmissing_customer|NULL|3|true|C-1|true\n"+
		"missing_product|0|NULL|true|P-0|true\nmissing_product|2|NULL|true|P-1|true\nmissing_product|NULL|3|true|P-0 P-2 P-3|true\n")
	p.Check(t, "what the others were", "SELECT issue_description FROM data_quality_checks WHERE check_type = 'duplicate_order_conflict' AND occurrences = 3",
		"3 more findings of this rule in records 2 to 4 of the file, which keeps what they hold\n")
	harness.VerifyAll(t, p, files.Sources)

	land("customers/a.csv", harness.SmallCustomers)
	land("products/a.csv", "product_id,product_name,category,price,stock_level\nP-0,a,b,1,1\nP-2,a,b,1,1\n")
	p.Check(t, "some are named", query, others+
		"missing_customer|0|NULL|false|C-1|true\nmissing_customer|2|NULL|false|C-1|true\nmissing_customer|NULL|3|false|C-1|true\n"+
		"missing_product|0|NULL|false|P-0|true\nmissing_product|2|NULL|true|P-1|true\nmissing_product|NULL|3|true|P-0 P-2 P-3|true\n")
	harness.VerifyAll(t, p, files.Sources)

	// A later file is of another day's transaction; both are named, and one stays missing.
	land("orders/b.json", harness.Order("o-8", 2, "P-3", "C-1", "1.00")+harness.Order("o-9", 2, "P-1", "C-9", "1.00"))
	land("products/b.csv", "product_id,product_name,category,price,stock_level\nP-3,a,b,1,1\nP-0,a,b,1,1\nP-2,a,b,1,1\n")
	p.Check(t, "all but one", "SELECT check_type, SUM(COALESCE(occurrences, 1)) FROM data_quality_checks WHERE resolved_at IS NULL AND check_type LIKE 'missing%' GROUP BY 1 ORDER BY 1",
		"missing_customer|1\nmissing_product|2\n")
	harness.VerifyAll(t, p, files.Sources)
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/a.json"))
	p.Check(t, "read again", "SELECT check_type, occurrences, resolved_at IS NULL FROM data_quality_checks WHERE check_type LIKE 'missing%' ORDER BY 1, 3",
		"missing_customer|NULL|true\nmissing_product|NULL|false\nmissing_product|NULL|true\nmissing_product|NULL|true\n")
	harness.VerifyAll(t, p, files.Sources)
}

package landing

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestOptionalColumns lands catalogs that lack their optional columns, and then ones that leave them
// empty in some rows, before and after the orders that name them. What is not given is NULL in the
// dimensions and their histories, and counts as none in the facts.
func TestOptionalColumns(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	land := func(name, content string) {
		t.Helper()
		files.Add(t, p, name, []byte(content))
		p.AwaitFiles(t, len(files.Sources))
		harness.VerifyAll(t, p, files.Sources)
	}
	const (
		products  = "SELECT product_id, category, stock_level FROM dim_products ORDER BY 1"
		customers = "SELECT customer_id, registration_date, customer_tier FROM dim_customers ORDER BY 1"
		facts     = "SELECT order_id, category, category_line_number, customer_tier FROM fact_orders ORDER BY order_id, line_number"
	)
	land("products/a.csv", "product_id,product_name,price\nP-1,Lamp,10\nP-2,Ball,2.50\n")
	land("customers/a.csv", "customer_id,name,email\nC-1,Ada,ada@example.com\nC-2,Bob,\n")
	p.Check(t, "products without the columns", products, "P-1|NULL|NULL\nP-2|NULL|NULL\n")
	p.Check(t, "customers without the columns", customers, "C-1|NULL|NULL\nC-2|NULL|NULL\n")

	// The second order waits for catalogs.
	land("orders/a.json", harness.Order("o-1", 1, "P-1", "C-1", "10.00")+harness.Order("o-2", 1, "P-3", "C-3", "1.00"))
	p.Check(t, "facts", facts, "o-1|none|1|none\no-2|unknown|1|unknown\n")

	land("products/b.csv", "product_id,product_name,category,price,stock_level\nP-1,Lamp,,10,0\nP-2,Ball,Sports,2.50,\nP-3,Cup,\" \",1,\n")
	land("customers/b.csv", "customer_id,name,email,registration_date,customer_tier\nC-1,Ada,ada@example.com,2025-01-02,\nC-2,Bob,,,gold\nC-3,Cy,, ,\n")
	p.Check(t, "products, partly empty", products, "P-1|NULL|0\nP-2|Sports|NULL\nP-3|NULL|NULL\n")
	p.Check(t, "customers, partly empty", customers, "C-1|2025-01-02|NULL\nC-2|NULL|gold\nC-3|NULL|NULL\n")
	p.Check(t, "repaired facts", facts, "o-1|none|1|none\no-2|none|1|none\n")
	p.Check(t, "nothing waits", "SELECT COUNT(*) FROM unresolved_refs", "0\n")
	p.Check(t, "histories", "SELECT product_id, category, stock_level, is_active FROM dim_products_history ORDER BY 1", "P-1|NULL|NULL|true\nP-2|NULL|NULL|true\n")
	p.Check(t, "aggregates", "SELECT category, orders FROM agg_category_revenue ORDER BY 1", "none|2\n")

	// The same again, without the columns that are empty in all rows, says nothing new.
	land("customers/c.csv", "customer_id,name,email\nC-1,Ada,ada@example.com\nC-2,Bob,\nC-3,Cy,\n")
	p.Check(t, "the columns are gone again", customers, "C-1|NULL|NULL\nC-2|NULL|NULL\nC-3|NULL|NULL\n")
	p.Check(t, "a row that says the same is a duplicate", "SELECT loaded, duplicates FROM file_ledger WHERE landing_name LIKE '%customers/c.csv'", "2|1\n")
}

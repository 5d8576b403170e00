package bigqueryfront_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/sql"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// stageBefore fills a warehouse with what is known from before: rows of catalogs, and references that
// nothing waits for any more.
var stageBefore = []string{
	`INSERT INTO dim_products (product_id, product_name, category, price, stock_level, is_active, content_hash, file_id, landed_at, updated_at)
	 VALUES ('P1', 'Cup', 'home', 2.50, 7, TRUE, 'h', 'f0', TIMESTAMP '2026-01-14 09:00:00', TIMESTAMP '2026-01-14 09:01:00')`,
	`INSERT INTO dim_customers (customer_id, name, email, registration_date, customer_tier, is_active, content_hash, file_id, landed_at, updated_at)
	 VALUES ('C1', 'Ann', 'a@b.c', DATE '2025-01-01', 'gold', TRUE, 'h', 'f0', TIMESTAMP '2026-01-14 09:00:00', TIMESTAMP '2026-01-14 09:01:00')`,
	`INSERT INTO unresolved_refs (ref_kind, ref_id, order_date) VALUES ('product', 'P7', DATE '2026-01-15')`,
	`INSERT INTO data_quality_checks (check_id, check_timestamp, check_type, severity, file_id, record_index, issue_description, ref_ids)
	 VALUES ('q', TIMESTAMP '2026-01-15 09:00:00', 'missing_product', 'warning', 'f0', 0, 'no P7', ['P7'])`,
}

// stagedOrder is one record of a file; order, customer and product are known by one number.
func stagedOrder(file, record, order, known int, hash string) string {
	return fmt.Sprintf(`INSERT INTO staging_orders (order_id, customer_id, order_timestamp, items, total_amount, currency, payment_status, shipping_address, file_id, parse_id, record_index, content_hash, landed_at, landed_date, warnings)
		VALUES ('O%[3]d', 'C%[4]d', TIMESTAMP '2026-01-15 08:30:00', [STRUCT('P%[4]d' AS product_id, 2 AS quantity, NUMERIC '2.50' AS unit_price, CAST(NULL AS NUMERIC) AS discount_amount)], 5, 'USD', 'completed',
		STRUCT('s', 'c', 'CA', 'z', 'US'), 'f%[1]d', 'p%[1]d', %[2]d, '%[5]s', TIMESTAMP '2026-01-15 09:00:00', DATE '2026-01-15', ['unknown_field'])`, file, record, order, known, hash)
}

// neededBatch is a batch of one file, and the least that it brings.
type neededBatch struct {
	kind    string
	records int64
	brings  []string
	staged  []string
}

var neededBatches = map[string]neededBatch{
	// Beside orders that stand: a copy of a record, a conflict, a customer who has ordered in that hour, and
	// one who has not, with products that are known and that are not.
	"orders": {"orders", 5, []string{sql.Orders}, []string{
		stagedOrder(2, 0, 3, 1, "a"), stagedOrder(2, 1, 3, 1, "a"), stagedOrder(2, 2, 3, 1, "b"), stagedOrder(2, 3, 4, 2, "c"), stagedOrder(2, 4, 1, 1, "a"),
	}},
	"orders, one of them refused": {"orders", 2, []string{sql.Orders, sql.Refused}, []string{
		stagedOrder(2, 0, 3, 1, "a"),
		`INSERT INTO rejected_records (file_id, parse_id, record_index, kind, landing_name, byte_offset, byte_length, sha256, rule, message, parser_version, rejected_at, landed_at, landed_date)
		 VALUES ('f2', 'p2', 1, 'orders', 'landing/orders/a.json', 0, 1, '', 'malformed_json', 'no JSON', '1', TIMESTAMP '2026-01-15 09:00:00', TIMESTAMP '2026-01-15 09:00:00', DATE '2026-01-15')`,
	}},
	"products": {"products", 1, []string{sql.Products, sql.Repairs, sql.OpenFindings}, []string{
		`INSERT INTO staging_products (product_id, product_name, category, price, stock_level, file_id, parse_id, record_index, content_hash, landed_at, landed_date)
		 VALUES ('P2', 'Pot', 'home', 2.50, 7, 'f2', 'p2', 0, 'h', TIMESTAMP '2026-01-15 09:00:00', DATE '2026-01-15')`,
	}},
	"customers": {"customers", 1, []string{sql.Customers, sql.Repairs, sql.OpenFindings}, []string{
		`INSERT INTO staging_customers (customer_id, name, email, registration_date, customer_tier, file_id, parse_id, record_index, content_hash, landed_at, landed_date)
		 VALUES ('C2', 'Bob', 'b@b.c', DATE '2025-01-01', 'gold', 'f2', 'p2', 0, 'h', TIMESTAMP '2026-01-15 09:00:00', DATE '2026-01-15')`,
	}},
	"nothing": {"orders", 0, nil, nil},
}

// everything is all that a batch can bring.
var everything = []string{
	sql.OrdersAgain, sql.Products, sql.Customers, sql.Refused, sql.FailFile, sql.Repairs, sql.OpenFindings,
}

// TestStatementsThatAreNotNeeded leaves out what a batch does not bring: the warehouse ends the same as
// with all statements, whichever are left out.
func TestStatementsThatAreNotNeeded(t *testing.T) {
	t.Parallel()
	for name, batch := range neededBatches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := batch.end(t, everything...)
			if len(all["fact_orders"]) < 2 || len(all["agg_hourly_metrics"]) != 1 {
				t.Errorf("the facts and their hours: %v", all)
			}
			single := []string{""}
			if name == "orders" {
				single = append(single, append(everything, sql.Versions, sql.Replacing)...)
			}
			for _, more := range single {
				if diff := cmp.Diff(all, batch.end(t, append(slices.Clone(batch.brings), more)...)); diff != "" {
					t.Errorf("with %v and %q alone (-all +then):\n%s", batch.brings, more, diff)
				}
			}
		})
	}
}

// end is what the warehouse holds after a first file of orders and then this one, loaded by the
// statements for what is said to be brought.
func (b neededBatch) end(t *testing.T, brought ...string) map[string][]string {
	t.Helper()
	f := newFront(t)
	f.provision(t)
	for _, text := range slices.Concat(stageBefore, []string{stagedOrder(1, 0, 1, 1, "a"), stagedOrder(1, 1, 2, 2, "b")}, b.staged) {
		f.mustQuery(t, text)
	}
	f.transform(t, 0, fileParam{FileID: "f1", ParseID: "p1", Revision: 1, Kind: "orders", LandingName: "a", Records: 2, Verdict: "loaded", LandedAt: landedAt}, sql.Orders)
	f.transform(t, 1, fileParam{FileID: "f2", ParseID: "p2", Revision: 1, Kind: b.kind, LandingName: "b", Records: b.records, Verdict: "loaded", LandedAt: landedAt}, brought...)
	return f.held(t)
}

// transform runs the transaction of a file, with the statements for what is said to be brought.
func (f *front) transform(t *testing.T, epoch int64, file fileParam, brought ...string) {
	t.Helper()
	script := transaction(t, "transform", needed(t, brought...)...)
	params := productParams(script)
	for i, p := range params {
		switch p.Name {
		case "files":
			params[i].Value = []fileParam{file}
		case "epoch":
			params[i].Value = epoch
		}
	}
	if err := f.run(t.Context(), script.Text, params); err != nil {
		t.Fatalf("with %v: %v", brought, err)
	}
}

// held is what the tables hold, each row as text.
func (f *front) held(t *testing.T) map[string][]string {
	t.Helper()
	tables, err := schema.Tables()
	if err != nil {
		t.Fatal(err)
	}
	held := make(map[string][]string)
	for _, table := range tables {
		if table.ViewQuery != "" || table.Name == "pipeline_fence" {
			continue
		}
		rows, err := f.query(t.Context(), "SELECT * FROM "+table.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			held[table.Name] = append(held[table.Name], fmt.Sprint(row))
		}
		slices.Sort(held[table.Name])
	}
	return held
}

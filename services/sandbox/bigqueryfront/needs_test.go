package bigqueryfront_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/sql"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// stageOrders fills a warehouse: an order that waits for what no catalog has named, one that is
// refused, and rows of catalogs that are known from before.
var stageOrders = []string{
	`INSERT INTO dim_products (product_id, product_name, category, price, stock_level, is_active, content_hash, file_id, landed_at, updated_at)
	 VALUES ('P1', 'Cup', 'home', 2.50, 7, TRUE, 'h', 'f0', TIMESTAMP '2026-01-14 09:00:00', TIMESTAMP '2026-01-14 09:01:00')`,
	`INSERT INTO dim_customers (customer_id, name, email, registration_date, customer_tier, is_active, content_hash, file_id, landed_at, updated_at)
	 VALUES ('C1', 'Ann', 'a@b.c', DATE '2025-01-01', 'gold', TRUE, 'h', 'f0', TIMESTAMP '2026-01-14 09:00:00', TIMESTAMP '2026-01-14 09:01:00')`,
	`INSERT INTO unresolved_refs (ref_kind, ref_id, order_date) VALUES ('product', 'P7', DATE '2026-01-15')`,
	`INSERT INTO data_quality_checks (check_id, check_timestamp, check_type, severity, file_id, record_index, issue_description, ref_ids)
	 VALUES ('q', TIMESTAMP '2026-01-15 09:00:00', 'missing_product', 'warning', 'f0', 0, 'no P7', ['P7'])`,
	`INSERT INTO rejected_records (file_id, parse_id, record_index, kind, landing_name, byte_offset, byte_length, sha256, rule, message, parser_version, rejected_at, landed_at, landed_date)
	 VALUES ('f1', 'p1', 4, 'orders', 'landing/orders/a.json', 0, 1, '', 'malformed_json', 'no JSON', '1', TIMESTAMP '2026-01-15 09:00:00', TIMESTAMP '2026-01-15 09:00:00', DATE '2026-01-15')`,
}

// stagedOrder is one record of the batch; the order is known by its number.
func stagedOrder(record, order int, hash string) string {
	return fmt.Sprintf(`INSERT INTO staging_orders (order_id, customer_id, order_timestamp, items, total_amount, currency, payment_status, shipping_address, file_id, parse_id, record_index, content_hash, landed_at, landed_date, warnings)
		VALUES ('O%[2]d', 'C%[2]d', TIMESTAMP '2026-01-15 08:30:00', [STRUCT('P%[2]d' AS product_id, 2 AS quantity, NUMERIC '2.50' AS unit_price, CAST(NULL AS NUMERIC) AS discount_amount)], 5, 'USD', 'completed',
		STRUCT('s', 'c', 'CA', 'z', 'US'), 'f1', 'p1', %[1]d, '%[3]s', TIMESTAMP '2026-01-15 09:00:00', DATE '2026-01-15', ['unknown_field'])`, record, order, hash)
}

// TestStatementsThatAreNotNeeded leaves out what a batch of orders does not bring: the warehouse ends
// the same as with all statements.
func TestStatementsThatAreNotNeeded(t *testing.T) {
	t.Parallel()
	needs := []string{"versions", "catalogs", "repairs"}
	end := func(brought ...string) map[string][]string {
		f := newFront(t)
		f.provision(t)
		for _, text := range stageOrders {
			f.mustQuery(t, text)
		}
		for i, hash := range []string{"a", "a", "b"} {
			f.mustQuery(t, stagedOrder(i, 1, hash))
		}
		f.mustQuery(t, stagedOrder(3, 2, "c"))
		script := transaction(t, "transform", sql.Needed(statements(t, "transform"), brought...)...)
		params := productParams(script)
		for i, p := range params {
			if p.Name == "files" {
				params[i].Value = []fileParam{{FileID: "f1", ParseID: "p1", Revision: 1, Kind: "orders", LandingName: "landing/orders/a.json", Bytes: 10, Records: 5, Verdict: "loaded", LandedAt: landedAt}}
			}
		}
		if err := f.run(t.Context(), script.Text, params); err != nil {
			t.Fatalf("with %v: %v", brought, err)
		}
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
	all := end(needs...)
	if len(all["fact_orders"]) != 2 || len(all["data_quality_checks"]) < 6 {
		t.Errorf("facts and findings: %v", all)
	}
	for _, left := range [][]string{{}, {"versions"}, {"catalogs"}, {"repairs"}} {
		if diff := cmp.Diff(all, end(left...)); diff != "" {
			t.Errorf("with %s alone (-all +then):\n%s", strings.Join(left, ", "), diff)
		}
	}
}

package bigqueryfront_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
)

// sqlDir holds the product's statements, which are written for the real
// BigQuery and must run here as they are.
const sqlDir = "../../../sql"

type fileParam struct {
	FileID       string                 `bigquery:"file_id"`
	ParseID      string                 `bigquery:"parse_id"`
	Revision     int64                  `bigquery:"revision"`
	Overrides    string                 `bigquery:"overrides"`
	FailDups     bool                   `bigquery:"fail_duplicates"`
	Kind         string                 `bigquery:"kind"`
	LandingName  string                 `bigquery:"landing_name"`
	Bytes        int64                  `bigquery:"bytes"`
	Records      int64                  `bigquery:"records"`
	Verdict      string                 `bigquery:"verdict"`
	Reason       string                 `bigquery:"reason"`
	ReasonDetail string                 `bigquery:"reason_detail"`
	LandedAt     time.Time              `bigquery:"landed_at"`
	ClaimedAt    bigquery.NullTimestamp `bigquery:"claimed_at"`
	ParsedAt     bigquery.NullTimestamp `bigquery:"parsed_at"`
}

type ruleParam struct {
	ID       string `bigquery:"id"`
	Severity string `bigquery:"severity"`
	Meaning  string `bigquery:"meaning"`
}

var (
	landedAt = time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)
	landed   = civil.Date{Year: 2026, Month: 1, Day: 15}
	named    = regexp.MustCompile(`@([a-z_]+)`)
)

// productParams are values for every parameter that a statement may name.
func productParams(text string) []bigquery.QueryParameter {
	all := map[string]any{
		"now": landedAt.Add(time.Hour), "from_time": landedAt.AddDate(0, -1, 0), "to_time": landedAt.AddDate(0, 1, 0),
		"before_time": landedAt.AddDate(1, 0, 0), "from_date": landed.AddDays(-30), "to_date": landed.AddDays(30),
		"dedup_from": landed.AddDays(-3000), "dedup_to": landed.AddDays(3000),
		"landed_dates": []civil.Date{landed}, "touched_dates": []civil.Date{landed}, "repair_dates": []civil.Date{landed},
		"order_dates": []civil.Date{landed}, "dead_letter_dates": []civil.Date{landed},
		"replaced_dates": []civil.Date{landed}, "finding_dates": []civil.Date{landed},
		"parse_ids": []string{"p1", "p2", "p3"}, "file_ids": []string{"f1", "f2", "f3"},
		"page_size": int64(10), "max_deactivate_share": 0.2, "before_id": "zzz", "epoch": int64(0),
		"files": []fileParam{
			{FileID: "f1", ParseID: "p1", Revision: 1, Kind: "orders", LandingName: "landing/orders/a.json", Bytes: 10, Records: 3, Verdict: "loaded", LandedAt: landedAt},
			{FileID: "f2", ParseID: "p2", Revision: 1, Kind: "products", LandingName: "landing/products/a.csv", Bytes: 10, Records: 1, Verdict: "loaded", LandedAt: landedAt},
			{FileID: "f3", ParseID: "p3", Revision: 1, Kind: "customers", LandingName: "landing/customers/a.csv", Bytes: 10, Records: 1, Verdict: "loaded", LandedAt: landedAt},
		},
		"rules": []ruleParam{{"unknown_product", "warning", "no such product"}, {"unknown_customer", "warning", "no such customer"}},
	}
	seen := map[string]bool{}
	var params []bigquery.QueryParameter
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		if value, ok := all[m[1]]; ok && !seen[m[1]] {
			seen[m[1]] = true
			params = append(params, bigquery.QueryParameter{Name: m[1], Value: value})
		}
	}
	return params
}

// statements returns the statements of a folder, by file name.
func statements(t testing.TB, folder string) (names, texts []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(sqlDir, folder, "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(f))
		texts = append(texts, strings.TrimSuffix(strings.TrimSpace(string(text)), ";"))
	}
	return names, texts
}

// run runs a script as a job, as the aggregator does.
func (f *front) run(ctx context.Context, text string, params []bigquery.QueryParameter) error {
	q := f.client.Query(text)
	q.DefaultProjectID, q.DefaultDatasetID = f.project, f.dataset
	q.Parameters = params
	job, err := q.Run(ctx)
	if err != nil {
		return err
	}
	status, err := job.Wait(ctx)
	if err != nil {
		return err
	}
	return status.Err()
}

func TestProductStatements(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.provision(t)
	f.mustQuery(t, `INSERT INTO staging_products (product_id, product_name, category, price, stock_level, file_id, parse_id, record_index, content_hash, landed_at, landed_date)
		VALUES ('P1', 'Cup', 'home', 2.50, 7, 'f2', 'p2', 0, 'h', TIMESTAMP '2026-01-15 09:00:00', DATE '2026-01-15')`)
	f.mustQuery(t, `INSERT INTO staging_customers (customer_id, name, email, registration_date, customer_tier, file_id, parse_id, record_index, content_hash, landed_at, landed_date)
		VALUES ('C1', 'Ann', 'a@b.c', DATE '2025-01-01', 'gold', 'f3', 'p3', 0, 'h', TIMESTAMP '2026-01-15 09:00:00', DATE '2026-01-15')`)
	for i, hash := range []string{"a", "a", "b"} {
		f.mustQuery(t, fmt.Sprintf(`INSERT INTO staging_orders (order_id, customer_id, order_timestamp, items, total_amount, currency, payment_status, shipping_address, file_id, parse_id, record_index, content_hash, landed_at, landed_date)
			VALUES ('O1', 'C1', TIMESTAMP '2026-01-15 08:30:00', [STRUCT('P1' AS product_id, 2 AS quantity, NUMERIC '2.50' AS unit_price), ('P2', 1, 1.25)], 6.25, 'USD', 'completed',
			STRUCT('s', 'c', 'CA', 'z', 'US'), 'f1', 'p1', %d, '%s', TIMESTAMP '2026-01-15 09:00:00', DATE '2026-01-15')`, i, hash))
	}
	script, names := transformScript(t)
	if err := f.run(t.Context(), script, productParams(script)); err != nil {
		t.Errorf("transform: %v (%d statements)", err, len(names))
	}
	for _, folder := range []string{"loading", "dashboard", "quality", "reports", "verify"} {
		names, texts := statements(t, folder)
		for i, text := range texts {
			rows, err := f.query(t.Context(), text, productParams(text)...)
			if err != nil {
				t.Errorf("%s/%s: %v", folder, names[i], err)
			}
			// Each statement of verify finds what contradicts the outcome.
			if folder == "verify" && len(rows) > 0 {
				t.Errorf("verify/%s found %v", names[i], rows)
			}
		}
	}
	got := f.mustQuery(t, "SELECT order_id, line_number, customer_tier, category, region, order_hour, line_total FROM fact_orders ORDER BY line_number")
	want := [][]bigquery.Value{
		{"O1", int64(1), "gold", "home", "West", int64(8), numeric("5")},
		{"O1", int64(2), "gold", "unknown", "West", int64(8), numeric("1.25")},
	}
	if diff := cmp.Diff(want, got, equalRats); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	got = f.mustQuery(t, "SELECT file_id, records, loaded, lines, duplicates, verdict FROM file_ledger ORDER BY file_id")
	want = [][]bigquery.Value{
		{"f1", int64(3), int64(1), int64(2), int64(2), "loaded"},
		{"f2", int64(1), int64(1), int64(0), int64(0), "loaded"},
		{"f3", int64(1), int64(1), int64(0), int64(0), "loaded"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

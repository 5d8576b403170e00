package bigqueryfront_test

import (
	"context"
	"fmt"
	"math/big"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily/expect"
	"github.com/zackkki/ecomm_datapipeline/sql"
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
	MostContra   bigquery.NullInt64     `bigquery:"most_contradictions"`
	Kind         string                 `bigquery:"kind"`
	LandingName  string                 `bigquery:"landing_name"`
	CatalogMode  string                 `bigquery:"catalog_mode"`
	Bytes        int64                  `bigquery:"bytes"`
	Records      int64                  `bigquery:"records"`
	Verdict      string                 `bigquery:"verdict"`
	Reason       string                 `bigquery:"reason"`
	ReasonDetail string                 `bigquery:"reason_detail"`
	LandedAt     time.Time              `bigquery:"landed_at"`
	ClaimedAt    bigquery.NullTimestamp `bigquery:"claimed_at"`
	ParsedAt     bigquery.NullTimestamp `bigquery:"parsed_at"`
}

type dayParam struct {
	DaysBefore int64     `bigquery:"days_before"`
	DayStart   time.Time `bigquery:"day_start"`
	DayEnd     time.Time `bigquery:"day_end"`
}

type forecastParam struct {
	Position         int64      `bigquery:"position"`
	Category         string     `bigquery:"category"`
	ForecastDate     civil.Date `bigquery:"forecast_date"`
	HistoryDays      int64      `bigquery:"history_days"`
	Orders           *big.Rat   `bigquery:"orders"`
	OrdersLow        *big.Rat   `bigquery:"orders_low"`
	OrdersHigh       *big.Rat   `bigquery:"orders_high"`
	Units            *big.Rat   `bigquery:"units"`
	UnitsLow         *big.Rat   `bigquery:"units_low"`
	UnitsHigh        *big.Rat   `bigquery:"units_high"`
	Revenue          *big.Rat   `bigquery:"revenue"`
	RevenueLow       *big.Rat   `bigquery:"revenue_low"`
	RevenueHigh      *big.Rat   `bigquery:"revenue_high"`
	OrdersWape       *big.Rat   `bigquery:"orders_wape"`
	OrdersNaiveWape  *big.Rat   `bigquery:"orders_naive_wape"`
	UnitsWape        *big.Rat   `bigquery:"units_wape"`
	UnitsNaiveWape   *big.Rat   `bigquery:"units_naive_wape"`
	RevenueWape      *big.Rat   `bigquery:"revenue_wape"`
	RevenueNaiveWape *big.Rat   `bigquery:"revenue_naive_wape"`
	Model            string     `bigquery:"model"`
}

type ruleParam struct {
	ID       string `bigquery:"id"`
	Severity string `bigquery:"severity"`
	Meaning  string `bigquery:"meaning"`
}

var (
	landedAt = time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)
	landed   = civil.Date{Year: 2026, Month: 1, Day: 15}
)

// typical are values for the parameters whose value is of no account here, by type.
var typical = map[string]any{
	"STRING": "", "INT64": int64(1), "BOOL": false, "NUMERIC": big.NewRat(1, 2), "DATE": landed, "TIMESTAMP": landedAt,
	"ARRAY<STRING>": []string{}, "ARRAY<DATE>": []civil.Date{landed},
}

// productParams are values for every parameter that a statement takes.
func productParams(s sql.Statement) []bigquery.QueryParameter {
	all := map[string]any{
		"now": landedAt.Add(time.Hour), "from_time": landedAt.AddDate(0, -1, 0), "to_time": landedAt.AddDate(0, 1, 0),
		"before_time": landedAt.AddDate(1, 0, 0), "from_date": landed.AddDays(-30), "to_date": landed.AddDays(30),
		"landed_dates": []civil.Date{landed}, "touched_dates": []civil.Date{landed}, "repair_dates": []civil.Date{landed},
		"order_dates": []civil.Date{landed}, "hour_dates": []civil.Date{landed}, "dead_letter_dates": []civil.Date{landed},
		"replaced_dates": []civil.Date{landed}, "standing_dates": []civil.Date{landed}, "finding_dates": []civil.Date{landed},
		"parse_ids": []string{"p1", "p2", "p3"}, "file_ids": []string{"f1", "f2", "f3"},
		"page_size": int64(10), "max_deactivate_share": 0.2, "max_findings": int64(100), "open_dates": []civil.Date{landed}, "before_id": "zzz", "epoch": int64(0),
		"report": "churn-risk", "report_date": landed, "report_dates": []civil.Date{landed}, "data_through": landedAt.Add(15 * time.Hour),
		"parameters": "CHURN_AFTER_DAYS=30", "churn_after_days": int64(30), "churn_value_days": int64(90),
		"model_k": int64(2), "model_r": 1.5, "model_alpha": 20.0, "model_a": 0.5, "model_b": 2.0, "sample_size": int64(100), "time_zone": "UTC", "forecast": []forecastParam{},
		"cover_critical_days": int64(7), "cover_warning_days": int64(14),
		"max_series": int64(50), "completeness_min": big.NewRat(9, 10), "orders_max_age_hours": int64(2), "catalogs_max_age_hours": int64(26),
		"expectations": []expect.Rule{{Position: 1, Place: 7, Kind: "between", Low: new(big.Rat), High: new(big.Rat), Severity: "error", Table: "orders", Column: "total_amount"}}, "expected_values": []expect.Value{{Position: 1, Word: "a"}},
		"after_position": int64(0), "step_seconds": int64(3600),
		"weekdays": []dayParam{{0, landedAt.Truncate(24 * time.Hour), landedAt.Truncate(24*time.Hour).AddDate(0, 0, 1)}},
		"files": []fileParam{
			{FileID: "f1", ParseID: "p1", Revision: 1, Kind: "orders", LandingName: "landing/orders/a.json", Bytes: 10, Records: 3, Verdict: "loaded", LandedAt: landedAt},
			{FileID: "f2", ParseID: "p2", Revision: 1, Kind: "products", LandingName: "landing/products/a.csv", Bytes: 10, Records: 1, Verdict: "loaded", LandedAt: landedAt},
			{FileID: "f3", ParseID: "p3", Revision: 1, Kind: "customers", LandingName: "landing/customers/a.csv", Bytes: 10, Records: 1, Verdict: "loaded", LandedAt: landedAt},
		},
		"rules": []ruleParam{{"unknown_product", "warning", "no such product"}, {"unknown_customer", "warning", "no such customer"}},
	}
	var params []bigquery.QueryParameter
	for _, p := range s.Parameters {
		value, ok := all[p.Name]
		if !ok {
			value, ok = typical[p.Type]
		}
		if ok {
			params = append(params, bigquery.QueryParameter{Name: p.Name, Value: value})
		}
	}
	return params
}

// elsewhere are the folders that this test runs in another way than one by one.
var elsewhere = []string{
	"seed",      // fills the tables
	"transform", // one transaction
}

// bigQueryOnlyStatement calls a function that the embedded BigQuery does not have.
const bigQueryOnlyStatement = "reports/learn_forecast_timesfm"

// oneByOne are the statements that are run so, so that none is left out.
func oneByOne(t testing.TB) []sql.Statement {
	t.Helper()
	all, err := sql.Statements()
	if err != nil {
		t.Fatal(err)
	}
	var forms []sql.Statement
	for _, s := range all {
		if slices.Contains(elsewhere, path.Dir(s.Name)) {
			continue
		}
		occur, err := s.Forms()
		if err != nil {
			t.Fatal(err)
		}
		forms = append(forms, occur...)
	}
	return forms
}

// statements returns the statements of a folder.
func statements(t testing.TB, folder string) []sql.Statement {
	t.Helper()
	group, err := sql.Group(folder)
	if err != nil {
		t.Fatal(err)
	}
	return group
}

// transaction joins statements.
func transaction(t testing.TB, name string, statements ...sql.Statement) sql.Statement {
	t.Helper()
	joined, err := sql.Transaction(name, statements...)
	if err != nil {
		t.Fatal(err)
	}
	return joined
}

// reportStep is the name of a statement that is part of a report's transaction.
var reportStep = regexp.MustCompile(`^reports/([a-z_]+)_\d\d_`)

// reportScripts joins the statements of each report to the transaction that the
// daily run makes of them: those that begin every report, then its own.
func reportScripts(t testing.TB) []sql.Statement {
	t.Helper()
	steps := make(map[string][]sql.Statement)
	for _, s := range statements(t, "reports") {
		if step := reportStep.FindStringSubmatch(s.Name); step != nil {
			steps[step[1]] = append(steps[step[1]], s)
		} else if !strings.HasPrefix(s.Name, "reports/read_") && !strings.HasPrefix(s.Name, "reports/learn_") {
			t.Errorf("%s is neither a step, nor a reading, nor what a model learns from", s.Name)
		}
	}
	var scripts []sql.Statement
	for report, own := range steps {
		if report != "begin" {
			scripts = append(scripts, transaction(t, report, slices.Concat(steps["begin"], own)...))
		}
	}
	return scripts
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
	if err := f.run(t.Context(), script.Text, productParams(script)); err != nil {
		t.Errorf("transform: %v (%d statements)", err, len(names))
	}
	for _, script := range reportScripts(t) {
		params := productParams(script)
		if i := slices.IndexFunc(params, func(p bigquery.QueryParameter) bool { return p.Name == "report" }); i >= 0 {
			params[i].Value = strings.ReplaceAll(script.Name, "_", "-")
		}
		if err := f.run(t.Context(), script.Text, params); err != nil {
			t.Errorf("report %s: %v", script.Name, err)
		}
	}
	for _, s := range oneByOne(t) {
		if reportStep.MatchString(s.Name) || s.Name == "upgrade/daily_touched" { // one of a transaction, which TestUpgrade runs
			continue
		}
		rows, err := f.query(t.Context(), s.Text, productParams(s)...)
		if s.Name == bigQueryOnlyStatement {
			if reason(err) != "invalidQuery" || !strings.Contains(err.Error(), "AI.FORECAST runs on BigQuery only: set FORECAST_MODEL=ets") {
				t.Errorf("%s: %v", s.Name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		// Each statement of verify finds what contradicts the outcome.
		if path.Dir(s.Name) == "verify" && len(rows) > 0 {
			t.Errorf("%s found %v", s.Name, rows)
		}
	}
	// The one order, of two products, is that day's; one of them is in no catalog,
	// of the other seven are left, which lasts three days and a half at two a day.
	got := f.mustQuery(t, `SELECT 'trends', COUNT(*) FROM report_revenue_trends WHERE granularity = 'day' AND level = 'total'
		UNION ALL SELECT alert, units_28d FROM report_inventory_alerts
		UNION ALL SELECT 'runs', COUNT(*) FROM report_runs ORDER BY 1`)
	want := [][]bigquery.Value{
		{"low_cover", int64(2)},
		{"runs", int64(7)},
		{"trends", int64(90)},
		{"unknown_product", int64(1)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
	got = f.mustQuery(t, "SELECT order_id, line_number, customer_tier, category, region, order_hour, line_total FROM fact_orders ORDER BY line_number")
	want = [][]bigquery.Value{
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

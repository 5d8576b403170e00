package operate

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

var earlierTables = map[string]earlierTable{
	"fact_orders": {
		Lacks: []string{
			"updated_at", "currency", "payment_status_text", "line_discount_amount", "tax_amount", "tax_included",
			"shipping_amount", "discount_amount", "refunded_amount",
			"utc_offset_seconds",
		},
		Required: []string{"customer_id", "product_id"},
		Values: map[string]string{
			"street": "IFNULL(street, '')", "city": "IFNULL(city, '')", "state": "IFNULL(state, '')",
			"zipcode": "IFNULL(zipcode, '')", "country": "IFNULL(country, '')", "payment_status": "IFNULL(payment_status_text, '')",
			"region": "IF(region = 'none', 'unknown', region)",
		},
	},
	"agg_hourly_metrics": {
		Lacks: []string{
			"refunded_revenue", "net_revenue", "failed_revenue", "refunded_orders", "partially_refunded_orders", "cancelled_orders",
			"cancelled_revenue", "headline_revenue", "order_date", "paid_revenue",
		},
		Values: map[string]string{"other_orders": "other_orders + refunded_orders + partially_refunded_orders + cancelled_orders"},
	},
	"agg_category_revenue": {Lacks: []string{"headline_revenue", "paid_revenue"}},
	"order_keys":           {Lacks: []string{"order_mark"}},
}

// TestUpgrade turns a loaded warehouse into that of an earlier release while messages of a file are
// in flight, has provisioning bring it along, and goes on: every number, old and new, must be as if
// it had always been this release.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	s, _ := harness.StartStack(t, harness.NewConfig(t.TempDir(), "all"))
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	var files harness.Landed
	now := time.Now().UTC().Truncate(time.Hour)
	orders := func(seed uint64, varied float64) []byte {
		made, err := generate.NewOrders(generate.OrderOptions{Seed: seed, From: now.Add(-72 * time.Hour), To: now, VariedShare: varied})
		if err != nil {
			t.Fatal(err)
		}
		var content []byte
		for range 300 {
			content = made.Append(content)
		}
		return content
	}
	// What an earlier release took for words of the source, and an address of nothing.
	plain := orders(1, -1)
	for i, word := range []string{`"refunded"`, `"canceled"`, `"on hold"`} {
		at := strings.Index(string(plain[i*20_000:]), `"completed"`) + i*20_000
		plain = slices.Concat(plain[:at], []byte(word), plain[at+len(`"completed"`):])
	}
	at := strings.LastIndex(string(plain), `{"street"`)
	plain = append(plain[:at:at], "{}}\n"...)
	files.Add(t, p, "products/products.csv", harness.ProductFile(t, 1))
	files.Add(t, p, "orders/before.json", plain)
	p.AwaitFiles(t, len(files.Sources))

	harness.FaultsCall(t, http.MethodPut, s.FaultsURL(), "bigquery.AppendRows drop", "bigquery.AppendRows fail unavailable")
	files.Add(t, p, "orders/in_flight.json", orders(3, -1))
	harness.Await(t, "records in flight", func() (bool, error) {
		return strings.Count(harness.FaultsCall(t, http.MethodGet, s.FaultsURL()), "(struck 0 times)") == 0, nil
	})

	want := map[string]provision.Outcome{}
	for name, e := range earlierTables {
		age(t, p, name, e)
		want["table "+name] = provision.Updated
	}
	for _, rows := range []string{"facts", "hours", "days", "keys"} {
		want["upgrade/"+rows] = provision.Updated
	}
	for _, table := range []string{"agg_daily_orders", "agg_daily_products", "agg_daily_customers", "agg_daily_files"} {
		p.MustQuery(t, "DELETE FROM "+table+" WHERE TRUE") // it kept none
	}
	want["upgrade/daily"] = provision.Updated
	p.MustQuery(t, "DELETE FROM order_id_ranges WHERE TRUE")
	want["upgrade/id_ranges"] = provision.Updated
	if diff := cmp.Diff(want, outcomes(mustProvision(t, p.Endpoints, provision.Options{DryRun: true}))); diff != "" {
		t.Errorf("changes that provision announces (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, outcomes(mustProvision(t, p.Endpoints, provision.Options{}))); diff != "" {
		t.Errorf("changes made by provision (-want +got):\n%s", diff)
	}
	if left := outcomes(mustProvision(t, p.Endpoints, provision.Options{})); len(left) > 0 {
		t.Errorf("provision has left %v", left)
	}
	harness.FaultsCall(t, http.MethodDelete, s.FaultsURL())
	p.AwaitFiles(t, len(files.Sources))
	harness.VerifyAll(t, p, files.Sources)

	files.Add(t, p, "orders/before_again.json", plain)
	files.Add(t, p, "orders/after.json", orders(2, 0.7))
	p.AwaitFiles(t, len(files.Sources))
	harness.VerifyAll(t, p, files.Sources)
}

// TestProvisionRelaxesAndAdds brings the tables of the earlier release along without a row:
// modes, columns and fields of records become those of this one.
func TestProvisionRelaxesAndAdds(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	mustProvision(t, cfg, provision.Options{})
	v := newVandal(t, cfg, 2)
	table := v.warehouse.Dataset(cfg.Dataset).Table("staging_orders")
	want, err := table.Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	old := &bigquery.TableMetadata{Description: want.Description, TimePartitioning: want.TimePartitioning, Clustering: want.Clustering}
	for _, f := range want.Schema {
		older := *f
		switch f.Name {
		case "updated_at", "payment_status_text", "tax_amount", "tax_included", "shipping_amount", "discount_amount", "refunded_amount", "utc_offset_seconds":
			continue
		case "customer_id":
			older.Required = true
		case "items":
			older.Schema = slices.DeleteFunc(slices.Clone(f.Schema), func(f *bigquery.FieldSchema) bool { return f.Name == "discount_amount" })
		}
		old.Schema = append(old.Schema, &older)
	}
	if err := errors.Join(table.Delete(t.Context()), table.Create(t.Context(), old)); err != nil {
		t.Fatal(err)
	}
	plan := outcomes(mustProvision(t, cfg, provision.Options{}))
	if diff := cmp.Diff(map[string]provision.Outcome{"table staging_orders": provision.Updated}, plan); diff != "" {
		t.Errorf("changes made by provision (-want +got):\n%s", diff)
	}
	got, err := table.Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Schema, got.Schema); diff != "" {
		t.Errorf("schema (-of this release +brought along):\n%s", diff)
	}
}

// TestProvisionLetsCatalogsLack: the columns that an earlier release required of every catalog
// become nullable in all tables that hold them.
func TestProvisionLetsCatalogsLack(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	mustProvision(t, cfg, provision.Options{})
	v := newVandal(t, cfg, 2)
	wantPlan := map[string]provision.Outcome{}
	for name, columns := range map[string][]string{
		"staging_products": {"category", "stock_level"}, "dim_products": {"category", "stock_level"}, "dim_products_history": {"category", "stock_level"},
		"staging_customers": {"registration_date", "customer_tier"}, "dim_customers": {"registration_date", "customer_tier"},
		"dim_customers_history": {"registration_date", "customer_tier"},
	} {
		table := v.warehouse.Dataset(cfg.Dataset).Table(name)
		now, err := table.Metadata(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		old := &bigquery.TableMetadata{Description: now.Description, TimePartitioning: now.TimePartitioning, Clustering: now.Clustering}
		for _, f := range now.Schema {
			older := *f
			if slices.Contains(columns, f.Name) {
				if f.Required {
					t.Errorf("%s.%s is required", name, f.Name)
				}
				older.Required = true
			}
			old.Schema = append(old.Schema, &older)
		}
		if err := errors.Join(table.Delete(t.Context()), table.Create(t.Context(), old)); err != nil {
			t.Fatal(err)
		}
		wantPlan["table "+name] = provision.Updated
	}
	if diff := cmp.Diff(wantPlan, outcomes(mustProvision(t, cfg, provision.Options{}))); diff != "" {
		t.Errorf("changes made by provision (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]provision.Outcome{}, outcomes(mustProvision(t, cfg, provision.Options{}))); diff != "" {
		t.Errorf("changes made by a second provision (-want +got):\n%s", diff)
	}
}

// earlierTable is a table as the release had it that knew orders without guests, taxes and refunds.
type earlierTable struct {
	Lacks    []string          // columns that this release has added
	Required []string          // columns that it has relaxed
	Values   map[string]string // what the earlier release wrote otherwise, by column
}

// age makes a table what the earlier release would have left.
func age(t *testing.T, p *harness.Pipeline, name string, e earlierTable) {
	t.Helper()
	table := p.Bigquery.Dataset(p.Endpoints.Dataset).Table(name)
	meta, err := table.Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	old := &bigquery.TableMetadata{Description: meta.Description, TimePartitioning: meta.TimePartitioning, Clustering: meta.Clustering}
	var columns, values []string
	for _, f := range meta.Schema {
		if slices.Contains(e.Lacks, f.Name) {
			continue
		}
		f.Required = f.Required || slices.Contains(e.Required, f.Name)
		old.Schema = append(old.Schema, f)
		columns = append(columns, f.Name)
		value := f.Name
		if other, ok := e.Values[f.Name]; ok {
			value = other
		}
		values = append(values, value)
	}
	if len(old.Schema)+len(e.Lacks) != len(meta.Schema) {
		t.Fatalf("%s: the test names columns that it does not have", name)
	}
	p.MustQuery(t, fmt.Sprintf("CREATE TABLE kept_%s AS SELECT * FROM %s", name, name))
	if err := errors.Join(table.Delete(t.Context()), table.Create(t.Context(), old)); err != nil {
		t.Fatal(err)
	}
	p.MustQuery(t, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM kept_%s", name, strings.Join(columns, ", "), strings.Join(values, ", "), name))
	p.MustQuery(t, "DROP TABLE kept_"+name)
}

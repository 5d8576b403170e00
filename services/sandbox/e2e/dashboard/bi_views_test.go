package dashboard

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// TestBusinessViews holds the sums of the views for tools of business intelligence against the model, and their columns to what
// their statements say of them; nothing in them names a person.
func TestBusinessViews(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	contents := map[string][]byte{
		"products/products.csv": harness.ProductFile(t, 3), "customers/customers.csv": harness.CustomerFile(t, 3),
		"orders/first.json": harness.OrderFile(t, 71, 400, generate.Shares{rules.AmountMismatch: 0.02}),
		"orders/more.json": []byte(harness.Version("o-1", 1, 1, "10.00", "refunded") + harness.Version("o-2", 2, 1, "7.25", "partially_refunded") +
			harness.Version("o-3", 2, 1, "8.25", "cancelled") + harness.Version("o-4", 2, 1, "9.25", "pending")),
	}
	for name, content := range contents {
		p.Land(t, name, content)
	}
	p.AwaitFiles(t, len(contents))
	w := model(t, p, contents)
	type sums struct{ rows, orders, value, revenue, more string }
	var orders, lines, customers, products, sales sums
	n := func(count int) string { return fmt.Sprint(count) }
	text := func(r *big.Rat) string { return r.FloatString(9) }
	value, revenue, lifetime, lineValue, lineRevenue, prices := new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat)
	count, paid, ofCustomers := 0, 0, 0
	known := make(map[string]bool)
	for id := range w.Customers {
		known[id] = true
	}
	for key, f := range w.Facts {
		lineValue.Add(lineValue, f.LineTotal.Rat())
		lineRevenue.Add(lineRevenue, f.LineRevenue().Rat())
		if key.Line != 1 {
			continue
		}
		count++
		value.Add(value, f.Total.Rat())
		revenue.Add(revenue, f.Revenue().Rat())
		if strings.HasSuffix(f.Status, "refunded") || f.Status == "completed" {
			paid++
		}
		if f.CustomerID != "" {
			known[f.CustomerID] = true
			ofCustomers++
			if f.Sold() {
				lifetime.Add(lifetime, f.Net().Rat())
			}
		}
	}
	for _, product := range w.Products {
		prices.Add(prices, product.Price.Rat())
	}
	ask := func(query string) (s sums) {
		row := p.MustQuery(t, query)[0]
		for i, cell := range []*string{&s.rows, &s.orders, &s.value, &s.revenue, &s.more} {
			switch v := row[i].(type) {
			case *big.Rat:
				*cell = text(v)
			default:
				*cell = fmt.Sprint(v)
			}
		}
		return s
	}
	orders = ask("SELECT COUNT(*), COUNT(DISTINCT order_id), SUM(order_value), SUM(revenue), COUNTIF(is_paid) FROM v_bi_orders")
	lines = ask("SELECT COUNT(*), COUNT(DISTINCT order_id), SUM(line_value), SUM(line_revenue), COUNTIF(line_number = 1) FROM v_bi_order_lines")
	customers = ask("SELECT COUNT(*), SUM(orders), SUM(lifetime_value), 0, COUNT(DISTINCT customer_key) FROM v_bi_customers")
	products = ask("SELECT COUNT(*), 0, SUM(list_price), 0, COUNT(DISTINCT product_id) FROM v_bi_products")
	sales = ask("SELECT 0, SUM(orders), SUM(order_value), SUM(revenue), 0 FROM v_bi_daily_sales")
	want := map[string]sums{
		"orders":    {n(count), n(count), text(value), text(revenue), n(paid)},
		"lines":     {n(len(w.Facts)), n(count), text(lineValue), text(lineRevenue), n(count)},
		"customers": {n(len(known)), n(ofCustomers), text(lifetime), "0", n(len(known))},
		"products":  {n(len(w.Products)), "0", text(prices), "0", n(len(w.Products))},
		"sales":     {"0", n(count), text(value), text(revenue), "0"},
	}
	got := map[string]sums{"orders": orders, "lines": lines, "customers": customers, "products": products, "sales": sales}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(sums{})); diff != "" {
		t.Errorf("sums (-model +views):\n%s", diff)
	}

	key := sha256.Sum256([]byte("C-1"))
	if rows := p.MustQuery(t, "SELECT customer_key FROM v_bi_orders WHERE order_id = 'o-1'"); rows[0][0] != hex.EncodeToString(key[:]) {
		t.Errorf("the customer's key is %v", rows[0][0])
	}
	tables, err := schema.Tables()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, view := range tables {
		if !strings.HasPrefix(view.Name, "v_bi_") {
			continue
		}
		seen++
		metadata, err := p.Bigquery.Dataset(p.Endpoints.Dataset).Table(view.Name).Metadata(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		described := make(map[string]string)
		for _, column := range view.ViewColumns {
			if column.Description == "" {
				t.Errorf("%s.%s has no description", view.Name, column.Name)
			}
			described[column.Name] = column.Description
		}
		is := make(map[string]string)
		for _, field := range metadata.Schema {
			is[field.Name] = field.Description
			for _, personal := range []string{"name", "email", "street", "city", "zip", "customer_id"} {
				if strings.Contains(field.Name, personal) && field.Name != "product_name" {
					t.Errorf("%s.%s may name a person", view.Name, field.Name)
				}
			}
		}
		if diff := cmp.Diff(described, is); diff != "" {
			t.Errorf("%s: columns (-statement +view):\n%s", view.Name, diff)
		}
	}
	if seen != 5 {
		t.Errorf("%d views, want 5", seen)
	}
}

// model is what the model says of the files that are in the ledger.
func model(t *testing.T, p *harness.Pipeline, contents map[string][]byte) *reference.Warehouse {
	t.Helper()
	var files []reference.File
	for _, row := range p.MustQuery(t, "SELECT file_id, landing_name, landed_at, loaded_at FROM file_ledger") {
		name := row[1].(string)
		content, ok := contents[strings.TrimPrefix(name, "landing/")]
		if !ok {
			t.Fatalf("the ledger holds %q", name)
		}
		files = append(files, reference.File{
			ID: row[0].(string), Name: name, LandedAt: row[2].(time.Time), LoadedAt: row[3].(time.Time),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		})
	}
	warehouse, err := reference.Compute(files, p.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return warehouse
}

package dashboard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/reportcheck"
)

// Values that must be shown as they are, and one that must not be shown.
const (
	hostileStatus  = `<img src=x onerror="document.title='broken'">`
	hostileProduct = `=HYPERLINK("http://evil.example","x") ` + "\u202eabc"
	tellingProduct = "write to ann@example.com"
)

// TestProfile profiles a day that is unlike the four weeks before it: the figures are those of the model, what was changed is
// found and nothing else, hostile values are texts, and nobody's name, address or mail is on the page or in the files.
func TestProfile(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	landed := &harness.Landed{}
	landed.Add(t, p, "products/products.csv", []byte("product_id,product_name,category,price,stock_level\nP-1,Lamp,Home,10.00,5\nP-2,\"=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\") \u202eabc\",Toys,2.50,\nP-3,"+tellingProduct+",Toys,3.00,7\n"))
	landed.Add(t, p, "customers/customers.csv", []byte("customer_id,name,email,registration_date,customer_tier\nC-1,Ada Lovelace,ada@example.com,2025-01-02,gold\nC-2,Bob Stone,bob@example.com,,silver\n"))
	p.AwaitFiles(t, 2)
	yesterday := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)
	var orders bytes.Buffer
	for week := range 5 {
		n := 40
		if week == 0 {
			n = 70
		}
		for i := range n {
			orders.Write(profiledOrder(t, yesterday.AddDate(0, 0, -7*week), i, week == 0))
		}
	}
	landed.Add(t, p, "orders/orders.json", orders.Bytes())
	p.AwaitFiles(t, 3)

	runner := p.Daily(t, time.Now, func(c *daily.Config) { c.TrendMaxSeries = 6 })
	reportcheck.Make(t, p, runner, landed, yesterday) // table, file and API equal the model
	day := civil.DateOf(yesterday)
	rows := p.Ask(t, fmt.Sprintf("reports/profile?date=%s&limit=100", day), "rows")
	found := make(map[string]string)
	for _, row := range rows {
		if row["unusual"] != nil {
			found[fmt.Sprintf("%v.%v", row["table_name"], row["column_name"])] = row["unusual"].(string)
		}
	}
	if diff := cmp.Diff(map[string]string{
		"orders.order_id": "rows", "orders.customer_id": "filled", "orders.customer_tier": "values", "orders.total_amount": "distinct mean", "orders.payment_status": "values", "orders.payment_status_text": "values",
		"lines.line_number": "rows", "lines.unit_price": "distinct mean", "lines.line_total": "distinct mean",
	}, found); diff != "" {
		t.Errorf("what is unusual (-want +got):\n%s", diff)
	}
	everyColumnProfiled(t, p, rows)

	b := openBrowser(t, p.Dashboard)
	for _, path := range []string{"/profile?date=" + day.String(), "/profile"} {
		b.open(t, path)
		shows(t, b, "main", hostileStatus+" is new", hostileProduct, "failed is gone", "70 rows, usually 40", "filled, usually", "not shown: personal data", "a mean of")
		hidesPeople(t, path, b.text(t, "main"))
		if n := eval[int](t, b, `document.querySelectorAll("main img").length`); n > 0 {
			t.Errorf("%s: a value became %d elements", path, n)
		}
	}
	eval[bool](t, b, `document.querySelectorAll("main details").forEach((d) => { d.open = true; }) === undefined`)
	for _, row := range rows {
		shown := eval[string](t, b, fmt.Sprintf(`[...document.querySelectorAll("#%s tbody tr")].find((tr) => tr.querySelector("th .name").textContent === %q).textContent`, row["table_name"], row["column_name"]))
		var values []struct {
			Value       string
			Occurrences int
		}
		if list, ok := row["top_values"].(string); ok {
			if err := json.Unmarshal([]byte(list), &values); err != nil {
				t.Fatal(err)
			}
		}
		for _, v := range values {
			if v.Occurrences > 0 && row["data_type"] == "text" && !strings.Contains(shown, fmt.Sprintf("%s%d · ", v.Value, v.Occurrences)) {
				t.Errorf("%v.%v: %q lacks %q, %d times", row["table_name"], row["column_name"], shown, v.Value, v.Occurrences)
			}
		}
	}
	for _, file := range []string{"profile.csv", daily.PageFile} {
		content := p.Object(t, daily.ObjectName(day, file))
		if file == daily.PageFile {
			_, content, _ = strings.Cut(content, `id="profile"`)
			content, _, _ = strings.Cut(content, "</section>")
			if strings.Contains(content, "<img") || !strings.Contains(content, "&lt;img src=x") {
				t.Error("the page of the day shows the hostile status as markup, or not at all")
			}
		}
		hidesPeople(t, file, content)
	}
}

// profiledOrder is an order of a day. On the day that is unlike the others no payment fails, but some have a status of its own,
// most buyers are guests, a tier of their own, and things cost three times as much, each another sum.
func profiledOrder(t *testing.T, day time.Time, i int, isUnlike bool) []byte {
	t.Helper()
	price, status, customer := 500+i%5*100, []string{"completed", "completed", "completed", "failed"}[i%4], any([]string{"C-1", "C-2"}[i%2])
	if isUnlike {
		price, status = 3000+i*7, []string{"completed", "completed", "completed", hostileStatus}[i%4]
		if i%3 > 0 {
			customer = nil
		}
	}
	text, err := json.Marshal(map[string]any{
		"order_id": fmt.Sprintf("O-%s-%d", day.Format("0102"), i), "customer_id": customer, "order_timestamp": day.Add(time.Duration(i%40) * 17 * time.Minute).Format(time.RFC3339),
		"items":        []map[string]any{{"product_id": fmt.Sprintf("P-%d", 1+i%3), "quantity": 1, "unit_price": json.Number(money(price))}},
		"total_amount": json.Number(money(price)), "payment_status": status,
		"shipping_address": map[string]string{"street": fmt.Sprintf("%d Elm Street", 1+i%2), "city": "Smallville", "state": "NY", "zipcode": "10001", "country": "USA"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

// hidesPeople holds that a text tells nobody's name, address or mail.
func hidesPeople(t *testing.T, where, text string) {
	t.Helper()
	for _, personal := range []string{"Lovelace", "Stone", "@example.com", "Elm Street", "Smallville", "10001", "C-1"} {
		if strings.Contains(text, personal) {
			t.Errorf("%s shows %q", where, personal)
		}
	}
}

// ours are the columns that the pipeline writes for itself, which say nothing of the shop.
var ours = []string{"order_date", "file_id", "record_index", "loaded_at", "landed_at", "content_hash", "category_line_number"}

// everyColumnProfiled holds the profile to the columns that there are.
func everyColumnProfiled(t *testing.T, p *harness.Pipeline, rows []harness.JsonRow) {
	t.Helper()
	tables := map[string]string{"orders": "fact_orders", "lines": "fact_orders", "products": "dim_products", "customers": "dim_customers"}
	var got, want []string
	for _, row := range rows {
		got = append(got, tables[row["table_name"].(string)]+"."+row["column_name"].(string))
	}
	for _, table := range []string{"fact_orders", "dim_products", "dim_customers"} {
		meta, err := p.Bigquery.Dataset(p.Endpoints.Dataset).Table(table).Metadata(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range meta.Schema {
			if !slices.Contains(ours, field.Name) && (table == "fact_orders" || field.Name != "updated_at") {
				want = append(want, table+"."+field.Name)
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("columns in the profile (-want +got):\n%s", diff)
	}
}

// shows holds that a part of the page says these things.
func shows(t *testing.T, b *browser, selector string, parts ...string) {
	t.Helper()
	text := eval[string](t, b, fmt.Sprintf("document.querySelector(%q).textContent", selector))
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("the page does not say %q: %q", part, text)
		}
	}
}

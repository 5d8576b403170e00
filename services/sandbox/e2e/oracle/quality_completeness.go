package oracle

import (
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// filled counts the rows of a table in which each column says something.
type filled struct {
	columns []string
	counts  map[string]int64
	rows    int64
}

// text notes a column of words, which may say nothing.
func (f *filled) text(column, value string) { f.note(column, says(value)) }

func says(value string) bool {
	word := strings.TrimSpace(value)
	return word != "" && word != unknown
}

func (f *filled) note(column string, says bool) {
	if f.counts == nil {
		f.counts = make(map[string]int64)
	}
	if !slices.Contains(f.columns, column) {
		f.columns = append(f.columns, column)
	}
	if says {
		f.counts[column]++
	}
}

func (a *audit) completeness() {
	var facts, products, customers filled
	upTo(a.Warehouse, a.o, func(key reference.LineKey, f reference.Fact) {
		if a.o.daysBefore(f.Time) >= 28 {
			return
		}
		facts.rows++
		facts.text("order_id", key.OrderID)
		facts.note("line_number", true)
		facts.note("customer_id", true) // NULL says guest
		facts.note("customer_tier", f.CustomerID == "" || f.Tier != none && says(f.Tier))
		for _, column := range []string{"order_timestamp", "order_date", "order_hour"} {
			facts.note(column, true)
		}
		facts.note("product_id", true) // NULL says none
		facts.note("product_name", !f.Orphan() && (f.ProductID == "" || says(f.ProductName)))
		facts.note("category", f.ProductID == "" || f.Category != none && says(f.Category))
		for _, column := range []string{"category_line_number", "quantity", "unit_price", "line_total", "total_amount"} {
			facts.note(column, true)
		}
		facts.text("payment_status", f.Status)
		for _, part := range [][2]string{{"street", f.Street}, {"city", f.City}, {"state", f.State}, {"zipcode", f.Zipcode}, {"country", f.Country}} {
			facts.note(part[0], f.Area == none || says(part[1]))
		}
		facts.text("region", f.Area)
		facts.text("file_id", f.FileID)
		facts.note("record_index", true)
		facts.note("loaded_at", true)
	})
	for id, p := range a.Products {
		products.rows++
		products.text("product_id", id)
		products.text("product_name", p.Name)
		products.text("category", p.Category)
		products.note("price", true)
		products.note("stock_level", p.Stock.Is)
		for _, column := range []string{"is_active", "content_hash", "file_id", "landed_at", "updated_at"} {
			products.note(column, true)
		}
	}
	for id, c := range a.Customers {
		customers.rows++
		customers.text("customer_id", id)
		customers.text("name", c.Name)
		customers.text("email", c.Email)
		customers.note("registration_date", c.Registered != "")
		customers.text("customer_tier", c.Tier)
		for _, column := range []string{"is_active", "content_hash", "file_id", "landed_at", "updated_at"} {
			customers.note(column, true)
		}
	}
	a.shares("fact_orders", 0, facts)
	a.shares("dim_products", 100, products)
	a.shares("dim_customers", 200, customers)
}

func (a *audit) shares(table string, place int, f filled) {
	for i, column := range f.columns {
		share := rounded(quotient(ratOf(f.counts[column]), ratOf(f.rows)), 6)
		status := "ok"
		if share.Cmp(a.o.CompletenessMin) < 0 {
			status = "warning"
		}
		a.checks = append(a.checks, check{
			2, place + i + 1, "share_filled", table, column, plainText(share), "share", "at least " + plainText(a.o.CompletenessMin), status,
		})
	}
}

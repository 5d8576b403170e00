package expect

import (
	"maps"
	"slices"
	"strings"
)

// The kinds of values that columns hold.
const (
	text   = "text"
	number = "number"
	moment = "time"
	other  = "other" // dates and flags
)

// column is where a column stands among the cells that the statements read (sql/parts/shop_cells.sql).
type column struct {
	place int64
	kind  string
}

// tables are the tables that an expectation may name, with the columns that the source fills.
var tables = map[string]map[string]column{
	"orders": placed(1, "order_id", text, "customer_id", text, "customer_tier", text, "order_timestamp", moment, "order_hour", number, "utc_offset_seconds", number,
		"total_amount", number, "currency", text, "payment_status", text, "payment_status_text", text, "tax_amount", number, "tax_included", other,
		"shipping_amount", number, "discount_amount", number, "refunded_amount", number, "street", text, "city", text, "state", text, "zipcode", text,
		"country", text, "region", text, "updated_at", moment),
	"lines": placed(101, "line_number", number, "product_id", text, "product_name", text, "category", text, "quantity", number, "unit_price", number,
		"line_discount_amount", number, "line_total", number),
	"products":  placed(201, "product_id", text, "product_name", text, "category", text, "price", number, "stock_level", number, "is_active", other),
	"customers": placed(301, "customer_id", text, "name", text, "email", text, "registration_date", other, "customer_tier", text, "is_active", other),
}

// newest is which time of its rows says how fresh a table is: of the orders' day that of the order, of a catalog that when the
// file landed that brought the row (places of which the statement alone knows).
var newest = map[string]struct {
	column string
	place  int64
}{"orders": {"order_timestamp", 4}, "lines": {"order_timestamp", 4}, "products": {"landed_at", 299}, "customers": {"landed_at", 399}}

// placed gives columns, each followed by its kind, their places from first on.
func placed(first int64, columns ...string) map[string]column {
	all := make(map[string]column)
	for i := 0; i < len(columns); i += 2 {
		all[columns[i]] = column{first + int64(i/2), columns[i+1]}
	}
	return all
}

// Columns lists what an expectation may name, as table.column, in the order of their places.
func Columns() []string {
	places := make(map[string]int64)
	for table, columns := range tables {
		for name, c := range columns {
			places[table+"."+name] = c.place
		}
	}
	return slices.SortedFunc(maps.Keys(places), func(a, b string) int { return int(places[a] - places[b]) })
}

func named[V any](of map[string]V) string { return strings.Join(slices.Sorted(maps.Keys(of)), ", ") }

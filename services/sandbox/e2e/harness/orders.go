package harness

import (
	"fmt"
	"strconv"
	"strings"
)

// Order is one line of an orders file.
func Order(id string, day int, product, customer, price string) string {
	return fmt.Sprintf(`{"order_id":%q,"customer_id":%q,"order_timestamp":"2026-11-%02dT11:00:00Z","items":[{"product_id":%q,"quantity":1,"unit_price":%s}],`+
		`"total_amount":%s,"payment_status":"completed","shipping_address":{"street":"1 Main St","city":"New York","state":"NY","zipcode":"10001","country":"USA"}}`+"\n",
		id, customer, day, product, price, price)
}

// Version is an order as its source had it at an hour of 2 November.
func Version(id string, day, hour int, price, status string) string {
	o := strings.Replace(Order(id, day, "P-1", "C-1", price), `"completed"`, strconv.Quote(status), 1)
	return strings.Replace(o, `"items"`, fmt.Sprintf(`"updated_at":"2026-11-02T%02d:00:00Z","items"`, hour), 1)
}

// Small files for tests that look at every value: among the orders are one without an offset, a repeated one, one with
// another content under the same id, and a line that is cut off.
const (
	SmallProducts  = "product_id,product_name,category,price,stock_level\nP-1,Lamp,Home & Garden,10.00,5\nP-2,Ball,Sports,2.50,0\n"
	SmallCustomers = "customer_id,name,email,registration_date,customer_tier\nC-1,Ada,ada@example.com,2025-01-02,gold\n"
	SmallOrders    = `{"order_id":"o-1","customer_id":"C-1","order_timestamp":"2026-11-01T11:21:44.126748","items":[{"product_id":"P-1","quantity":2,"unit_price":10.00},{"product_id":"P-2","quantity":1,"unit_price":2.5}],"total_amount":22.50,"payment_status":"completed","shipping_address":{"street":"1 Main St","city":"New York","state":"NY","zipcode":"10001","country":"USA"}}
{"order_id":"o-2","customer_id":"C-9","order_timestamp":"2026-11-01T11:59:59+00:00","items":[{"product_id":"P-9","quantity":3,"unit_price":0.1}],"total_amount":0.30,"payment_status":"pending","shipping_address":{"street":"2 Main St","city":"Paris","state":"","zipcode":"75001","country":"France"}}
{"order_id":"o-1","customer_id":"C-1","order_timestamp":"2026-11-01T11:21:44.126748Z","items":[{"product_id":"P-1","quantity":2,"unit_price":10},{"product_id":"P-2","quantity":1,"unit_price":2.50}],"total_amount":22.5,"payment_status":"completed","shipping_address":{"street":"1 Main St","city":"New York","state":"NY","zipcode":"10001","country":"USA"}}
{"order_id":"o-1","customer_id":"C-1","order_timestamp":"2026-11-01T11:21:44.126748Z","items":[{"product_id":"P-1","quantity":9,"unit_price":10}],"total_amount":90,"payment_status":"completed","coupon":"SAVE10","shipping_address":{"street":"1 Main St","city":"New York","state":"NY","zipcode":"10001","country":"USA"}}
{"order_id":"o-3","customer_id":
`
)

package source_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
)

// nothing is an outlet that drops everything.
type nothing struct{}

func (nothing) Accept(context.Context, *decode.Accepted) error           { return nil }
func (nothing) Reject(context.Context, *pipelinev1.RejectedRecord) error { return nil }

// BenchmarkShopifyOrders reads orders of some 1 KiB as the Admin API writes them.
func BenchmarkShopifyOrders(b *testing.B) {
	var file bytes.Buffer
	const orders = 10_000
	for n := range orders {
		fmt.Fprintf(&file, `{"id":%d,"name":"#%d","created_at":"2026-10-30T09:15:00-04:00","updated_at":"2026-10-31T18:00:05-04:00","cancelled_at":null,"currency":"USD","financial_status":"paid","fulfillment_status":"fulfilled","note":null,"tags":"","taxes_included":false,"test":false,"total_price":"48.82","total_tax":"3.32","total_tip_received":"0.00","customer":{"id":%d,"email":"buyer@example.com","first_name":"Ann","last_name":"Lee","state":"enabled"},"refunds":[],"shipping_address":{"first_name":"Ann","address1":"1 Main St","address2":null,"city":"Austin","zip":"73301","country_code":"US","province_code":"TX"},"shipping_lines":[{"code":"Standard","price":"6.00","discounted_price":"4.00"}],"line_items":[{"id":1,"sku":"MUG-BL","quantity":2,"price":"20.00","title":"Mug","variant_id":7001,"product_id":9001,"discount_allocations":[{"amount":"4.00","discount_application_index":0}]},{"id":2,"sku":"CUP-S","quantity":1,"price":"5.50","title":"Cup","variant_id":7002,"product_id":9002,"discount_allocations":[]}]}`+"\n",
			1_000_000+n, 1000+n, 5000+n)
	}
	benchmark(b, "orders/shopify/f.json", file.Bytes(), orders)
}

// BenchmarkWooCommerceOrders reads orders of some 1 KiB as the REST API writes them.
func BenchmarkWooCommerceOrders(b *testing.B) {
	var file bytes.Buffer
	const orders = 10_000
	for n := range orders {
		fmt.Fprintf(&file, `{"id":%d,"parent_id":0,"number":"%d","status":"processing","currency":"USD","version":"9.4.1","prices_include_tax":false,"date_created":"2026-10-30T09:15:00","date_created_gmt":"2026-10-30T13:15:00","date_modified_gmt":"2026-10-31T22:00:05","discount_total":"4.00","shipping_total":"4.00","total":"48.82","total_tax":"3.32","customer_id":%d,"customer_note":"","billing":{"first_name":"Ann","email":"buyer@example.com"},"shipping":{"first_name":"Ann","address_1":"1 Main St","address_2":"","city":"Austin","state":"TX","postcode":"73301","country":"US"},"payment_method":"card","line_items":[{"id":1,"name":"Mug","product_id":9001,"variation_id":7001,"quantity":2,"subtotal":"40.00","total":"36.00","total_tax":"2.90","sku":"MUG-BL","price":18},{"id":2,"name":"Cup","product_id":9002,"variation_id":0,"quantity":1,"subtotal":"5.50","total":"5.50","total_tax":"0.42","sku":"CUP-S","price":5.5}],"tax_lines":[],"shipping_lines":[{"method_title":"Standard","total":"4.00"}],"fee_lines":[],"refunds":[]}`+"\n",
			1_000_000+n, 1000+n, 5000+n)
	}
	benchmark(b, "orders/woocommerce/f.json", file.Bytes(), orders)
}

// BenchmarkOrderLinesCSV reads orders of two rows.
func BenchmarkOrderLinesCSV(b *testing.B) {
	var file bytes.Buffer
	const orders = 10_000
	file.WriteString("order_id,order_date,customer_id,sku,quantity,price,line_discount,shipping_amount,order_total,status,city,state,country\n")
	for n := range orders {
		fmt.Fprintf(&file, "A-%d,2026-10-30T09:15:00Z,C-%d,MUG-BL,2,20.00,1.50,4.95,48.95,paid,Austin,TX,US\nA-%d,2026-10-30T09:15:00Z,C-%d,CUP-S,1,5.50,,4.95,48.95,paid,Austin,TX,US\n", n, n, n, n)
	}
	benchmark(b, "orders/order-lines-csv/f.csv", file.Bytes(), orders)
}

func benchmark(b *testing.B, name string, file []byte, orders int64) {
	set := load(b)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		r := reading.New(readingtest.File(kinds["orders"], name), policy, set, time.Unix(0, 0))
		m, err := r.Read(b.Context(), func(context.Context) (io.ReadCloser, int64, error) {
			return io.NopCloser(bytes.NewReader(file)), int64(len(file)), nil
		}, nothing{})
		if err != nil || m.GetAccepted() != orders {
			b.Fatalf("manifest %v, %v", m, err)
		}
	}
	b.ReportMetric(float64(orders)*float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}

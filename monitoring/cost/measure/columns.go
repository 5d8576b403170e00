package measure

import (
	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// Logical sizes of BigQuery's types
// (https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types). An ARRAY
// and a STRUCT are the sums of what they hold; NULL is nothing.
const (
	fixed   = 8 // INT64, DATE, TIMESTAMP
	numeric = 16
	boolean = 1
)

func text(s string) int64 { return 2 + int64(len(s)) }

// tally adds up the bytes of each column over many rows.
type tally map[string]int64

func (t tally) add(column string, size int64) { t[column] += size }

func (t tally) means(rows int64) Columns {
	c := make(Columns, len(t))
	for column, sum := range t {
		c[column] = mean(sum, rows)
	}
	return c
}

func addSource(t tally, s *pipelinev1.RecordSource) {
	t.add("unknown_fields", int64(len(s.GetUnknownFields())))
	var warnings int64
	for _, w := range s.GetWarnings() {
		warnings += text(w)
	}
	t.add("warnings", warnings)
	t.add("file_id", text(s.GetFileId()))
	t.add("parse_id", text(s.GetParseId()))
	t.add("record_index", fixed)
	t.add("content_hash", text(s.GetContentHash()))
	t.add("landed_at", fixed)
	t.add("landed_date", fixed)
}

func addStaging(t tally, o *ordersv1.Order) {
	t.add("order_id", text(o.GetOrderId()))
	t.add("customer_id", text(o.GetCustomerId()))
	t.add("order_timestamp", fixed)
	for _, item := range o.GetItems() {
		t.add("items", text(item.GetProductId())+fixed+numeric)
	}
	t.add("total_amount", numeric)
	t.add("currency", text(o.GetTotalAmount().GetCurrencyCode()))
	t.add("payment_status", text(o.GetPaymentStatusText()))
	a := o.GetShippingAddress()
	t.add("shipping_address", text(a.GetStreet())+text(a.GetCity())+text(a.GetState())+text(a.GetZipcode())+text(a.GetCountry()))
	t.add("payment_status_text", text(o.GetPaymentStatusText()))
	addStated(t, o)
	addSource(t, o.GetSource())
}

// addStated adds what an order may state and may leave out, in the columns that both
// staging and facts have.
func addStated(t tally, o *ordersv1.Order) {
	for column, is := range map[string]struct {
		stated bool
		size   int64
	}{
		"updated_at": {o.GetUpdatedAt() != nil, fixed}, "tax_amount": {o.GetTaxAmount() != nil, numeric},
		"tax_included": {o.TaxIncluded != nil, boolean}, "shipping_amount": {o.GetShippingAmount() != nil, numeric},
		"discount_amount": {o.GetDiscountAmount() != nil, numeric}, "refunded_amount": {o.GetRefundedAmount() != nil, numeric},
		"utc_offset_seconds": {o.GetUtcOffsetSeconds() != 0, fixed},
	} {
		if !is.stated {
			is.size = 0
		}
		t.add(column, is.size)
	}
}

// addFact adds one line of an order, whose product and customer are known.
func addFact(t tally, o *ordersv1.Order, p *catalogv1.Product, c *catalogv1.Customer) {
	a := o.GetShippingAddress()
	for _, column := range []string{"line_number", "order_timestamp", "order_date", "order_hour", "category_line_number", "quantity", "record_index", "loaded_at"} {
		t.add(column, fixed)
	}
	for _, column := range []string{"unit_price", "line_total", "total_amount"} {
		t.add(column, numeric)
	}
	t.add("line_discount_amount", 0) // of a plain line
	t.add("currency", text(o.GetTotalAmount().GetCurrencyCode()))
	addStated(t, o)
	for column, value := range map[string]string{
		"order_id": o.GetOrderId(), "customer_id": o.GetCustomerId(), "customer_tier": c.GetCustomerTier(),
		"product_id": p.GetProductId(), "product_name": p.GetProductName(), "category": p.GetCategory(),
		"payment_status": o.GetPaymentStatusText(), "payment_status_text": o.GetPaymentStatusText(),
		"street": a.GetStreet(), "city": a.GetCity(), "state": a.GetState(), "zipcode": a.GetZipcode(), "country": a.GetCountry(),
		"region": "Northeast", "file_id": o.GetSource().GetFileId(),
	} {
		t.add(column, text(value))
	}
}

func addKey(t tally, o *ordersv1.Order) {
	t.add("order_id", text(o.GetOrderId()))
	t.add("content_hash", text(o.GetSource().GetContentHash()))
	t.add("order_date", fixed)
	t.add("file_id", text(o.GetSource().GetFileId()))
	t.add("record_index", fixed)
	t.add("updated_at", 0) // of an order that does not say
	t.add("landed_at", fixed)
	t.add("is_update", boolean)
	t.add("order_mark", fixed)
}

func addProduct(t tally, p *catalogv1.Product) {
	t.add("product_id", text(p.GetProductId()))
	t.add("product_name", text(p.GetProductName()))
	t.add("category", text(p.GetCategory()))
	t.add("price", numeric)
	t.add("stock_level", fixed)
	t.add("is_active", 0) // of a product that is sold
	addSource(t, p.GetSource())
}

func addCustomer(t tally, c *catalogv1.Customer) {
	t.add("customer_id", text(c.GetCustomerId()))
	t.add("name", text(c.GetName()))
	t.add("email", text(c.GetEmail()))
	t.add("registration_date", fixed)
	t.add("customer_tier", text(c.GetCustomerTier()))
	t.add("is_active", 0) // of a customer that is one
	addSource(t, c.GetSource())
}

// dimension is a dimension's row, made from the staging row that fills it.
func dimension(staging Columns) Columns {
	d := Columns{"is_active": boolean, "updated_at": fixed}
	for column, size := range staging {
		switch column {
		case "parse_id", "record_index", "landed_date", "warnings", "unknown_fields", "is_active":
		default:
			d[column] = size
		}
	}
	return d
}

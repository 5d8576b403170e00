package source

import (
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
)

// fieldType is as what a native field is written.
type fieldType uint8

const (
	asText fieldType = iota
	asAmount
	asInteger
	asTime
	asDate
	asBoolean
)

// nativeField is a field of the native record.
type nativeField struct {
	name     string
	as       fieldType
	required bool // a mapping must say where it is
}

// kindOf is what is known of a kind of record.
type kindOf struct {
	kind   pipelinev1.FileKind
	fields []nativeField
	items  bool
	table  func(decode.Reading, []byte) (decode.Decoder, error) // decoder of rows below a header
}

// Fields of a line; subtotal and total are not the native record's own.
const (
	itemProductID = iota
	itemQuantity
	itemUnitPrice
	itemDiscount
	itemSubtotal
	itemTotal
	itemFields
)

var itemFieldList = [itemFields]nativeField{
	{name: "product_id"}, {name: "quantity", as: asInteger}, {name: "unit_price", as: asAmount},
	{name: "discount_amount", as: asAmount}, {name: "subtotal", as: asAmount}, {name: "total", as: asAmount},
}

var (
	orderKind = kindOf{pipelinev1.FileKind_FILE_KIND_ORDERS, []nativeField{
		{"order_id", asText, true}, {"customer_id", asText, false}, {"order_timestamp", asTime, true}, {"updated_at", asTime, false},
		{"currency", asText, false}, {"total_amount", asAmount, false}, {"tax_amount", asAmount, false}, {"tax_included", asBoolean, false},
		{"shipping_amount", asAmount, false}, {"discount_amount", asAmount, false}, {"refunded_amount", asAmount, false},
		{"payment_status", asText, true},
		{"shipping_address.street", asText, false}, {"shipping_address.city", asText, false}, {"shipping_address.state", asText, false},
		{"shipping_address.zipcode", asText, false}, {"shipping_address.country", asText, false},
	}, true, nil}
	productKind = kindOf{pipelinev1.FileKind_FILE_KIND_PRODUCTS, []nativeField{
		{"product_id", asText, true}, {"product_name", asText, false}, {"category", asText, false},
		{"price", asAmount, true}, {"stock_level", asInteger, false}, {"active", asBoolean, false},
	}, false, func(r decode.Reading, header []byte) (decode.Decoder, error) { return decode.NewProducts(r, header) }}
	customerKind = kindOf{pipelinev1.FileKind_FILE_KIND_CUSTOMERS, []nativeField{
		{"customer_id", asText, true}, {"name", asText, false}, {"email", asText, false},
		{"registration_date", asDate, false}, {"customer_tier", asText, false}, {"active", asBoolean, false},
	}, false, func(r decode.Reading, header []byte) (decode.Decoder, error) { return decode.NewCustomers(r, header) }}
)

package staging

import (
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/money"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	warehousev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/warehouse/v1"
)

// Tables that the writer appends to.
const (
	tableOrders      = "staging_orders"
	tableProducts    = "staging_products"
	tableCustomers   = "staging_customers"
	tableRejected    = "rejected_records"
	tableDeadLetters = "dead_letters"
)

// rowTypes are the rows of each table.
var rowTypes = map[string]proto.Message{
	tableOrders:      (*warehousev1.StagingOrder)(nil),
	tableProducts:    (*warehousev1.StagingProduct)(nil),
	tableCustomers:   (*warehousev1.StagingCustomer)(nil),
	tableRejected:    (*warehousev1.RejectedRecord)(nil),
	tableDeadLetters: (*warehousev1.DeadLetter)(nil),
}

// encoder turns a message into a row of a table. Its errors are permanent: the
// same bytes will fail again.
type encoder func(m *pubsub.Message) (table string, row []byte, err error)

func encodeOrder(m *pubsub.Message) (string, []byte, error) {
	var o ordersv1.Order
	if err := proto.Unmarshal(m.Data, &o); err != nil {
		return "", nil, fmt.Errorf("decode order: %w", err)
	}
	src, addr := o.GetSource(), o.GetShippingAddress()
	landedAt, landedDate := landed(src)
	items := make([]warehousev1.StagingOrder_Item, len(o.GetItems()))
	refs := make([]*warehousev1.StagingOrder_Item, len(items))
	for i, item := range o.GetItems() {
		refs[i] = &items[i]
		refs[i].ProductId = item.GetProductId()
		refs[i].Quantity = item.GetQuantity()
		refs[i].UnitPrice = money.Numeric(item.GetUnitPrice())
	}
	row, err := proto.Marshal(&warehousev1.StagingOrder{
		OrderId:        o.GetOrderId(),
		CustomerId:     o.GetCustomerId(),
		OrderTimestamp: micros(o.GetOrderTimestamp()),
		Items:          refs,
		TotalAmount:    money.Numeric(o.GetTotalAmount()),
		Currency:       o.GetTotalAmount().GetCurrencyCode(),
		PaymentStatus:  o.GetPaymentStatusText(),
		ShippingAddress: &warehousev1.StagingOrder_Address{
			Street: addr.GetStreet(), City: addr.GetCity(), State: addr.GetState(),
			Zipcode: addr.GetZipcode(), Country: addr.GetCountry(),
		},
		UnknownFields: nonEmpty(src.GetUnknownFields()),
		Warnings:      src.GetWarnings(),
		FileId:        src.GetFileId(),
		ParseId:       src.GetParseId(),
		RecordIndex:   src.GetRecordIndex(),
		ContentHash:   src.GetContentHash(),
		LandedAt:      landedAt,
		LandedDate:    landedDate,
	})
	return tableOrders, row, err
}

func encodeCatalog(m *pubsub.Message) (string, []byte, error) {
	switch schema := m.Attributes[topology.AttrSchema]; schema {
	case "ecommerce.catalog.v1.Product":
		return encodeProduct(m.Data)
	case "ecommerce.catalog.v1.Customer":
		return encodeCustomer(m.Data)
	default:
		return "", nil, fmt.Errorf("unknown schema %q", schema)
	}
}

func encodeProduct(data []byte) (string, []byte, error) {
	var p catalogv1.Product
	if err := proto.Unmarshal(data, &p); err != nil {
		return "", nil, fmt.Errorf("decode product: %w", err)
	}
	src := p.GetSource()
	landedAt, landedDate := landed(src)
	row, err := proto.Marshal(&warehousev1.StagingProduct{
		ProductId:     p.GetProductId(),
		ProductName:   p.GetProductName(),
		Category:      p.GetCategory(),
		Price:         money.Numeric(p.GetPrice()),
		StockLevel:    p.GetStockLevel(),
		UnknownFields: nonEmpty(src.GetUnknownFields()),
		Warnings:      src.GetWarnings(),
		FileId:        src.GetFileId(),
		ParseId:       src.GetParseId(),
		RecordIndex:   src.GetRecordIndex(),
		ContentHash:   src.GetContentHash(),
		LandedAt:      landedAt,
		LandedDate:    landedDate,
	})
	return tableProducts, row, err
}

func encodeCustomer(data []byte) (string, []byte, error) {
	var c catalogv1.Customer
	if err := proto.Unmarshal(data, &c); err != nil {
		return "", nil, fmt.Errorf("decode customer: %w", err)
	}
	registered, err := time.Parse(time.DateOnly, c.GetRegistrationDate())
	if err != nil {
		return "", nil, fmt.Errorf("decode customer: %w", err)
	}
	src := c.GetSource()
	landedAt, landedDate := landed(src)
	row, err := proto.Marshal(&warehousev1.StagingCustomer{
		CustomerId:       c.GetCustomerId(),
		Name:             c.GetName(),
		Email:            c.GetEmail(),
		RegistrationDate: epochDay(registered),
		CustomerTier:     c.GetCustomerTier(),
		UnknownFields:    nonEmpty(src.GetUnknownFields()),
		Warnings:         src.GetWarnings(),
		FileId:           src.GetFileId(),
		ParseId:          src.GetParseId(),
		RecordIndex:      src.GetRecordIndex(),
		ContentHash:      src.GetContentHash(),
		LandedAt:         landedAt,
		LandedDate:       landedDate,
	})
	return tableCustomers, row, err
}

func encodeRejected(m *pubsub.Message) (string, []byte, error) {
	var r pipelinev1.RejectedRecord
	if err := proto.Unmarshal(m.Data, &r); err != nil {
		return "", nil, fmt.Errorf("decode rejected record: %w", err)
	}
	src := r.GetSource()
	landedAt, landedDate := landed(src)
	row, err := proto.Marshal(&warehousev1.RejectedRecord{
		FileId:        src.GetFileId(),
		ParseId:       src.GetParseId(),
		RecordIndex:   src.GetRecordIndex(),
		Kind:          topology.KindFolder(r.GetKind()),
		LandingName:   r.GetLandingName(),
		ByteOffset:    r.GetByteOffset(),
		ByteLength:    r.GetByteLength(),
		Payload:       r.GetPayload(),
		Sha256:        r.GetSha256(),
		Rule:          r.GetRule(),
		FieldPath:     r.GetFieldPath(),
		Message:       r.GetMessage(),
		ParserVersion: r.GetParserVersion(),
		RejectedAt:    micros(r.GetRejectedAt()),
		LandedAt:      landedAt,
		LandedDate:    landedDate,
	})
	return tableRejected, row, err
}

func landed(src *pipelinev1.RecordSource) (microseconds int64, day int32) {
	t := src.GetLandedAt()
	return micros(t), epochDay(t.AsTime())
}

// micros is BigQuery's TIMESTAMP.
func micros(t *timestamppb.Timestamp) int64 { return t.AsTime().UnixMicro() }

// epochDay is BigQuery's DATE: days since 1970-01-01, rounded towards the past.
func epochDay(t time.Time) int32 {
	const day = 24 * 60 * 60
	seconds := t.Unix()
	days := seconds / day
	if seconds%day < 0 {
		days--
	}
	return int32(days)
}

// nonEmpty makes the empty text NULL.
func nonEmpty(s string) *string {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return &s
}

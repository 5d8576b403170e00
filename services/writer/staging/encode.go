package staging

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/feed"
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

// rowTypes are the rows of each table; the numbers below are their fields'.
var rowTypes = map[string]proto.Message{
	tableOrders:      (*warehousev1.StagingOrder)(nil),
	tableProducts:    (*warehousev1.StagingProduct)(nil),
	tableCustomers:   (*warehousev1.StagingCustomer)(nil),
	tableRejected:    (*warehousev1.RejectedRecord)(nil),
	tableDeadLetters: (*warehousev1.DeadLetter)(nil),
}

// encoder turns a message into a row of a table. Its errors are permanent: the
// same bytes will fail again.
type encoder func(m *pubsub.Message) (table string, wire []byte, err error)

func encodeOrder(m *pubsub.Message) (string, []byte, error) {
	var o ordersv1.Order
	if err := proto.Unmarshal(m.Data, &o); err != nil {
		return "", nil, fmt.Errorf("decode order: %w", err)
	}
	if err := checkSource(o.GetSource()); err != nil {
		return "", nil, err
	}
	// A row is about as long as its message.
	r := row{make([]byte, 0, len(m.Data)+128)}
	var (
		space  [256]byte
		nested = row{space[:0]}
	)
	r.text(1, o.GetOrderId())
	r.nullableText(2, o.GetCustomerId())
	r.integer(3, micros(o.GetOrderTimestamp()))
	for _, item := range o.GetItems() {
		nested.wire = nested.wire[:0]
		nested.nullableText(1, item.GetProductId())
		nested.integer(2, item.GetQuantity())
		nested.amount(3, item.GetUnitPrice())
		nested.nullableAmount(4, item.GetDiscountAmount())
		r.bytes(4, nested.wire)
	}
	r.amount(5, o.GetTotalAmount())
	r.text(6, o.GetTotalAmount().GetCurrencyCode())
	r.text(7, feed.StatusWord(&o))
	if addr := o.GetShippingAddress(); addr != nil {
		nested.wire = nested.wire[:0]
		nested.nullableText(1, addr.GetStreet())
		nested.nullableText(2, addr.GetCity())
		nested.nullableText(3, addr.GetState())
		nested.nullableText(4, addr.GetZipcode())
		nested.nullableText(5, addr.GetCountry())
		r.bytes(8, nested.wire)
	}
	if updated := o.GetUpdatedAt(); updated != nil {
		r.integer(17, micros(updated))
	}
	r.nullableText(18, o.GetPaymentStatusText())
	r.nullableAmount(19, o.GetTaxAmount())
	if o.TaxIncluded != nil {
		r.boolean(20, o.GetTaxIncluded())
	}
	r.nullableAmount(21, o.GetShippingAmount())
	r.nullableAmount(22, o.GetDiscountAmount())
	r.nullableAmount(23, o.GetRefundedAmount())
	if offset := o.GetUtcOffsetSeconds(); offset != 0 {
		r.integer(24, int64(offset))
	}
	r.source(9, o.GetSource())
	return tableOrders, r.wire, nil
}

// source adds the fields that every staging row has, from unknown_fields
// to landed_date, numbered from first on.
func (r *row) source(first protowire.Number, s *pipelinev1.RecordSource) {
	landedAt, landedDate := landed(s)
	r.nullableText(first, s.GetUnknownFields())
	r.texts(first+1, s.GetWarnings())
	r.text(first+2, s.GetFileId())
	r.text(first+3, s.GetParseId())
	r.integer(first+4, s.GetRecordIndex())
	r.text(first+5, s.GetContentHash())
	r.integer(first+6, landedAt)
	r.integer(first+7, landedDate)
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
	if err := checkSource(p.GetSource()); err != nil {
		return "", nil, err
	}
	var r row
	r.text(1, p.GetProductId())
	r.text(2, p.GetProductName())
	r.nullableText(3, p.GetCategory())
	r.text(4, money.Numeric(p.GetPrice()))
	if !p.GetStockLevelMissing() {
		r.integer(5, p.GetStockLevel())
	}
	if p.GetInactive() {
		r.boolean(14, false)
	}
	r.source(6, p.GetSource())
	return tableProducts, r.wire, nil
}

func encodeCustomer(data []byte) (string, []byte, error) {
	var c catalogv1.Customer
	if err := proto.Unmarshal(data, &c); err != nil {
		return "", nil, fmt.Errorf("decode customer: %w", err)
	}
	if err := checkSource(c.GetSource()); err != nil {
		return "", nil, err
	}
	var r row
	r.text(1, c.GetCustomerId())
	r.text(2, c.GetName())
	r.text(3, c.GetEmail())
	if date := c.GetRegistrationDate(); date != "" {
		registered, err := time.Parse(time.DateOnly, date)
		if err != nil {
			// The parse error would quote the text, and the error is logged.
			return "", nil, errors.New("decode customer: registration_date is no date")
		}
		r.integer(4, int64(epoch.Day(registered)))
	}
	r.nullableText(5, c.GetCustomerTier())
	if c.GetInactive() {
		r.boolean(14, false)
	}
	r.source(6, c.GetSource())
	return tableCustomers, r.wire, nil
}

func encodeRejected(m *pubsub.Message) (string, []byte, error) {
	var rejected pipelinev1.RejectedRecord
	if err := proto.Unmarshal(m.Data, &rejected); err != nil {
		return "", nil, fmt.Errorf("decode rejected record: %w", err)
	}
	if err := checkSource(rejected.GetSource()); err != nil {
		return "", nil, err
	}
	source := rejected.GetSource()
	landedAt, landedDate := landed(source)
	r := row{make([]byte, 0, len(m.Data)+64)}
	r.text(1, source.GetFileId())
	r.text(2, source.GetParseId())
	r.integer(3, source.GetRecordIndex())
	r.text(4, topology.KindFolder(rejected.GetKind()))
	r.text(5, rejected.GetLandingName())
	r.integer(6, rejected.GetByteOffset())
	r.integer(7, rejected.GetByteLength())
	r.bytes(8, rejected.GetPayload())
	r.text(9, rejected.GetSha256())
	r.text(10, rejected.GetRule())
	r.text(11, rejected.GetFieldPath())
	r.text(12, rejected.GetMessage())
	r.text(13, rejected.GetParserVersion())
	r.integer(14, micros(rejected.GetRejectedAt()))
	r.integer(15, landedAt)
	r.integer(16, landedDate)
	faults, err := faultsOf(&rejected)
	if err != nil {
		return "", nil, err
	}
	r.text(17, faults)
	r.integer(18, 1+rejected.GetFurtherCount())
	return tableRejected, r.wire, nil
}

// faultsOf lists what is wrong with a record, as JSON. A message of an earlier parser has all of it in one text.
func faultsOf(rejected *pipelinev1.RejectedRecord) (string, error) {
	type fault struct {
		Rule      string `json:"rule"`
		FieldPath string `json:"field_path"`
		Message   string `json:"message"`
	}
	faults := []fault{{rejected.GetRule(), rejected.GetFieldPath(), cmp.Or(rejected.GetFirstMessage(), rejected.GetMessage())}}
	for _, f := range rejected.GetFurtherFaults() {
		faults = append(faults, fault{f.GetRule(), f.GetFieldPath(), f.GetMessage()})
	}
	text, err := json.Marshal(faults)
	if err != nil {
		return "", fmt.Errorf("list the faults of record %d: %w", rejected.GetSource().GetRecordIndex(), err)
	}
	return string(text), nil
}

// errNoSource refuses a message that belongs to no reading of a file: nobody would
// ever ask for its row.
var errNoSource = errors.New("message names no file_id and parse_id")

func checkSource(source *pipelinev1.RecordSource) error {
	if source.GetFileId() == "" || source.GetParseId() == "" {
		return errNoSource
	}
	return nil
}

func landed(source *pipelinev1.RecordSource) (microseconds, day int64) {
	t := source.GetLandedAt()
	return micros(t), int64(epoch.Day(t.AsTime()))
}

// micros is BigQuery's TIMESTAMP.
func micros(t *timestamppb.Timestamp) int64 { return t.AsTime().UnixMicro() }

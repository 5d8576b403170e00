package decode

import (
	"fmt"
	"strings"

	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing/strictjson"
)

// Orders decodes orders. All fields but the parts of the address are required;
// null counts as absent. It builds every order in the same message, so that an
// order costs the copy of its text and little more.
type Orders struct {
	record
	earliest, latest int64 // order times accepted, microseconds since 1970

	scan    strictjson.Scanner
	order   ordersv1.Order
	time    timestamppb.Timestamp
	total   moneypb.Money
	address ordersv1.ShippingAddress
	items   []*ordersv1.OrderItem // reused; the order's are the first ones
	seen    seen
	sum     sum
	unknown unknownFields
}

// seen is the set of an object's required fields that were present.
type seen uint8

// Required fields of an order, in the order in which they are missed.
const (
	seenOrderID seen = 1 << iota
	seenCustomerID
	seenTimestamp
	seenItems
	seenTotal
	seenStatus
	seenAddress
)

var orderFields = []string{"order_id", "customer_id", "order_timestamp", "items", "total_amount", "payment_status", "shipping_address"}

// NewOrders decodes the orders of one reading.
func NewOrders(r Reading) *Orders {
	d := &Orders{}
	d.init(r)
	d.earliest = r.LandedAt.AddDate(-rules.MaxOrderAgeYears, 0, 0).UnixMicro()
	d.latest = r.LandedAt.AddDate(rules.MaxOrderLeadYears, 0, 0).UnixMicro()
	d.order.OrderTimestamp, d.order.TotalAmount = &d.time, &d.total
	d.order.ShippingAddress, d.order.Source = &d.address, &d.source
	return d
}

// Decode implements Decoder.
func (d *Orders) Decode(raw []byte) (*Accepted, *Fault) {
	d.reset()
	d.order.OrderId, d.order.CustomerId, d.order.Items = "", "", d.items[:0]
	d.seen, d.sum = 0, sum{}
	d.unknown.reset()
	d.scan.Reset(raw)
	if d.scan.Peek() == '{' {
		d.readOrder()
	} else {
		d.refuse(rules.WrongType, "", "the record is not a JSON object")
		d.scan.Skip()
	}
	d.scan.End()
	if err := d.scan.Err(); err != nil {
		return nil, &Fault{Rule: documentRules[err.Kind], Message: err.Error()}
	}
	if d.fault == nil {
		d.missing(d.seen, orderFields, path{index: noIndex})
	}
	if d.fault != nil {
		return nil, d.fault
	}
	if d.sum.differs(&d.total) {
		d.warned |= warnAmountMismatch
	}
	d.source.UnknownFields = d.unknown.json()
	d.hashOrder()
	d.accepted.OrderID = d.order.OrderId
	return d.accept(&d.order), nil
}

func (d *Orders) readOrder() {
	d.scan.Object()
	for {
		name, ok := d.scan.Name()
		if !ok {
			return
		}
		p := path{index: noIndex, field: name}
		switch name {
		case "order_id":
			d.order.OrderId = d.readID(p, &d.seen, seenOrderID)
		case "customer_id":
			d.order.CustomerId = d.readID(p, &d.seen, seenCustomerID)
		case "order_timestamp":
			d.readTimestamp(p)
		case "items":
			d.readItems(p)
		case "total_amount":
			d.readAmount(p, &d.total, &d.seen, seenTotal)
		case "payment_status":
			d.readStatus(p)
		case "shipping_address":
			d.readAddress(p)
		default:
			d.unknown.top.read(name, &d.scan)
		}
	}
}

func (d *Orders) readTimestamp(p path) {
	text, ok := d.readText(p, maxID)
	if !ok {
		return
	}
	d.seen |= seenTimestamp
	micros, ok := parseTimestamp(text)
	switch {
	case !ok:
		d.refuse(rules.InvalidTimestamp, p.String(), messageTimestamp)
	case micros < d.earliest || micros > d.latest:
		d.refuse(rules.TimestampOutOfRange, p.String(),
			"the time is more than 10 years before or more than 1 year after the file's landing")
	}
	d.accepted.Micros = micros
	d.time.Seconds = micros / microsPerSecond
	d.time.Nanos = int32(micros%microsPerSecond) * 1000
	if d.time.Nanos < 0 {
		d.time.Seconds--
		d.time.Nanos += nanosPerUnit
	}
}

func (d *Orders) readStatus(p path) {
	text, ok := d.readText(p, maxID)
	if !ok {
		return
	}
	d.seen |= seenStatus
	if d.order.PaymentStatus, ok = statusOf(text); !ok {
		text = strings.ToLower(strings.TrimSpace(text))
		if d.order.PaymentStatus, ok = statusOf(text); !ok {
			d.warned |= warnUnknownStatus
		}
	}
	d.order.PaymentStatusText = text
}

func statusOf(word string) (ordersv1.PaymentStatus, bool) {
	switch word {
	case "completed":
		return ordersv1.PaymentStatus_PAYMENT_STATUS_COMPLETED, true
	case "pending":
		return ordersv1.PaymentStatus_PAYMENT_STATUS_PENDING, true
	case "failed":
		return ordersv1.PaymentStatus_PAYMENT_STATUS_FAILED, true
	}
	return ordersv1.PaymentStatus_PAYMENT_STATUS_UNSPECIFIED, false
}

func (d *Orders) readAddress(p path) {
	if !d.present(p, '{', "an object") {
		return
	}
	d.seen |= seenAddress
	a := &d.address
	a.Street, a.City, a.State, a.Zipcode, a.Country = "", "", "", "", ""
	d.scan.Object()
	for {
		name, ok := d.scan.Name()
		if !ok {
			return
		}
		p := path{parent: "shipping_address", index: noIndex, field: name}
		switch name {
		case "street":
			a.Street, _ = d.readText(p, maxText)
		case "city":
			a.City, _ = d.readText(p, maxText)
		case "state":
			a.State, _ = d.readText(p, maxText)
		case "zipcode":
			a.Zipcode, _ = d.readText(p, maxText)
		case "country":
			a.Country, _ = d.readText(p, maxText)
		default:
			d.unknown.address.read(name, &d.scan)
		}
	}
}

// hashOrder hashes what the order says, not how it is written.
func (d *Orders) hashOrder() {
	h, o := d.hash, &d.order
	h.Reset()
	h.String(o.OrderId)
	h.String(o.CustomerId)
	h.Int(d.accepted.Micros)
	h.Int(int64(len(o.Items)))
	for _, item := range o.Items {
		h.String(item.ProductId)
		h.Int(item.Quantity)
		h.Int(item.UnitPrice.Units)
		h.Int(int64(item.UnitPrice.Nanos))
	}
	h.Int(d.total.Units)
	h.Int(int64(d.total.Nanos))
	h.String(d.currency)
	h.String(o.PaymentStatusText)
	for _, part := range [...]string{d.address.Street, d.address.City, d.address.State, d.address.Zipcode, d.address.Country} {
		h.String(part)
	}
	h.String(d.source.UnknownFields)
}

// missing refuses an object that lacks a required field.
func (d *Orders) missing(has seen, fields []string, p path) {
	for i, field := range fields {
		if has&(1<<i) == 0 {
			p.field = field
			d.refuse(rules.MissingField, p.String(), "the field is required")
			return
		}
	}
}

// path is where a field stands; it becomes text only for a fault.
type path struct {
	parent string
	index  int
	field  string
}

const noIndex = -1

func (p path) String() string {
	switch {
	case p.index != noIndex && p.field == "":
		return fmt.Sprintf("%s[%d]", p.parent, p.index)
	case p.index != noIndex:
		return fmt.Sprintf("%s[%d].%s", p.parent, p.index, p.field)
	case p.parent != "":
		return p.parent + "." + p.field
	}
	return p.field
}

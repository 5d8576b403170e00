package decode

import (
	"fmt"
	"slices"
	"strings"

	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/feed"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/strictjson"
	"github.com/zackkki/ecomm_datapipeline/services/parser/vocabulary"
)

// Orders decodes orders. It builds every order in the same message, so that an
// order costs the copy of its text and little more.
//
// Null is not absent: a required field that is not there refuses the order, but a
// customer, an address or a line's product that is null or an empty text says that
// there is none. Of the other required fields null is no value; optional fields may
// be null or left out alike.
type Orders struct {
	record
	earliest, latest int64  // times accepted, microseconds since 1970
	outOfRange       string // what is wrong with the others
	maxLines         int

	scan     strictjson.Scanner
	order    ordersv1.Order
	time     timestamppb.Timestamp
	total    moneypb.Money
	address  ordersv1.ShippingAddress
	optional optional
	// Reused; the order's are the first ones.
	items     []*ordersv1.OrderItem
	discounts []*moneypb.Money
	seen      seen
	sum       sum
	unknown   unknownFields
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
	d.earliest = r.LandedAt.AddDate(0, 0, -r.MaxOrderAgeDays).UnixMicro()
	d.latest = r.LandedAt.AddDate(rules.MaxOrderLeadYears, 0, 0).UnixMicro()
	d.outOfRange = fmt.Sprintf("the time is more than %s before or more than %s after the file's landing",
		plural.Of(r.MaxOrderAgeDays, "day"), plural.Of(rules.MaxOrderLeadYears, "year"))
	d.maxLines = r.MaxOrderLines
	d.order.OrderTimestamp, d.order.TotalAmount = &d.time, &d.total
	d.order.Source = &d.source
	return d
}

// Decode implements Decoder.
func (d *Orders) Decode(raw []byte) (*Accepted, *Fault) {
	d.reset()
	d.order.OrderId, d.order.CustomerId, d.order.Items = "", "", d.items[:0]
	d.seen, d.sum = 0, sum{}
	d.resetOptional()
	d.unknown.reset()
	d.scan.Reset(raw)
	if d.scan.Peek() == '{' {
		d.readOrder()
	} else {
		d.refuseRecord()
	}
	d.scan.End()
	if err := d.scan.Err(); err != nil {
		return nil, &Fault{Rule: documentRules[err.Kind], Message: err.Error()}
	}
	if d.seen != allOf(orderFields) {
		d.missing(d.seen, orderFields, path{index: noIndex}, d.unknown.top.list)
	}
	d.settleAmounts()
	if d.faults.first != nil {
		return nil, d.faults.first
	}
	d.source.UnknownFields = d.unknown.json()
	d.accepted.Offset = d.zone.OffsetAt(d.time.Seconds)
	d.order.UtcOffsetSeconds = int32(d.accepted.Offset)
	d.hashOrder()
	d.accepted.OrderID, d.accepted.Versioned = d.order.OrderId, d.order.UpdatedAt != nil
	return d.accept(&d.order), nil
}

// refuseRecord refuses a record that is no object, which lacks no fields besides.
func (d *Orders) refuseRecord() {
	d.seen = allOf(orderFields)
	what, remedy := "a value", ""
	c := d.scan.Peek()
	if c == '"' {
		what = "a text"
		if text, _ := d.scan.String(); strings.HasPrefix(strings.TrimSpace(text), "{") {
			what, remedy = "an object inside of a text", "; write it without the quotes around it (jq -c fromjson FILE)"
		}
	} else {
		d.scan.Skip()
	}
	switch {
	case c == '[':
		what, remedy = "an array inside of an array", "; take its brackets out"
	case strictjson.IsNumber(c):
		what = "a number"
	case c == 'n':
		what = "null"
	}
	d.faults.refuse(rules.WrongType, "", "the record is "+what+", not a JSON object, which begins with {"+remedy)
}

func (d *Orders) readOrder() {
	d.scan.Object()
	for {
		name, ok := d.scan.Name()
		if !ok {
			return
		}
		p := path{index: noIndex, field: name}
		before := d.faults.count()
		switch name {
		case "order_id":
			d.order.OrderId = d.readID(p, &d.seen, seenOrderID)
		case "customer_id":
			d.order.CustomerId = d.readReference(p, &d.seen, seenCustomerID)
		case "order_timestamp":
			if micros, ok := d.readTime(p, &d.time); ok {
				d.seen |= seenTimestamp
				d.accepted.Micros = micros
			}
		case "items":
			d.readItems(p)
		case "total_amount":
			d.readAmount(p, &d.total, &d.seen, seenTotal)
		case "payment_status":
			d.readStatus(p)
		case "shipping_address":
			d.readAddress(p)
		default:
			if !d.readOptional(p) {
				d.unknown.top.read(name, &d.scan)
			}
		}
		if d.faults.count() > before {
			d.seen |= bitOf(name, orderFields) // it is there, if not as it should be
		}
	}
}

// readTime reads a time, in microseconds since 1970, into t as well; false if there is none.
func (d *Orders) readTime(p path, t *timestamppb.Timestamp) (int64, bool) {
	text, ok := d.readText(p, maxID)
	if !ok {
		return 0, false
	}
	text = d.trim(text)
	micros, ok := parseTimestamp(text, d.zone)
	switch {
	case !ok:
		d.refuseText(rules.InvalidTimestamp, p, messageTimestamp, text, timeRemedy(text))
	case micros < d.earliest || micros > d.latest:
		d.refuseText(rules.TimestampOutOfRange, p, d.outOfRange, text, "")
	}
	t.Seconds = micros / microsPerSecond
	t.Nanos = int32(micros%microsPerSecond) * 1000
	if t.Nanos < 0 {
		t.Seconds--
		t.Nanos += nanosPerUnit
	}
	return micros, true
}

func (d *Orders) readStatus(p path) {
	text, ok := d.readText(p, maxID)
	if !ok {
		return
	}
	if d.order.PaymentStatus, ok = statusOf(text); !ok {
		if text = strings.ToLower(strings.TrimSpace(text)); text == "" {
			return // as null: no value
		}
		if d.order.PaymentStatus, ok = statusOf(text); !ok {
			d.warned |= warnUnknownStatus
		}
	}
	d.seen |= seenStatus
	d.order.PaymentStatusText = text
}

func statusOf(word string) (ordersv1.PaymentStatus, bool) {
	if word == "canceled" {
		word = "cancelled"
	}
	status := feed.StatusOf(word)
	return status, status != ordersv1.PaymentStatus_PAYMENT_STATUS_UNSPECIFIED
}

// readAddress reads the address. One without a word in it is none.
func (d *Orders) readAddress(p path) {
	a := &d.address
	a.Street, a.City, a.State, a.Zipcode, a.Country = "", "", "", "", ""
	d.order.ShippingAddress = nil
	if d.none() {
		d.seen |= seenAddress
		return
	}
	if !d.present(p, '{', "an object") {
		return
	}
	d.seen |= seenAddress
	d.scan.Object()
	for {
		name, ok := d.scan.Name()
		if !ok {
			if a.Street != "" || a.City != "" || a.State != "" || a.Zipcode != "" || a.Country != "" {
				d.order.ShippingAddress = a
			}
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

// missing refuses an object that lacks required fields; others are those that it has besides.
func (d *Orders) missing(has seen, fields []string, p path, others []field) {
	for i, name := range fields {
		if has&(1<<i) == 0 {
			p.field = name
			d.refuseAt(rules.MissingField, p, "the field is required", "", missing(name, others))
		}
	}
}

// missing says what to do about a field that is not there: another may be called nearly like it.
func missing(name string, others []field) string {
	for _, other := range others[:min(len(others), maxFaults)] {
		if vocabulary.Plain(other.name) == vocabulary.Plain(name) {
			return "it is not called " + quote(other.name) + ", or read the file by a source, which can name it so"
		}
	}
	return missingRemedy[name]
}

// missingRemedy says what to write where a field may say that there is none.
var missingRemedy = map[string]string{
	"customer_id":      "write null for the order of a guest",
	"shipping_address": "write null for an order that is not shipped",
	"product_id":       "write null for a line without a product",
}

// allOf is the set of all fields.
func allOf(fields []string) seen { return 1<<len(fields) - 1 }

// bitOf is the set of the one field; empty if it is none of them.
func bitOf(name string, fields []string) seen {
	if i := slices.Index(fields, name); i >= 0 {
		return 1 << i
	}
	return 0
}

// refuseAt records a fault of the field at p; its text is shown as it is.
func (d *Orders) refuseAt(rule rules.ID, p path, wrong, text, remedy string) {
	if d.faults.isFull() {
		d.faults.Skip(1)
		return
	}
	d.faults.refuse(rule, p.String(), sentence(wrong, text, remedy))
}

// refuseText records a fault of a text, which is quoted unless it is about a person.
func (d *Orders) refuseText(rule rules.ID, p path, wrong, text, remedy string) {
	if d.faults.isFull() {
		d.faults.Skip(1)
		return
	}
	if isPersonal(p.field) {
		text = ""
	} else {
		text = quote(text)
	}
	d.faults.refuse(rule, p.String(), sentence(wrong, text, remedy))
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

package reference

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Record is an accepted order of a file, as the columns that follow from its bytes alone.
type Record struct {
	Index   int64
	OrderID string
	// Lines hold the columns of Columns, line by line: the first line all, the others only their own.
	Lines [][]string
}

// Null is how a column without a value is written.
const Null = "\x1e"

// Columns are the names of a line's columns, in the order that Lines and the statements of the
// folder check have: OwnColumns that are the line's own, and then those of its order.
var Columns = []string{
	"order_id", "record_index", "line_number", "product_id", "quantity", "unit_price", "line_discount_amount",
	"customer_id", "order_timestamp", "utc_offset_seconds", "total_amount", "tax_amount", "tax_included", "shipping_amount",
	"discount_amount", "refunded_amount", "payment_status", "payment_status_text", "street", "city", "state", "zipcode", "country",
	"updated_at",
}

// OwnColumns is the number of columns that are the line's own.
const OwnColumns = 7

// ReadOrders reads one file of orders by itself, gives its accepted records one after the other,
// and what follows from the file alone: whatever was there before, its records are none. What was
// given of a file that is quarantined in the end, or that ends in an error, counts for nothing.
func ReadOrders(f File, policy Policy, visit func(Record)) (Outcome, error) {
	r, err := read(f, policy.clock(), func(o *order) { visit(Record{o.record, o.id, o.columns()}) })
	if err != nil {
		return Outcome{}, err
	}
	return r.outcome, nil
}

// columns writes the order's lines as the warehouse has them.
func (o *order) columns() [][]string {
	record := strconv.FormatInt(o.record, 10)
	lines := make([][]string, len(o.lines))
	for i, l := range o.lines {
		own := [OwnColumns]string{
			o.id, record, strconv.Itoa(i + 1), orNull(l.product), strconv.FormatInt(l.quantity, 10), l.price.String(), l.discount.column(),
		}
		lines[i] = own[:]
	}
	_, offset := o.time.Zone()
	updated := Null
	if !o.updated.IsZero() {
		updated = moment(o.updated)
	}
	lines[0] = append(lines[0],
		orNull(o.customer), moment(o.time), strconv.Itoa(offset), o.total.String(), o.tax.column(), orNull(o.taxIncluded), o.shipping.column(),
		o.discount.column(), o.refunded.column(), o.status, o.statusText, orNull(o.street), orNull(o.city), orNull(o.state), orNull(o.zipcode), orNull(o.country),
		updated,
	)
	return lines
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func orNull(text string) string {
	if text == "" {
		return Null
	}
	return text
}

func (s Stated) column() string {
	if !s.Is {
		return Null
	}
	return s.Amount.String()
}

// ReadFile reads one file of any kind by itself and gives what follows from it alone.
func ReadFile(f File, policy Policy) (Outcome, error) {
	r, err := read(f, policy.clock(), nil)
	if err != nil {
		return Outcome{}, err
	}
	return r.outcome, nil
}

// Contents gives the file's bytes, unpacked if they are packed.
func Contents(f File) (io.ReadCloser, error) {
	source, err := f.Open()
	if err != nil {
		return nil, err
	}
	buffered := bufio.NewReader(source)
	if head, _ := buffered.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return struct {
			io.Reader
			io.Closer
		}{buffered, source}, nil
	}
	unpacked, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("unpack: %w", err), source.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{unpacked, source}, nil
}

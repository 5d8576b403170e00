package reference

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/parser/shape"
)

// Verdicts, as in the ledger.
const (
	loaded      = "loaded"
	quarantined = "quarantined"
)

// rejectShare is the default of REJECT_FILE_SHARE.
const rejectShare = 0.5

const (
	maxRecord = 1 << 20 // bytes
	maxLines  = 10_000  // of an order, the default of MAX_ORDER_LINES
	maxAge    = 3653    // days, the default of MAX_ORDER_AGE_DAYS
	maxID     = 256     // bytes
	maxText   = 4 << 10 // bytes
)

// content stands for all that a record says; two records with the same content are one.
type content [sha256.Size]byte

func contentOf(parts ...string) content {
	var all []byte
	for _, p := range parts {
		all = binary.LittleEndian.AppendUint64(all, uint64(len(p)))
		all = append(all, p...)
	}
	return sha256.Sum256(all)
}

// reading is a file, read.
type reading struct {
	file      File
	clock     *time.Location // the shop's
	accept    func(*order)   // takes the orders, one after the other
	outcome   Outcome
	orders    []order
	products  []row[Product]
	customers []row[Customer]
	leftOut   []leftOut
	counted   []*orderVersion // what was loaded of it

	bytes, refusedBytes int64 // of the records
	length              int64 // of the last
	// settled is the outcome up to the record before which judgeAfter others were refused.
	settled *Outcome
}

// judgeAfter is the number of refused records after which the rest of a file that ends in
// quarantine counts as one.
const judgeAfter = 10_000

// refusedText is how many good records would have stood in the bytes of the refused ones.
func (r *reading) refusedText() float64 {
	good := r.outcome.Records - r.outcome.Rejected
	if good == 0 {
		return 0
	}
	return math.Floor(float64(r.refusedBytes) * float64(good) / float64(r.bytes-r.refusedBytes))
}

// begin counts a record of so many bytes.
func (r *reading) begin(length int64) {
	if r.outcome.Rejected == judgeAfter && r.settled == nil {
		before := r.outcome
		before.Refused, before.Findings = maps.Clone(before.Refused), maps.Clone(before.Findings)
		r.settled = &before
	}
	r.outcome.Records++
	r.length = length
	r.bytes += length
}

// read reads a file; accept is given its good orders one after the other, nil keeps them all.
func read(f File, clock *time.Location, accept func(*order)) (*reading, error) {
	r := &reading{file: f, clock: clock, accept: accept, outcome: Outcome{
		Kind: kindOf(f.Name), Verdict: loaded,
		Refused: make(map[string]int64), Findings: make(map[string]int64),
	}}
	if accept == nil {
		r.accept = func(o *order) { r.orders = append(r.orders, *o) }
	}
	if r.outcome.Kind == unknown {
		r.quarantine("unknown_kind")
		return r, nil
	}
	text, reason, err := contents(f)
	if err != nil {
		return nil, err
	}
	cutOff := reason == truncated
	if reason == "" || cutOff {
		if is := isSomethingElse(r.outcome.Kind, text); is != "" {
			reason, cutOff = is, false
		}
	}
	if reason == "" || cutOff {
		switch {
		case r.outcome.Kind == "orders":
			err = r.readOrders(text, cutOff)
		case cutOff:
			err = fmt.Errorf("%w: a CSV file whose gzip stream ends too early", ErrBeyond)
		case r.outcome.Kind == "products":
			reason, err = r.readRows(text, productColumns, productsLack, r.readProduct)
		default:
			reason, err = r.readRows(text, customerColumns, customersLack, r.readCustomer)
		}
		if err != nil {
			return nil, err
		}
	}
	o := &r.outcome
	switch {
	case reason != "":
	case o.Records == 0:
		r.outcome.Findings["empty_file"]++
	case f.AcceptRefused:
	case float64(o.Rejected) > rejectShare*float64(o.Records), r.refusedText() > rejectShare*(r.refusedText()+float64(o.Records-o.Rejected)):
		reason = "mostly_refused"
	}
	if reason != "" && !f.AcceptRefused && r.settled != nil {
		r.outcome = *r.settled
		r.outcome.Records++
		r.refuse("rest_refused")
	}
	if reason != "" {
		r.quarantine(reason)
	}
	if f.RefusedLater != nil {
		r.products, r.customers = taken(r, r.products), taken(r, r.customers)
	}
	return r, nil
}

// taken are the rows of a catalog that the warehouse took.
func taken[T any](r *reading, rows []row[T]) []row[T] {
	return slices.DeleteFunc(rows, func(row row[T]) bool {
		isRefused := r.file.RefusedLater(row.record)
		if isRefused {
			r.outcome.Rejected++
			r.leaveOut(row.record, "refused")
		}
		return isRefused
	})
}

// kindOf is the folder under landing/.
func kindOf(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) >= 3 && (parts[1] == "orders" || parts[1] == "products" || parts[1] == "customers") {
		return parts[1]
	}
	return unknown
}

// quarantine holds the good records back; of the findings only those of refused
// records and of the file itself remain.
func (r *reading) quarantine(reason string) {
	r.outcome.Verdict, r.outcome.Reason = quarantined, reason
	r.outcome.Held = r.outcome.Records - r.outcome.Rejected
	r.outcome.Findings = map[string]int64{reason: 1}
	for rule, n := range r.outcome.Refused {
		r.outcome.Findings[rule] += n
	}
}

// truncated is the reason of a gzip stream that ends too early; what could be
// unpacked is read nevertheless.
const truncated = "truncated_gzip"

// isSomethingElse is the reason of a file that is no text, or none of records. What its shape is
// called is the parser's word: a second opinion on that would be a second list of all formats.
func isSomethingElse(kind string, text []byte) string {
	head := text[:min(len(text), shape.HeadSize)]
	switch {
	case shape.Format(head) != "":
		return "unreadable_file"
	case kind == "orders" && shape.Orders(head) != "":
		return "unknown_shape"
	}
	return ""
}

// contents unpacks the file; the reason is that of a file that is none, or not whole.
func contents(f File) (text []byte, reason string, err error) {
	source, err := f.Open()
	if err != nil {
		return nil, "", err
	}
	defer source.Close()
	data, err := io.ReadAll(source)
	if err != nil {
		return nil, "", fmt.Errorf("read: %w", err)
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		unpacked, err := unpack(data)
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			reason = truncated
		case err != nil:
			return nil, "unreadable_file", nil
		}
		data = unpacked
	}
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) || mostlyBinary(data) {
		return nil, "unreadable_file", nil
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), reason, nil
}

// unpack reads members one behind the other; zeros behind any of them are none.
func unpack(data []byte) (text []byte, err error) {
	for rest := bytes.NewReader(data); ; {
		member, err := gzip.NewReader(rest)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return text, err
		}
		member.Multistream(false)
		unpacked, err := io.ReadAll(member)
		text = append(text, unpacked...)
		if err != nil {
			return text, err
		}
		left := bytes.TrimLeft(data[len(data)-rest.Len():], "\x00")
		if len(left) == 0 {
			return text, nil
		}
		rest = bytes.NewReader(left)
		data = left
	}
}

// mostlyBinary tells whether a tenth of the first 4 KiB is no text.
func mostlyBinary(data []byte) bool {
	head := data[:min(len(data), 4<<10)]
	odd := 0
	for _, r := range string(head) {
		if r == '\uFFFD' || r < ' ' && !strings.ContainsRune("\t\n\r\f", r) {
			odd++
		}
	}
	return odd*10 > len(head)
}

// refuse counts a record that breaks a rule.
func (r *reading) refuse(rule string) {
	r.outcome.Rejected++
	r.refusedBytes += r.length
	r.outcome.Refused[rule]++
	r.outcome.Findings[rule]++
}

// warn counts a rule that a record breaks without being refused.
func (r *reading) warn(rules ...string) {
	for _, rule := range rules {
		r.outcome.Findings[rule]++
	}
}

// checkText gives the rule that a text breaks.
func checkText(text string, most int) string {
	if len(text) > most || strings.ContainsRune(text, 0) {
		return "invalid_text"
	}
	return ""
}

// day is the day on the clock that shows t, as its midnight in UTC.
func day(t time.Time) time.Time {
	year, month, date := t.Date()
	return time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
}

// hour is when the hour on the clock that shows t began.
func hour(t time.Time) time.Time {
	into := time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	return t.Add(-into).UTC()
}

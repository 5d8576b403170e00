package model

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
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
	maxLines  = 1000    // of an order
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
	outcome   Outcome
	orders    []order
	products  []row[Product]
	customers []row[Customer]
}

func read(f File) (*reading, error) {
	r := &reading{file: f, outcome: Outcome{
		Kind: kindOf(f.Name), Verdict: loaded,
		Refused: make(map[string]int64), Findings: make(map[string]int64),
	}}
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
		switch {
		case r.outcome.Kind == "orders":
			err = r.readOrders(text, cutOff)
		case cutOff:
			err = fmt.Errorf("%w: a CSV file whose gzip stream ends too early", ErrBeyond)
		case r.outcome.Kind == "products":
			reason, err = r.readRows(text, productColumns, r.readProduct)
		default:
			reason, err = r.readRows(text, customerColumns, r.readCustomer)
		}
		if err != nil {
			return nil, err
		}
	}
	o := &r.outcome
	switch {
	case reason != "":
	case o.Records == 0:
		reason = "empty_file"
	case f.AcceptRefused:
	case float64(o.Rejected) > rejectShare*float64(o.Records):
		reason = "mostly_refused"
	}
	if reason != "" {
		r.quarantine(reason)
	}
	return r, nil
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

// contents unpacks the file; the reason is that of a file that is none, or not whole.
func contents(f File) (_ *bufio.Reader, reason string, err error) {
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
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	return bufio.NewReaderSize(bytes.NewReader(data), 64<<10), reason, nil
}

func unpack(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
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

// day is the midnight before t, UTC.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

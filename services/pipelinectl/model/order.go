package model

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// order is an order that was read.
type order struct {
	record                                int64
	id, customer                          string
	time                                  time.Time
	lines                                 []orderLine
	total                                 Amount
	status                                string
	street, city, state, zipcode, country string
	content                               content
}

type orderLine struct {
	product  string
	quantity int64
	price    Amount
}

// readOrders reads the records; of a file that is cut off, the last line is none
// unless its line break was still there.
func (r *reading) readOrders(text *bufio.Reader, cutOff bool) error {
	all, err := io.ReadAll(text)
	if err != nil {
		return err
	}
	if cutOff {
		if isArray(all) {
			return fmt.Errorf("%w: a JSON array that is cut off", ErrBeyond)
		}
		end := bytes.LastIndexByte(all, '\n') + 1
		if len(bytes.TrimSpace(all[end:])) > 0 {
			defer func() {
				r.outcome.Records++
				r.refuse("malformed_json")
			}()
		}
		all = all[:end]
	}
	return eachOrder(all, func(raw []byte) error {
		record := r.outcome.Records
		r.outcome.Records++
		if len(raw) > maxRecord {
			r.refuse("too_large")
			return nil
		}
		v, rule := parse(raw)
		if rule != "" {
			r.refuse(rule)
			return nil
		}
		p := orderReader{landedAt: r.file.LandedAt, order: order{record: record}}
		if err := p.read(v); err != nil {
			return fmt.Errorf("record %d: %w", record, err)
		}
		if p.rule != "" {
			r.refuse(p.rule)
			return nil
		}
		r.warn(p.warnings...)
		r.orders = append(r.orders, p.order)
		return nil
	})
}

// eachOrder gives the lines of the file, or the elements of its one array.
func eachOrder(all []byte, visit func(raw []byte) error) error {
	if isArray(all) {
		var elements []json.RawMessage
		if err := json.Unmarshal(all, &elements); err != nil {
			return fmt.Errorf("%w: a broken JSON array: %w", ErrBeyond, err)
		}
		for _, e := range elements {
			if err := visit(e); err != nil {
				return err
			}
		}
		return nil
	}
	for raw := range bytes.SplitSeq(all, []byte("\n")) {
		if raw = bytes.TrimSuffix(raw, []byte("\r")); len(bytes.Trim(raw, " \t\r")) == 0 {
			continue
		}
		if err := visit(raw); err != nil {
			return err
		}
	}
	return nil
}

func isArray(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("["))
}

// orderReader reads an order out of its JSON value.
type orderReader struct {
	order
	landedAt time.Time
	rule     string // the first that refuses it
	warnings []string
	extra    []string // fields that the schema does not know
	rounded  bool
	sum      Amount
}

func (p *orderReader) refuse(rule string) {
	if p.rule == "" {
		p.rule = rule
	}
}

func (p *orderReader) read(v value) error {
	if v.kind != '{' {
		p.refuse("wrong_type")
		return nil
	}
	var faults []error
	p.fields(v, "", map[string]func(value){
		"order_id":         func(v value) { p.id = p.name(v) },
		"customer_id":      func(v value) { p.customer = p.name(v) },
		"order_timestamp":  p.readTime,
		"items":            func(v value) { faults = append(faults, p.readItems(v)) },
		"total_amount":     func(v value) { p.total = p.amount(v, &faults) },
		"payment_status":   p.readStatus,
		"shipping_address": p.readAddress,
	}, true)
	if err := errors.Join(faults...); err != nil || p.rule != "" {
		return err
	}
	if apart := p.total - p.sum; apart > halfCent || apart < -halfCent {
		p.warnings = append(p.warnings, "amount_mismatch")
	}
	if p.rounded {
		p.warnings = append(p.warnings, "amount_rounded")
	}
	if len(p.extra) > 0 {
		p.warnings = append(p.warnings, "unknown_field")
	}
	p.content = p.contents()
	return nil
}

// fields reads the fields of an object. Null is no value, and one that is
// required must not lack.
func (p *orderReader) fields(v value, path string, readers map[string]func(value), required bool) {
	present := 0
	for _, m := range v.members {
		read, known := readers[m.name]
		switch {
		case !known:
			p.extra = append(p.extra, path+m.name+"="+m.value.canonical())
		case m.value.kind != 'n':
			present++
			read(m.value)
		}
	}
	if required && present < len(readers) {
		p.refuse("missing_field")
	}
}

func (p *orderReader) text(v value, most int) string {
	if v.kind != '"' {
		p.refuse("wrong_type")
		return ""
	}
	if rule := checkText(v.text, most); rule != "" {
		p.refuse(rule)
	}
	return v.text
}

// name reads an id; an empty one is none.
func (p *orderReader) name(v value) string {
	text := p.text(v, maxID)
	if text == "" {
		p.refuse("missing_field")
	}
	return text
}

func (p *orderReader) amount(v value, faults *[]error) Amount {
	if v.kind != '0' {
		p.refuse("wrong_type")
		return 0
	}
	a, exact, rule, err := parseAmount(v.text)
	if rule != "" {
		p.refuse(rule)
	}
	if err != nil && p.rule == "" {
		*faults = append(*faults, err)
	}
	p.rounded = p.rounded || rule == "" && !exact
	return a
}

func (p *orderReader) readTime(v value) {
	t, ok := parseTime(p.text(v, maxID))
	switch {
	case !ok:
		p.refuse("invalid_timestamp")
	case t.Before(p.landedAt.UTC().AddDate(-10, 0, 0)), t.After(p.landedAt.UTC().AddDate(1, 0, 0)):
		p.refuse("timestamp_out_of_range")
	}
	p.time = t
}

func (p *orderReader) readStatus(v value) {
	p.status = strings.ToLower(strings.TrimSpace(p.text(v, maxID)))
	if !slices.Contains([]string{"completed", "pending", "failed"}, p.status) {
		p.warnings = append(p.warnings, "unknown_status")
	}
}

func (p *orderReader) readAddress(v value) {
	if v.kind != '{' {
		p.refuse("wrong_type")
		return
	}
	part := func(to *string) func(value) { return func(v value) { *to = p.text(v, maxText) } }
	p.fields(v, "shipping_address.", map[string]func(value){
		"street": part(&p.street), "city": part(&p.city), "state": part(&p.state),
		"zipcode": part(&p.zipcode), "country": part(&p.country),
	}, false)
}

func (p *orderReader) readItems(v value) error {
	switch {
	case v.kind != '[':
		p.refuse("wrong_type")
	case len(v.items) == 0:
		p.refuse("empty_items")
	case len(v.items) > maxLines:
		p.refuse("too_large")
	}
	if p.rule != "" {
		return nil
	}
	var faults []error
	for i, item := range v.items {
		var l orderLine
		if item.kind != '{' {
			p.refuse("wrong_type")
			return nil
		}
		p.fields(item, "items["+strconv.Itoa(i)+"].", map[string]func(value){
			"product_id": func(v value) { l.product = p.name(v) },
			"quantity":   func(v value) { l.quantity = p.quantity(v) },
			"unit_price": func(v value) { l.price = p.amount(v, &faults) },
		}, true)
		if p.rule != "" {
			return nil
		}
		total, err := l.price.times(l.quantity)
		if err != nil {
			return err
		}
		if p.sum, err = p.sum.plus(total); err != nil {
			return err
		}
		p.lines = append(p.lines, l)
	}
	return errors.Join(faults...)
}

func (p *orderReader) quantity(v value) int64 {
	if v.kind != '0' {
		p.refuse("wrong_type")
		return 0
	}
	n, ok := parseWhole(v.text)
	if !ok || n < 1 {
		p.refuse("invalid_quantity")
	}
	return n
}

func (p *orderReader) contents() content {
	parts := []string{p.id, p.customer, p.time.Format(time.RFC3339Nano), p.total.String(), p.status,
		p.street, p.city, p.state, p.zipcode, p.country, strconv.Itoa(len(p.lines))}
	for _, l := range p.lines {
		parts = append(parts, l.product, strconv.FormatInt(l.quantity, 10), l.price.String())
	}
	slices.Sort(p.extra)
	return contentOf(append(parts, p.extra...)...)
}

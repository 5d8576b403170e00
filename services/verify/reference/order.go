package reference

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// order is an order that was read.
type order struct {
	record                                int64
	id, customer                          string
	time, updated                         time.Time // updated is zero when the source gives none
	lines                                 []orderLine
	total                                 Amount
	tax, shipping, discount, refunded     Stated
	taxIncluded                           string
	status, statusText                    string
	street, city, state, zipcode, country string
	extra                                 []string // fields that the schema does not know, with their values
	content                               content  // once the reading is settled
}

type orderLine struct {
	product  string
	quantity int64
	price    Amount
	discount Stated
	total    Amount // less the discount
}

// orderReader reads an order out of its JSON value.
type orderReader struct {
	order
	landedAt time.Time
	clock    *time.Location
	line     orderLine // that is being read
	rule     string    // the first that refuses it
	faults   []error   // why the model does not know what becomes of it
	warnings []string
	rounded  bool
	trimmed  bool
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
	p.extra = append(p.extra, p.fields(v, orderFields)...)
	if err := errors.Join(p.faults...); err != nil || p.rule != "" {
		return err
	}
	if p.refunded.Amount > p.total {
		p.refuse("invalid_amount")
		return nil
	}
	expected, err := p.expected()
	if err != nil {
		return err
	}
	if apart := p.total - expected; apart > halfCent || apart < -halfCent {
		p.warnings = append(p.warnings, "amount_mismatch")
	}
	if p.rounded {
		p.warnings = append(p.warnings, "amount_rounded")
	}
	if p.trimmed {
		p.warnings = append(p.warnings, "trimmed_text")
	}
	if len(p.extra) > 0 {
		p.warnings = append(p.warnings, "unknown_field")
	}
	return nil
}

// expected is what the order should cost by all that it states.
func (p *orderReader) expected() (Amount, error) {
	sum, err := p.sum.minus(p.discount.Amount)
	if err != nil {
		return 0, err
	}
	if sum, err = sum.plus(p.shipping.Amount); err != nil {
		return 0, err
	}
	if p.taxIncluded == "true" {
		return sum, nil
	}
	return sum.plus(p.tax.Amount)
}

// field is how a field of an object is read.
type field struct {
	read func(*orderReader, value)
	// mayBeNone: it must stand there, but null and an empty text say that there is none.
	mayBeNone bool
	// optional: it may be left out, be null or be an empty text.
	optional bool
}

// The fields of the objects that an order is made of.
var (
	orderFields = map[string]field{
		"order_id":         {read: func(p *orderReader, v value) { p.id = p.name(v) }},
		"customer_id":      {read: func(p *orderReader, v value) { p.customer = p.reference(v) }, mayBeNone: true},
		"order_timestamp":  {read: func(p *orderReader, v value) { p.time = p.readTime(v) }},
		"items":            {read: (*orderReader).readItems},
		"total_amount":     {read: func(p *orderReader, v value) { p.total = p.amount(v) }},
		"payment_status":   {read: (*orderReader).readStatus},
		"shipping_address": {read: (*orderReader).readAddress, mayBeNone: true},
		"updated_at":       {read: func(p *orderReader, v value) { p.updated = p.readTime(v) }, optional: true},
		"currency":         {read: (*orderReader).readCurrency, optional: true},
		"tax_amount":       {read: func(p *orderReader, v value) { p.tax = p.stated(v) }, optional: true},
		"tax_included":     {read: (*orderReader).readTaxIncluded, optional: true},
		"shipping_amount":  {read: func(p *orderReader, v value) { p.shipping = p.stated(v) }, optional: true},
		"discount_amount":  {read: func(p *orderReader, v value) { p.discount = p.stated(v) }, optional: true},
		"refunded_amount":  {read: func(p *orderReader, v value) { p.refunded = p.stated(v) }, optional: true},
	}
	addressFields = map[string]field{
		"street":  {read: func(p *orderReader, v value) { p.street = p.text(v, maxText) }, optional: true},
		"city":    {read: func(p *orderReader, v value) { p.city = p.text(v, maxText) }, optional: true},
		"state":   {read: func(p *orderReader, v value) { p.state = p.text(v, maxText) }, optional: true},
		"zipcode": {read: func(p *orderReader, v value) { p.zipcode = p.text(v, maxText) }, optional: true},
		"country": {read: func(p *orderReader, v value) { p.country = p.text(v, maxText) }, optional: true},
	}
	lineFields = map[string]field{
		"product_id":      {read: func(p *orderReader, v value) { p.line.product = p.reference(v) }, mayBeNone: true},
		"quantity":        {read: func(p *orderReader, v value) { p.line.quantity = p.quantity(v) }},
		"unit_price":      {read: func(p *orderReader, v value) { p.line.price = p.amount(v) }},
		"discount_amount": {read: func(p *orderReader, v value) { p.line.discount = p.stated(v) }, optional: true},
	}
)

func isNone(v value) bool { return v.kind == 'n' || v.kind == '"' && v.text == "" }

// fields reads the fields of an object and gives those that are not known, with their values. Null is
// no value, and a field that is required must not lack.
func (p *orderReader) fields(v value, known map[string]field) (extra []string) {
	present := 0
	for _, m := range v.members {
		f, ok := known[m.name]
		switch {
		case !ok:
			extra = append(extra, m.name+"="+m.value.canonical())
		case f.optional && isNone(m.value):
		case f.optional:
			f.read(p, m.value)
		case f.mayBeNone && isNone(m.value):
			present++
		case m.value.kind != 'n':
			present++
			f.read(p, m.value)
		}
	}
	for _, f := range known {
		if !f.optional {
			present--
		}
	}
	if present < 0 {
		p.refuse("missing_field")
	}
	return extra
}

// inner notes the unknown fields of an object within the order.
func (p *orderReader) inner(path string, extra []string) {
	for _, field := range extra {
		p.extra = append(p.extra, path+"."+field)
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
	text := p.reference(v)
	if text == "" {
		p.refuse("missing_field")
	}
	return text
}

// reference reads an id that points elsewhere.
func (p *orderReader) reference(v value) string {
	text := p.text(v, maxID)
	trimmed := strings.TrimSpace(text)
	p.trimmed = p.trimmed || trimmed != text
	return trimmed
}

// stated reads an amount that might have been left out.
func (p *orderReader) stated(v value) Stated { return Stated{p.amount(v), true} }

func (p *orderReader) readTaxIncluded(v value) {
	if v.kind != 't' {
		p.refuse("wrong_type")
	}
	p.taxIncluded = v.text
}

// Currency is the default of CURRENCY.
const Currency = "USD"

func (p *orderReader) readCurrency(v value) {
	if !strings.EqualFold(strings.TrimSpace(p.text(v, maxID)), Currency) {
		p.refuse("currency_mismatch")
	}
}

func (p *orderReader) amount(v value) Amount {
	if v.kind == 'N' {
		p.refuse("invalid_amount")
		return 0
	}
	if v.kind != '0' {
		p.refuse("wrong_type")
		return 0
	}
	a, exact, rule, err := parseAmount(v.text)
	if rule != "" {
		p.refuse(rule)
	}
	if err != nil && p.rule == "" {
		p.faults = append(p.faults, err)
	}
	p.rounded = p.rounded || rule == "" && !exact
	return a
}

func (p *orderReader) readTime(v value) time.Time {
	t, ok := parseTime(p.reference(v), p.clock)
	switch {
	case !ok:
		p.refuse("invalid_timestamp")
	case t.Before(p.landedAt.UTC().AddDate(0, 0, -maxAge)), t.After(p.landedAt.UTC().AddDate(1, 0, 0)):
		p.refuse("timestamp_out_of_range")
	}
	return t
}

func (p *orderReader) readStatus(v value) {
	p.statusText = strings.ToLower(strings.TrimSpace(p.text(v, maxID)))
	if p.status = p.statusText; p.status == "canceled" {
		p.status = "cancelled"
	}
	switch {
	case p.status == "":
		p.refuse("missing_field")
	case !slices.Contains([]string{"completed", "pending", "failed", "refunded", "partially_refunded", "cancelled"}, p.status):
		p.warnings = append(p.warnings, "unknown_status")
	}
}

func (p *orderReader) readAddress(v value) {
	if v.kind != '{' {
		p.refuse("wrong_type")
		return
	}
	p.inner("shipping_address", p.fields(v, addressFields))
}

func (p *orderReader) readItems(v value) {
	switch {
	case v.kind != '[':
		p.refuse("wrong_type")
	case len(v.items) == 0:
		p.refuse("empty_items")
	case len(v.items) > maxLines:
		p.refuse("too_large")
	}
	p.lines = make([]orderLine, 0, len(v.items))
	for i, item := range v.items {
		if p.rule != "" {
			return
		}
		if item.kind != '{' {
			p.refuse("wrong_type")
			return
		}
		p.line = orderLine{}
		if extra := p.fields(item, lineFields); len(extra) > 0 {
			p.inner("items["+strconv.Itoa(i)+"]", extra)
		}
		if p.rule != "" {
			return
		}
		if err := p.addLine(); err != nil {
			p.faults = append(p.faults, err)
			return
		}
	}
}

// addLine adds the line that was read.
func (p *orderReader) addLine() error {
	total, err := p.line.price.times(p.line.quantity)
	if err != nil {
		return err
	}
	if p.line.total = total - p.line.discount.Amount; p.line.total < 0 {
		p.refuse("invalid_amount")
		return nil
	}
	if p.sum, err = p.sum.plus(p.line.total); err != nil {
		return err
	}
	p.lines = append(p.lines, p.line)
	return nil
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

// contents is what the order says, as one value.
func (o *order) contents() content {
	parts := []string{o.id, o.customer, o.time.Format(time.RFC3339Nano), o.total.String(), o.statusText,
		o.street, o.city, o.state, o.zipcode, o.country, strconv.Itoa(len(o.lines))}
	for _, l := range o.lines {
		parts = append(parts, l.product, strconv.FormatInt(l.quantity, 10), l.price.String())
		parts = append(parts, l.discount.text("discount of the line")...)
	}
	if !o.updated.IsZero() {
		parts = append(parts, "updated", o.updated.Format(time.RFC3339Nano))
	}
	parts = append(parts, "tax included", o.taxIncluded)
	parts = append(parts, o.tax.text("tax")...)
	parts = append(parts, o.shipping.text("shipping")...)
	parts = append(parts, o.discount.text("discount")...)
	parts = append(parts, o.refunded.text("refunded")...)
	return contentOf(append(parts, slices.Sorted(slices.Values(o.extra))...)...)
}

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
	content                               content
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
	rule     string // the first that refuses it
	warnings []string
	extra    []string // fields that the schema does not know
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
	var faults []error
	p.fields(v, "", map[string]field{
		"order_id":         {read: func(v value) { p.id = p.name(v) }},
		"customer_id":      {read: func(v value) { p.customer = p.reference(v) }, mayBeNone: true},
		"order_timestamp":  {read: func(v value) { p.time = p.readTime(v) }},
		"items":            {read: func(v value) { faults = append(faults, p.readItems(v)) }},
		"total_amount":     {read: func(v value) { p.total = p.amount(v, &faults) }},
		"payment_status":   {read: p.readStatus},
		"shipping_address": {read: p.readAddress, mayBeNone: true},
		"updated_at":       {read: func(v value) { p.updated = p.readTime(v) }, optional: true},
		"currency":         {read: p.readCurrency, optional: true},
		"tax_amount":       {read: p.stated(&p.tax, &faults), optional: true},
		"tax_included":     {read: p.readTaxIncluded, optional: true},
		"shipping_amount":  {read: p.stated(&p.shipping, &faults), optional: true},
		"discount_amount":  {read: p.stated(&p.discount, &faults), optional: true},
		"refunded_amount":  {read: p.stated(&p.refunded, &faults), optional: true},
	})
	if err := errors.Join(faults...); err != nil || p.rule != "" {
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
	p.content = p.contents()
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
	read func(value)
	// mayBeNone: it must stand there, but null and an empty text say that there is none.
	mayBeNone bool
	// optional: it may be left out, be null or be an empty text.
	optional bool
}

func isNone(v value) bool { return v.kind == 'n' || v.kind == '"' && v.text == "" }

// fields reads the fields of an object. Null is no value, and one that is
// required must not lack.
func (p *orderReader) fields(v value, path string, known map[string]field) {
	present := make(map[string]bool)
	for _, m := range v.members {
		f, ok := known[m.name]
		switch {
		case !ok:
			p.extra = append(p.extra, path+m.name+"="+m.value.canonical())
		case f.mayBeNone && isNone(m.value):
			present[m.name] = true
		case f.optional && isNone(m.value):
		case m.value.kind != 'n':
			present[m.name] = true
			f.read(m.value)
		}
	}
	for name, f := range known {
		if !f.optional && !present[name] {
			p.refuse("missing_field")
		}
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

// stated gives a reader of an amount that may be left out.
func (p *orderReader) stated(to *Stated, faults *[]error) func(value) {
	return func(v value) { *to = Stated{p.amount(v, faults), true} }
}

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

func (p *orderReader) amount(v value, faults *[]error) Amount {
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
		*faults = append(*faults, err)
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
	part := func(to *string) field {
		return field{read: func(v value) { *to = p.text(v, maxText) }, optional: true}
	}
	p.fields(v, "shipping_address.", map[string]field{
		"street": part(&p.street), "city": part(&p.city), "state": part(&p.state),
		"zipcode": part(&p.zipcode), "country": part(&p.country),
	})
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
		p.fields(item, "items["+strconv.Itoa(i)+"].", map[string]field{
			"product_id":      {read: func(v value) { l.product = p.reference(v) }, mayBeNone: true},
			"quantity":        {read: func(v value) { l.quantity = p.quantity(v) }},
			"unit_price":      {read: func(v value) { l.price = p.amount(v, &faults) }},
			"discount_amount": {read: p.stated(&l.discount, &faults), optional: true},
		})
		if p.rule != "" {
			return nil
		}
		total, err := l.price.times(l.quantity)
		if err != nil {
			return err
		}
		if l.total = total - l.discount.Amount; l.total < 0 {
			p.refuse("invalid_amount")
			return nil
		}
		if p.sum, err = p.sum.plus(l.total); err != nil {
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
	parts := []string{p.id, p.customer, p.time.Format(time.RFC3339Nano), p.total.String(), p.statusText,
		p.street, p.city, p.state, p.zipcode, p.country, strconv.Itoa(len(p.lines))}
	for _, l := range p.lines {
		parts = append(parts, l.product, strconv.FormatInt(l.quantity, 10), l.price.String())
		parts = append(parts, l.discount.text("discount of the line")...)
	}
	if !p.updated.IsZero() {
		parts = append(parts, "updated", p.updated.Format(time.RFC3339Nano))
	}
	parts = append(parts, "tax included", p.taxIncluded)
	parts = append(parts, p.tax.text("tax")...)
	parts = append(parts, p.shipping.text("shipping")...)
	parts = append(parts, p.discount.text("discount")...)
	parts = append(parts, p.refunded.text("refunded")...)
	slices.Sort(p.extra)
	return contentOf(append(parts, p.extra...)...)
}

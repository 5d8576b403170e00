package decode

import (
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
)

// Columns of a customers file. Day of registration, tier and whether the customer is active may be
// missing or empty, name and e-mail may be empty, the id not.
const (
	customerID = iota
	customerName
	customerEmail
	customerRegistered
	customerTier
	customerActive
)

// customerColumns are the columns of a customers file.
var customerColumns = []string{"customer_id", "name", "email", "registration_date", "customer_tier", "active"}

// Customers decodes customers.
type Customers struct {
	table
	customer catalogv1.Customer
}

// NewCustomers decodes the customers of one reading of a file with this header.
func NewCustomers(r Reading, header []byte) (*Customers, error) {
	h, err := ParseHeader(header, customerColumns, customerRegistered, customerTier, customerActive)
	if err != nil {
		return nil, err
	}
	d := &Customers{}
	d.init(r)
	d.header, d.columns = h, customerColumns
	d.customer.Source = &d.source
	return d, nil
}

// Decode implements Decoder.
func (d *Customers) Decode(raw []byte) (*Accepted, *Fault) {
	if !d.read(raw) {
		return nil, d.faults.first
	}
	c := &d.customer
	c.CustomerId = d.value(customerID)
	d.require(customerID, c.CustomerId)
	c.Name = d.cell(customerName, maxText)
	c.Email = d.cell(customerEmail, maxText)
	c.RegistrationDate = d.readDate(d.value(customerRegistered))
	c.CustomerTier = strings.ToLower(strings.TrimSpace(d.cell(customerTier, maxID)))
	c.Inactive = d.readInactive(customerActive)
	d.keepUnknown()
	if d.faults.first != nil {
		return nil, d.faults.first
	}
	h := d.hash
	h.Reset()
	h.String(c.CustomerId)
	h.String(c.Name)
	h.String(c.Email)
	h.String(c.RegistrationDate)
	h.String(c.CustomerTier)
	h.String(d.source.UnknownFields)
	if c.Inactive {
		h.String("inactive") // a row that is active keeps the hash that it is known by
	}
	return d.accept(c), nil
}

// readDate gives a date as YYYY-MM-DD; empty if the source gives none.
func (d *Customers) readDate(text string) string {
	if text == "" {
		return ""
	}
	days, ok := parseDate(text)
	if !ok {
		d.refuseCell(rules.InvalidTimestamp, customerRegistered, messageDate, text, dateRemedy(text))
		return ""
	}
	if len(text) == len("2026-11-01") && text[4] == '-' && text[7] == '-' {
		return text
	}
	return spellDate(days)
}

package decode

import (
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
)

// Columns of a customers file. Name and e-mail may be empty, the others not.
const (
	customerID = iota
	customerName
	customerEmail
	customerRegistered
	customerTier
)

// customerColumns are the columns that a customers file must have.
var customerColumns = []string{"customer_id", "name", "email", "registration_date", "customer_tier"}

// Customers decodes customers.
type Customers struct {
	table
	customer catalogv1.Customer
}

// NewCustomers decodes the customers of one reading of a file with this header.
func NewCustomers(r Reading, header []byte) (*Customers, error) {
	h, err := ParseHeader(header, customerColumns)
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
		return nil, d.fault
	}
	c := &d.customer
	c.CustomerId = d.required(customerID, maxID)
	c.Name = d.cell(customerName, maxText)
	c.Email = d.cell(customerEmail, maxText)
	c.RegistrationDate = d.required(customerRegistered, maxID)
	if _, ok := parseDate(c.RegistrationDate); !ok {
		d.refuse(rules.InvalidTimestamp, customerColumns[customerRegistered], messageDate)
	}
	c.CustomerTier = strings.ToLower(strings.TrimSpace(d.required(customerTier, maxID)))
	d.keepUnknown()
	if d.fault != nil {
		return nil, d.fault
	}
	h := d.hash
	h.Reset()
	h.String(c.CustomerId)
	h.String(c.Name)
	h.String(c.Email)
	h.String(c.RegistrationDate)
	h.String(c.CustomerTier)
	h.String(d.source.UnknownFields)
	return d.accept(c), nil
}

package decode

import moneypb "google.golang.org/genproto/googleapis/type/money"

// hashOrder hashes what the order says, not how it is written. A field that came to
// the schema later enters with its name and only when it is there, so that an order
// without it keeps the hash that the warehouse knows it by.
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
	d.hashOptional()
}

// hashOptional adds the fields that came later. The currency is none of them: it is
// hashed above, and is the same whether the order names it or not.
func (d *Orders) hashOptional() {
	h, o := d.hash, &d.order
	if o.UpdatedAt != nil {
		h.String("updated_at")
		h.Int(d.optional.micros)
	}
	d.hashAmount("tax_amount", o.TaxAmount)
	if o.TaxIncluded != nil {
		h.String("tax_included")
		if *o.TaxIncluded {
			h.Int(1)
		} else {
			h.Int(0)
		}
	}
	d.hashAmount("shipping_amount", o.ShippingAmount)
	d.hashAmount("discount_amount", o.DiscountAmount)
	d.hashAmount("refunded_amount", o.RefundedAmount)
	for n, item := range o.Items {
		if item.DiscountAmount != nil {
			h.String("items")
			h.Int(int64(n))
			d.hashAmount("discount_amount", item.DiscountAmount)
		}
	}
}

func (d *Orders) hashAmount(name string, m *moneypb.Money) {
	if m != nil {
		d.hash.String(name)
		d.hash.Int(m.Units)
		d.hash.Int(int64(m.Nanos))
	}
}

package decode

import (
	"strings"

	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// optional keeps what an order may say beyond its required fields, from order to order.
// What one of them says is in its message.
type optional struct {
	updated                       timestamppb.Timestamp
	micros                        int64 // of updated, since 1970
	tax, shipping, discount, back moneypb.Money
	included                      bool
}

func (d *Orders) resetOptional() {
	o := &d.order
	o.UpdatedAt, o.TaxIncluded = nil, nil
	o.TaxAmount, o.ShippingAmount, o.DiscountAmount, o.RefundedAmount = nil, nil, nil, nil
}

// readOptional reads the field if it is an optional one.
func (d *Orders) readOptional(p path) bool {
	o, kept := &d.order, &d.optional
	switch p.field {
	case "updated_at":
		if !d.none() {
			var ok bool
			if kept.micros, ok = d.readTime(p, &kept.updated); ok {
				o.UpdatedAt = &kept.updated
			}
		}
	case "currency":
		d.readCurrency(p)
	case "tax_amount":
		o.TaxAmount = d.readOptionalAmount(p, &kept.tax)
	case "tax_included":
		d.readTaxIncluded(p)
	case "shipping_amount":
		o.ShippingAmount = d.readOptionalAmount(p, &kept.shipping)
	case "discount_amount":
		o.DiscountAmount = d.readOptionalAmount(p, &kept.discount)
	case "refunded_amount":
		o.RefundedAmount = d.readOptionalAmount(p, &kept.back)
	default:
		return false
	}
	return true
}

// none passes over a value that says that there is none.
func (d *Orders) none() bool { return d.scan.Literal("null") || d.scan.Literal(`""`) }

// readOptionalAmount reads an amount into m; nil if the source gives none.
func (d *Orders) readOptionalAmount(p path, m *moneypb.Money) *moneypb.Money {
	if d.none() {
		return nil
	}
	var has seen
	if d.readAmount(p, m, &has, 1); has == 0 {
		return nil
	}
	return m
}

func (d *Orders) readTaxIncluded(p path) {
	switch {
	case d.none():
		return
	case d.scan.Literal("true"):
		d.optional.included = true
	case d.scan.Literal("false"):
		d.optional.included = false
	default:
		d.wrongType(p, "true or false")
		return
	}
	d.order.TaxIncluded = &d.optional.included
}

// readCurrency compares the order's own word for its currency with the pipeline's:
// sums go over all orders, and none may go over two currencies.
func (d *Orders) readCurrency(p path) {
	if d.none() {
		return
	}
	text, ok := d.readText(p, maxID)
	if ok && !strings.EqualFold(strings.TrimSpace(text), d.currency) {
		d.refuseText(rules.CurrencyMismatch, p, "the currency is not "+d.currency+", which the pipeline counts in", text, currencyRemedy(text, d.currency))
	}
}

package suggest

import (
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/parser/vocabulary"
)

// catalog drafts a mapping of products or customers.
func (d *draft) catalog() {
	d.used = map[*leaf]bool{}
	words := vocabularies[d.kind]
	id := func(l *leaf) bool { return notTime(l) && d.isID(l) }
	if d.kind == "customers" {
		d.choose("customer_id", d.find(d.leaves, words, "customer_id", id), "must be what the orders call the customer")
		d.optional(words, "name", nil)
		d.optional(words, "email", nil)
		if l := d.find(d.leaves, words, "registration_date", isTime); l != nil {
			layout, unsure, _ := l.timeLayout(false)
			d.layout = layout
			note := ""
			if unsure {
				note = "NOT SURE whether the day or the month comes first"
			}
			d.choose("registration_date", l, note)
		}
		d.optional(words, "customer_tier", nil)
		d.optional(words, "active", isSwitch)
		return
	}
	var prices []*leaf
	for _, l := range d.leaves {
		if vocabulary.Products.Rank("price", l.names[0]) >= 0 && l.quoted && l.isAmounts() {
			prices = append(prices, l)
		}
	}
	d.style = styleOf(prices)
	d.choose("product_id", d.find(d.leaves, words, "product_id", id), "must be what the orders' lines call the product")
	d.choose("price", d.find(d.leaves, words, "price", func(l *leaf) bool { return l.isAmounts() }), "")
	d.optional(words, "stock_level", func(l *leaf) bool { return l.all(whole.MatchString) })
	d.optional(words, "product_name", notTime)
	d.optional(words, "category", notTime)
	d.optional(words, "active", isSwitch)
}

// optional takes a field that may be missing.
func (d *draft) optional(words vocabulary.Words, field string, fits func(*leaf) bool) {
	if l := d.find(d.leaves, words, field, fits); l != nil {
		d.choose(field, l, "")
	}
}

// isSwitch tells whether all values say yes or no.
func isSwitch(l *leaf) bool {
	return l.all(func(text string) bool {
		return slices.Contains([]string{"true", "false", "yes", "no", "1", "0"}, strings.ToLower(text))
	})
}

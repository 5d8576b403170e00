package suggest

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/parser/vocabulary"
)

// draft is a source in the making.
type draft struct {
	*sample
	kind   string
	fields []chosen // of the record
	items  []chosen // of a line
	over   string   // the lines' array; empty: the rows, or the order itself
	group  *leaf
	owner  []int // the order that each row of a CSV file belongs to
	groups int
	style  numberStyle
	layout string
	zone   string
	byLine bool     // amounts of the order are given line by line
	notes  []string // for the top of the file
	used   map[*leaf]bool
}

// chosen is a field and what was chosen for it.
type chosen struct {
	field string
	leaf  *leaf // nil: the value stands for all records
	value string
	form  string // how it is written in YAML, if not as the place alone
	note  string
	table []string // pairs of a map
}

// find gives the leaf that most likely is a field; nil if none is.
func (d *draft) find(leaves []*leaf, words vocabulary.Words, field string, fits func(*leaf) bool) *leaf {
	var best *leaf
	least := 1 << 30
	part, isAddress := strings.CutPrefix(field, "shipping_address.")
	for _, l := range leaves {
		if d.used[l] || len(l.some()) == 0 || fits != nil && !fits(l) {
			continue
		}
		for _, name := range l.names {
			rank := words.Rank(field, strings.TrimPrefix(name, "\x01"))
			switch {
			case rank < 0:
				continue
			case strings.HasPrefix(name, "\x01"):
				if !isAddress {
					continue
				}
				rank /= 2
			case isAddress && part == "state" && !strings.Contains(name, "ship"):
				rank += 50 // it may be the order's own
			}
			score := rank*10 + l.depth*3
			if len(l.some())*2 < len(l.values) {
				score += 15
			}
			if strings.Contains(l.at, "/0/") {
				score += 20
			}
			if score < least {
				best, least = l, score
			}
		}
	}
	return best
}

func (d *draft) add(c chosen) {
	if c.leaf != nil {
		d.used[c.leaf] = true
	}
	d.fields = append(d.fields, c)
}

func isTime(l *leaf) bool { _, _, ok := l.timeLayout(true); return ok }

func notTime(l *leaf) bool { return !isTime(l) }

// orders drafts a mapping of orders.
func (d *draft) orders() {
	d.used = map[*leaf]bool{}
	d.style = d.numbers()
	id := d.find(d.leaves, vocabulary.Orders, "order_id", func(l *leaf) bool { return notTime(l) && d.isID(l) })
	d.choose("order_id", id, "")
	d.rows(id)
	d.when()
	orders := vocabulary.Orders
	if l := d.find(d.leaves, orders, "currency", func(l *leaf) bool { return l.all(currency.MatchString) }); l != nil {
		d.choose("currency", l, "must be the deployment's CURRENCY")
	}
	d.status()
	d.amounts()
	if l := d.find(d.leaves, orders, "customer_id", func(l *leaf) bool { return notTime(l) && d.constant(l) }); l != nil {
		c := chosen{field: "customer_id", leaf: l, note: "where there is none the order is a guest's"}
		if slices.Contains(l.values, "0") {
			c.form = fmt.Sprintf("{from: %s, none: [\"0\"]}", scalar(l.at))
			c.note = "0 is taken for a guest"
		}
		d.add(c)
	} else {
		d.notes = append(d.notes, "no customer was found: all orders would be of guests")
	}
	for _, part := range []string{"street", "city", "state", "zipcode", "country"} {
		field := "shipping_address." + part
		if l := d.find(d.leaves, orders, field, func(l *leaf) bool { return notTime(l) && d.constant(l) }); l != nil {
			d.choose(field, l, "")
		}
	}
}

// isID tells whether values are fit to tell records apart.
func (d *draft) isID(l *leaf) bool {
	distinct := map[string]bool{}
	for _, v := range l.some() {
		distinct[v] = true
		if len(v) > 128 {
			return false
		}
	}
	if d.csv { // the rows of an order share it
		return len(distinct) > 1 || len(l.values) < 4
	}
	return len(distinct)*10 >= len(l.values)*9
}

// constant tells whether a column belongs to the order, not to its lines.
func (d *draft) constant(l *leaf) bool { return !d.csv || d.owner == nil || l.constantBy(d.owner) }

// choose takes a leaf for a required field or an optional one that was found.
func (d *draft) choose(field string, l *leaf, note string) {
	if l == nil {
		place := "/" + field
		if d.csv {
			place = field
		}
		d.add(chosen{field: field, value: place, form: scalar(place), note: "NOT FOUND: put the right place here; the field is required"})
		d.notes = append(d.notes, field+" was not found, and is required")
		return
	}
	d.add(chosen{field: field, leaf: l, note: note})
}

// rows finds the rows of each order in a CSV file.
func (d *draft) rows(id *leaf) {
	if !d.csv || id == nil {
		return
	}
	d.group = id
	d.owner = make([]int, len(id.values))
	for i, v := range id.values {
		if i > 0 && v != "" && v != id.values[i-1] {
			d.groups++
		}
		d.owner[i] = d.groups
	}
	d.groups++
}

// when finds the times.
func (d *draft) when() {
	american := false
	for _, l := range d.leaves {
		american = american || slices.Contains(l.names, "currency") && slices.Contains(l.values, "USD") || slices.Contains(l.values, "US") || slices.Contains(l.values, "United States")
	}
	at := d.find(d.leaves, vocabulary.Orders, "order_timestamp", isTime)
	note := ""
	if at != nil {
		layout, unsure, _ := at.timeLayout(american)
		d.layout = layout
		switch {
		case unsure:
			note = "NOT SURE whether the day or the month comes first"
		case layout == "" && (strings.HasSuffix(at.names[0], "gmt") || strings.HasSuffix(at.names[0], "utc")):
			d.zone = "UTC"
		case layout == "" && !at.all(func(v string) bool { return strings.ContainsAny(v[min(len(v), 10):], "Z+-") }):
			note = "without an offset it is read in TIME_ZONE; times: {zone: ...} of the mapping names another"
		case layout != "" && !strings.Contains(layout, "%z") && !strings.HasPrefix(layout, "unix"):
			note = "without an offset it is read in TIME_ZONE; zone beside layout names another"
		}
	}
	d.choose("order_timestamp", at, note)
	same := func(l *leaf) bool {
		layout, _, ok := l.timeLayout(american)
		return ok && layout == d.layout && d.constant(l)
	}
	if l := d.find(d.leaves, vocabulary.Orders, "updated_at", same); l != nil {
		d.choose("updated_at", l, "a later version of an order replaces the earlier one by it")
	}
}

// status finds the status and what its words mean.
func (d *draft) status() {
	few := func(l *leaf) bool {
		distinct := map[string]bool{}
		known := 0
		for _, v := range l.some() {
			if !distinct[v] && vocabulary.Statuses[strings.ToLower(v)] != "" {
				known++
			}
			distinct[v] = true
		}
		return known > 0 && len(distinct) <= 30 && known*2 >= len(distinct) && d.constant(l)
	}
	l := d.find(d.leaves, vocabulary.Orders, "payment_status", few)
	if l == nil {
		d.add(chosen{field: "payment_status", form: "{value: completed}", note: "NOT FOUND: all orders count as completed; name a place, or leave it so if only paid orders are exported"})
		d.notes = append(d.notes, "no status was found: all orders would count as completed")
		return
	}
	c := chosen{field: "payment_status", leaf: l}
	var unknown []string
	values := l.some()
	slices.Sort(values)
	for _, v := range slices.Compact(values) {
		to := vocabulary.Statuses[strings.ToLower(v)]
		switch {
		case to != "":
			c.table = append(c.table, v, to)
		case word.MatchString(v):
			unknown = append(unknown, v)
		}
	}
	c.note = "words that do not stand here are kept and noted"
	if len(unknown) > 0 {
		c.note = "NOT KNOWN: " + strings.Join(unknown, ", ") + "; add what they mean"
	}
	d.add(c)
}

// numbers finds how the file writes amounts.
func (d *draft) numbers() numberStyle {
	var leaves []*leaf
	isMoney := func(l *leaf) bool {
		for field, words := range map[string]vocabulary.Words{
			"total_amount": vocabulary.Orders, "tax_amount": vocabulary.Orders, "shipping_amount": vocabulary.Orders, "refunded_amount": vocabulary.Orders, "discount_amount": vocabulary.Orders,
			"unit_price": vocabulary.Items, "total": vocabulary.Items, "price": vocabulary.Products,
		} {
			if words.Rank(field, l.names[0]) >= 0 {
				return l.isAmounts()
			}
		}
		return false
	}
	all := slices.Clone(d.leaves)
	if d.list != nil {
		all = append(all, d.list.leaves...)
	}
	for _, l := range all {
		if isMoney(l) && l.quoted {
			leaves = append(leaves, l)
		}
	}
	n := styleOf(leaves)
	if counted, hinted := minorUnits(all, isMoney); counted && hinted {
		n.minor = 2
	} else if counted {
		d.notes = append(d.notes, "NOT SURE of the amounts: all are whole numbers; if they count cents, add numbers: {minor_units: 2}")
	}
	return n
}

// minorUnits finds whether amounts may be counted in cents, because they are whole numbers throughout, and
// whether the file says that they are, by a divisor, by names or by the shape of its amounts.
func minorUnits(all []*leaf, isMoney func(*leaf) bool) (counted, hinted bool) {
	counted = true
	some := false
	for _, l := range all {
		at := strings.ToLower(l.at)
		if strings.HasSuffix(at, "/divisor") && slices.Equal(slices.Compact(l.some()), []string{"100"}) {
			hinted = true
		}
		if !isMoney(l) {
			continue
		}
		some = true
		counted = counted && l.all(func(v string) bool { return whole.MatchString(v) && !strings.ContainsAny(v, ".,") })
		if strings.Contains(at, "cents") || strings.Contains(at, "minor") || strings.Contains(at, "_money/amount") || strings.Contains(at, "amount_") || strings.HasSuffix(at, "/unit_amount") {
			hinted = true
		}
	}
	return some && counted, hinted
}

// rat gives a leaf's value in a row as an amount; zero if there is none.
func (d *draft) rat(l *leaf, row int) *big.Rat {
	if l == nil || row >= len(l.values) || l.values[row] == "" {
		return new(big.Rat)
	}
	r, ok := d.style.number(l.values[row])
	if !ok {
		return new(big.Rat)
	}
	return r
}

package source

import "strings"

// kind is what kind of value stands at a place.
type kind uint8

const (
	absent kind = iota
	null
	str    // a JSON string, or a CSV cell
	number // a JSON number
	boolean
	nested // an object or array
)

// value is what stands at a place. Texts are slices of the record, without white space around them.
type value struct {
	text string
	kind kind
}

// isNone tells whether there is no value.
func (v value) isNone() bool { return v.kind <= null || v.kind == str && v.text == "" }

// trimmed is the value without white space around its text.
func (v value) trimmed() value {
	if v.kind == str && v.text != "" && (v.text[0] <= ' ' || v.text[len(v.text)-1] <= ' ' || v.text[0] >= 0x80 || v.text[len(v.text)-1] >= 0x80) {
		v.text = strings.TrimSpace(v.text)
	}
	return v
}

// ref is a place of a scope: 0 is the record, n > 0 the elements of list n-1.
type ref struct {
	scope, slot int
	path        string // as the mapping spells it
}

// captured is what one record says at the places that a mapping names.
type captured struct {
	record []value
	lists  []list
}

// list is what the elements of an array say, or the rows of an order in a CSV file.
type list struct {
	width  int
	cells  []value // width of each row
	kids   int     // lists inside of an element
	starts []int32 // for each row the first row of each of these lists
	rows   int
	seen   bool // there is an array, even if it is empty
	wrong  bool // something else is in its place
}

func (c *captured) reset() {
	clear(c.record)
	for i := range c.lists {
		l := &c.lists[i]
		l.cells, l.starts, l.rows, l.seen, l.wrong = l.cells[:0], l.starts[:0], 0, false, false
	}
}

// add begins a row.
func (l *list) add() (row int) {
	row = l.rows
	l.rows++
	for range l.width {
		l.cells = append(l.cells, value{})
	}
	return row
}

// at gives the value at a place, in a row of its scope.
func (c *captured) at(r *ref, row int) value {
	if r.scope == 0 {
		return c.record[r.slot]
	}
	l := &c.lists[r.scope-1]
	return l.cells[row*l.width+r.slot]
}

// chain leads from a scope to lists inside of each other.
type chain []link

type link struct {
	list int // its number
	kid  int // its place among the lists of an element of the scope before
}

// span gives the rows of the chain's last list that are within a row of the scope.
func (c *captured) span(to chain, scope, row int) (from, end int) {
	from, end = row, row+1
	for _, link := range to {
		l := &c.lists[link.list]
		if scope == 0 {
			from, end = 0, l.rows
		} else {
			from, end = c.lists[scope-1].start(link.kid, from, l.rows), c.lists[scope-1].start(link.kid, end, l.rows)
		}
		scope = link.list + 1
	}
	return from, end
}

// start is where the elements of a row's list begin, in a list of so many rows.
func (l *list) start(kid, row, rows int) int {
	if row >= l.rows {
		return rows
	}
	return int(l.starts[row*l.kids+kid])
}

package decode

import (
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/parser/strictjson"
)

// unknownFields gathers what an order says beyond the schema, in the order's own
// shape: {"coupon":"X","items":[null,{"gift":true}],"shipping_address":{"unit":"4b"}}.
// The paths into it are those into the order, so items stands only as deep as
// the last line that has something.
type unknownFields struct {
	top, address, item fields
	items              []byte // array of the items' unknown fields, not closed
	count              int    // elements in it
}

func (u *unknownFields) reset() {
	u.top.reset()
	u.address.reset()
	u.item.reset()
	u.items, u.count = u.items[:0], 0
}

// endItem files the unknown fields of item n.
func (u *unknownFields) endItem(n int) {
	if len(u.item.list) == 0 {
		return
	}
	for ; u.count <= n; u.count++ {
		u.items = append(u.items, "[,"[min(u.count, 1)])
		if u.count < n {
			u.items = append(u.items, "null"...)
		}
	}
	u.items = u.item.append(u.items)
	u.item.reset()
}

// json is the whole as a JSON object; empty if there is nothing.
func (u *unknownFields) json() string {
	if len(u.address.list) > 0 {
		u.top.begin("shipping_address")
		u.top.values = u.address.append(u.top.values)
		u.top.finish()
	}
	if u.count > 0 {
		u.top.begin("items")
		u.top.values = append(append(u.top.values, u.items...), ']')
		u.top.finish()
	}
	if len(u.top.list) == 0 {
		return ""
	}
	return string(u.top.append(nil))
}

// fields is one object's unknown fields.
type fields struct {
	list   []field
	values []byte
}

type field struct {
	name     string
	from, to int // its value in values
}

func (f *fields) reset() { f.list, f.values = f.list[:0], f.values[:0] }

func (f *fields) begin(name string) {
	f.list = append(f.list, field{name: name, from: len(f.values)})
}

func (f *fields) finish() { f.list[len(f.list)-1].to = len(f.values) }

// read takes a field's value from the scanner, in its canonical form.
func (f *fields) read(name string, s *strictjson.Scanner) {
	f.begin(name)
	f.values, _ = s.AppendCanonical(f.values)
	f.finish()
}

// text adds a field that is a text.
func (f *fields) text(name, value string) {
	f.begin(name)
	f.values = strictjson.AppendString(f.values, value)
	f.finish()
}

// append appends the object, its fields in the order of their names.
func (f *fields) append(dst []byte) []byte {
	slices.SortFunc(f.list, func(a, b field) int { return strings.Compare(a.name, b.name) })
	dst = append(dst, '{')
	for i, field := range f.list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(strictjson.AppendString(dst, field.name), ':')
		dst = append(dst, f.values[field.from:field.to]...)
	}
	return append(dst, '}')
}

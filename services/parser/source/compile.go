package source

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
)

// plan is a mapping made ready for reading. It does not change; each reading of a file has
// a reader of its own.
type plan struct {
	mapping  *mapping
	kind     kindOf
	csv      bool
	encoding *encodingOf

	root    *node   // of a JSON record
	width   int     // places in the record
	lists   []shape // of the lists
	columns []string
	once    []bool // the column is read for the record as a whole
	carries int    // how many values are carried from row to row

	fields   []field
	sets     []set
	leaveOut [][]condition
	computed bool // total_amount is what the order's parts come to
	adjusts  bool // lines may become a discount or a return
}

// shape is what is known of a list beforehand.
type shape struct {
	width, kids int
	parent      int // the scope that it is in
}

// field is a native field and where its value comes from.
type field struct {
	name   string
	as     fieldType
	places []origin
}

// set is where lines of an order come from.
type set struct {
	over     chain
	path     string
	scope    int
	leaveOut [][]condition
	fields   [itemFields][]origin
}

// how says what an origin does.
type how uint8

const (
	howFrom how = iota
	howValue
	howSum
	howFormula
	howJoin
)

// origin is a place made ready.
type origin struct {
	how   how
	refs  []ref
	value string

	over           chain
	overPath       string
	where, require []condition
	plus, minus    [][]origin

	table      map[string]string // by the value in small letters
	only       bool
	then       *text // what any value becomes
	none       []string
	trimPrefix string
	plain      bool // how is howFrom, and what stands there is taken as it is
	carry      int  // its place among what is carried from row to row; -1: nothing is
	style      *style
	clock      *clock
}

// condition is a place and the values that it must have one of.
type condition struct {
	at     ref
	values []string
	sameAs *ref
}

// compiler makes a mapping ready.
type compiler struct {
	*problems
	plan  *plan
	at    string // the mapping's own place in its file
	roots []*node
}

// compile makes the mapping of one kind and format ready; at is its place in the file.
func compile(m *mapping, kind kindOf, csv bool, at string, faults *problems) *plan {
	c := &compiler{problems: faults, at: at, plan: &plan{mapping: m, kind: kind, csv: csv, root: newNode()}}
	c.roots = []*node{c.plan.root}
	p := c.plan
	p.encoding = c.encoding()
	c.format()
	if csv && kind.items {
		p.lists, c.roots = []shape{{}}, append(c.roots, nil) // the rows
	}
	for _, f := range kind.fields {
		places, ok := m.Fields[f.name]
		if !ok {
			if f.required {
				c.add(at+"/fields", "the field %s is required", f.name)
			}
			continue
		}
		fieldAt := at + "/fields/" + strings.Replace(f.name, ".", "/", 1)
		p.fields = append(p.fields, field{f.name, f.as, c.places(places, fieldAt, 0, f.as)})
	}
	if kind.items {
		c.items()
	} else if _, err := kind.table(decode.Reading{}, p.header()); err != nil {
		c.add(at+"/fields", "%v of the native records: say where it is found, or give a value", err)
	}
	for i, each := range m.LeaveOut {
		p.leaveOut = append(p.leaveOut, c.conditions(each, at+"/leave_out/"+strconv.Itoa(i), 0, 0))
	}
	if csv {
		for i := range p.lists {
			p.lists[i].width = len(p.columns)
		}
		p.width = len(p.columns)
	}
	return p
}

// format checks the keys that belong to one format only.
func (c *compiler) format() {
	m, csv := c.plan.mapping, c.plan.csv
	c.forbid(!csv && m.Delimiter != "", "delimiter", "csv")
	c.forbid(!csv && m.Group != "", "group", "csv")
	c.forbid(!csv && m.CarryWhile != "", "carry_while", "csv")
	c.forbid(csv && m.Records != nil, "records", "json")
	orders := c.plan.kind.items
	if csv && orders && m.Group == "" {
		c.add(c.at, "group must name the column that the rows of one order have in common, such as group: Order ID")
	}
	if !orders && (m.Group != "" || m.Items != nil || m.Returns != nil || m.NegativeLines != "") {
		c.add(c.at, "group, items, returns and negative_lines are for orders only")
	}
	if orders && m.CarryWhile != "" {
		c.add(c.at+"/carry_while", "carry_while is for products and customers; the rows of an order are one record already")
	}
	for _, at := range m.Records {
		if _, message := pointer(string(at)); message != "" {
			c.add(c.at+"/records", "%s", message)
		}
	}
	if m.Group != "" {
		c.column(m.Group, 0)
	}
	if m.CarryWhile != "" {
		c.column(m.CarryWhile, 0)
	}
	c.plan.adjusts = m.Returns != nil && m.Returns.NegativeQuantity || m.NegativeLines != ""
}

func (c *compiler) forbid(is bool, key, format string) {
	if is {
		c.add(c.at+"/"+key, "%s is a key of %s", key, format)
	}
}

// items makes the lines ready.
func (c *compiler) items() {
	m, p := c.plan.mapping, c.plan
	_, hasTotal := m.Fields["total_amount"]
	p.computed = !hasTotal
	if len(m.Items) == 0 {
		c.add(c.at, "items must say where the lines of an order are")
	}
	for i, each := range m.Items {
		at := c.at + "/items/" + strconv.Itoa(i)
		s := set{path: each.Over}
		switch {
		case p.csv:
			s.over, s.scope = chain{{list: 0}}, 1
			if each.Over != "" {
				c.add(at+"/over", "the lines of a CSV file are its rows: leave over out")
			}
		case each.Over != "":
			s.over, s.scope = c.list([]text{text(each.Over)}, at+"/over", 0)
		}
		for j, f := range itemFieldList {
			if places, ok := each.Fields[f.name]; ok {
				s.fields[j] = c.places(places, at+"/fields/"+f.name, s.scope, f.as)
			}
		}
		if s.fields[itemUnitPrice] == nil && s.fields[itemSubtotal] == nil && s.fields[itemTotal] == nil {
			c.add(at+"/fields", "one of unit_price, subtotal and total is required")
		}
		if s.fields[itemQuantity] == nil {
			c.add(at+"/fields", "the field quantity is required; where there is one of each: quantity: {value: 1}")
		}
		for j, out := range each.LeaveOut {
			s.leaveOut = append(s.leaveOut, c.conditions(out, at+"/leave_out/"+strconv.Itoa(j), s.scope, s.scope))
		}
		p.sets = append(p.sets, s)
	}
}

// places makes the places of a field ready. What a place does not say of numbers and times
// the mapping says.
func (c *compiler) places(list []place, at string, scope int, as fieldType) []origin {
	var origins []origin
	for i, each := range list {
		here := at
		if len(list) > 1 {
			here += "/" + strconv.Itoa(i)
		}
		origins = append(origins, c.place(each, here, scope, as))
		if each.Default != nil {
			origins = append(origins, origin{how: howValue, value: string(*each.Default), carry: -1, style: plainStyle, clock: plainClock})
		}
	}
	return origins
}

func (c *compiler) place(p place, at string, scope int, as fieldType) origin {
	o := origin{only: p.Only, then: p.Then, trimPrefix: p.TrimPrefix, carry: -1}
	o.style, o.clock = c.style(p.Numbers, at), c.clock(p.Times, at)
	for _, n := range p.None {
		o.none = append(o.none, string(n))
	}
	if p.Map != nil {
		o.table = make(map[string]string, len(p.Map))
		for from, to := range p.Map {
			o.table[strings.ToLower(from)] = string(to)
		}
	}
	if p.Carry {
		if c.plan.mapping.CarryWhile == "" {
			c.add(at+"/carry", "carry needs carry_while, the column that is the same in the rows that a value is carried over")
		}
		o.carry = c.plan.carries
		c.plan.carries++
	}
	ways := 0
	for _, has := range []bool{p.From != "", p.Sum != nil, p.Value != nil, p.Join != nil, p.Plus != nil || p.Minus != nil} {
		if has {
			ways++
		}
	}
	if ways != 1 {
		c.add(at, "a place has one of from, sum, value, join, and plus with minus")
	}
	switch {
	case p.Value != nil:
		o.how, o.value = howValue, string(*p.Value)
		o.style, o.clock = plainStyle, plainClock
	case p.Sum != nil:
		c.sum(&o, p, at, scope)
	case p.Join != nil:
		o.how = howJoin
		for i, from := range p.Join {
			o.refs = append(o.refs, c.ref(from, at+"/join/"+strconv.Itoa(i), scope))
		}
	case p.Plus != nil || p.Minus != nil:
		o.how = howFormula
		for i, each := range p.Plus {
			o.plus = append(o.plus, c.places([]place{each}, at+"/plus/"+strconv.Itoa(i), scope, as))
		}
		for i, each := range p.Minus {
			o.minus = append(o.minus, c.places([]place{each}, at+"/minus/"+strconv.Itoa(i), scope, as))
		}
	case p.From != "":
		o.refs = []ref{c.ref(p.From, at, scope)}
		o.plain = o.carry < 0 && o.trimPrefix == "" && o.none == nil && o.table == nil && o.then == nil
	}
	if (o.how == howSum || o.how == howFormula) && as != asAmount && as != asInteger {
		c.add(at, "sums are for amounts and quantities")
	}
	if o.how != howSum && (p.Over != nil || p.Where != nil || p.Require != nil) {
		c.add(at, "over, where and require belong to a sum")
	}
	return o
}

// sum makes a sum over the elements of arrays, or over the rows of an order, ready.
func (c *compiler) sum(o *origin, p place, at string, scope int) {
	o.how = howSum
	var inner int
	switch {
	case c.plan.csv && scope == 0 && c.plan.kind.items && p.Over == nil:
		o.over, inner = chain{{list: 0}}, 1
	case c.plan.csv:
		c.add(at, "a sum of columns goes over the rows of an order: it stands in a field of the order, without over")
		return
	case p.Over == nil:
		c.add(at, "a sum needs over, the array that it goes over, such as over: /tax_lines")
		return
	default:
		o.over, inner = c.list(p.Over, at+"/over", scope)
		for _, over := range p.Over {
			o.overPath += string(over)
		}
	}
	for i, from := range p.Sum {
		o.refs = append(o.refs, c.ref(string(from), at+"/sum/"+strconv.Itoa(i), inner))
	}
	o.where, o.require = c.conditions(p.Where, at+"/where", inner, scope), c.conditions(p.Require, at+"/require", inner, scope)
}

// conditions makes conditions on places of a scope ready; the place that one compares with
// is of the outer scope.
func (c *compiler) conditions(of conditions, at string, scope, outer int) []condition {
	var list []condition
	for _, from := range sortedKeys(of) {
		one := condition{at: c.ref(from, at, scope)}
		for _, v := range of[from].Values {
			one.values = append(one.values, string(v))
		}
		if same := of[from].SameAs; same != "" {
			other := c.ref(same, at, outer)
			one.sameAs = &other
		}
		list = append(list, one)
	}
	return list
}

// ref gives the place that a pointer or column names in a scope.
func (c *compiler) ref(from, at string, scope int) ref {
	if c.plan.csv {
		return c.column(from, scope)
	}
	names, message := pointer(from)
	if message != "" {
		c.add(at, "%s", message)
		return ref{}
	}
	n := c.roots[scope]
	for _, name := range names {
		n = n.extend(name)
	}
	if n.slot < 0 {
		n.slot = c.width(scope)
	}
	return ref{scope: scope, slot: n.slot, path: from}
}

// width gives the next free place of a scope.
func (c *compiler) width(scope int) int {
	width := &c.plan.width
	if scope > 0 {
		width = &c.plan.lists[scope-1].width
	}
	*width++
	return *width - 1
}

func (c *compiler) column(name string, scope int) ref {
	p := c.plan
	slot := slices.IndexFunc(p.columns, func(other string) bool { return strings.EqualFold(name, other) })
	if slot < 0 {
		slot = len(p.columns)
		p.columns, p.once = append(p.columns, name), append(p.once, false)
	}
	p.once[slot] = p.once[slot] || scope == 0
	return ref{scope: scope, slot: slot, path: name}
}

// list gives the way to the array that pointers lead to, one inside of the other, and the
// scope of its elements.
func (c *compiler) list(over []text, at string, scope int) (chain, int) {
	var way chain
	for _, each := range over {
		names, message := pointer(string(each))
		if message != "" {
			c.add(at, "%s", message)
			return way, scope
		}
		parent := c.roots[scope]
		n := parent
		for _, name := range names {
			n = n.extend(name)
		}
		if n.list < 0 {
			n.list, n.element = len(c.plan.lists), newNode()
			c.plan.lists = append(c.plan.lists, shape{parent: scope})
			c.roots = append(c.roots, n.element)
			parent.kids = append(parent.kids, n.list)
			if scope > 0 {
				c.plan.lists[scope-1].kids++
			}
		}
		way = append(way, link{n.list, slices.Index(parent.kids, n.list)})
		scope = n.list + 1
	}
	return way, scope
}

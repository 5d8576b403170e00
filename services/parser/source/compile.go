package source

import (
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
)

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
		p.fields = append(p.fields, newField(f, c.places(places, fieldAt, 0, f.as)))
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

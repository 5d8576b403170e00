package source

import (
	"slices"
	"strings"
)

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

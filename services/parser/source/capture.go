package source

import (
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/parser/strictjson"
)

// node is a step of the pointers that a mapping names, all put together as one tree: the
// scanner walks through a record once, and through the tree beside it.
type node struct {
	slot     int // where a scalar goes in the scope; -1: nowhere
	list     int // the list that an array's elements make; -1: none
	children []child
	element  *node // root of the list's elements
	kids     []int // lists inside of an element, on its node
	indexed  bool  // some child is an index of an array
}

type child struct {
	name string
	*node
}

func newNode() *node { return &node{slot: -1, list: -1} }

func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c.node
		}
	}
	return nil
}

// extend gives the node of a name, new if need be.
func (n *node) extend(name string) *node {
	if c := n.child(name); c != nil {
		return c
	}
	c := newNode()
	n.children = append(n.children, child{name, c})
	if _, err := strconv.ParseUint(name, 10, 31); err == nil {
		n.indexed = true
	}
	return c
}

// pointer splits a JSON Pointer (RFC 6901) into its names; the message tells what is wrong.
func pointer(text string) (names []string, message string) {
	if text == "" {
		return nil, ""
	}
	if text[0] != '/' {
		return nil, "a JSON Pointer begins with a slash, as in /" + text
	}
	for name := range strings.SplitSeq(text[1:], "/") {
		for i := range len(name) {
			if name[i] == '~' && (i+1 == len(name) || name[i+1] != '0' && name[i+1] != '1') {
				return nil, "a ~ in a JSON Pointer is written ~0, a slash in a name ~1"
			}
		}
		names = append(names, strings.NewReplacer("~1", "/", "~0", "~").Replace(name))
	}
	return names, ""
}

// capture reads one JSON value into the places of the tree.
func (c *captured) capture(s *strictjson.Scanner, root *node) {
	c.read(s, root, c.record)
}

// read reads a value; cells is the row of its scope.
func (c *captured) read(s *strictjson.Scanner, n *node, cells []value) {
	first := s.Peek()
	switch {
	case first == '{':
		if n.slot >= 0 {
			cells[n.slot].kind = nested
		}
		if n.list >= 0 {
			c.lists[n.list].wrong = true
		}
		if len(n.children) == 0 {
			s.Skip()
			return
		}
		c.object(s, n, cells)
	case first == '[':
		if n.slot >= 0 {
			cells[n.slot].kind = nested
		}
		switch {
		case n.list >= 0:
			c.elements(s, n)
		case n.indexed:
			c.array(s, n, cells)
		default:
			s.Skip()
		}
	case n.slot >= 0:
		cells[n.slot] = scalar(s, first)
	case n.list >= 0 && !s.Literal("null"):
		c.lists[n.list].wrong = true
		s.Skip()
	case n.list < 0:
		s.Skip()
	}
}

func (c *captured) object(s *strictjson.Scanner, n *node, cells []value) {
	s.Object()
	for {
		name, ok := s.Name()
		if !ok {
			return
		}
		if next := n.child(name); next != nil {
			c.read(s, next, cells)
		} else {
			s.Skip()
		}
	}
}

// array reads the elements that stand at indexes.
func (c *captured) array(s *strictjson.Scanner, n *node, cells []value) {
	s.Array()
	for i := 0; s.Element(); i++ {
		if next := n.child(strconv.Itoa(i)); next != nil {
			c.read(s, next, cells)
		} else {
			s.Skip()
		}
	}
}

// elements reads an array's elements as rows of its list.
func (c *captured) elements(s *strictjson.Scanner, n *node) {
	l := &c.lists[n.list]
	l.seen = true
	s.Array()
	for s.Element() {
		row := l.add()
		for _, kid := range n.element.kids {
			l.starts = append(l.starts, int32(c.lists[kid].rows))
		}
		c.read(s, n.element, l.cells[row*l.width:][:l.width])
	}
}

func scalar(s *strictjson.Scanner, first byte) value {
	switch {
	case first == '"':
		text, _ := s.String()
		return value{text, str}.trimmed()
	case strictjson.IsNumber(first):
		text, _ := s.NumberText()
		return value{text, number}
	case s.Literal("null"):
		return value{"", null}
	case s.Literal("true"):
		return value{"true", boolean}
	case s.Literal("false"):
		return value{"false", boolean}
	}
	s.Skip() // which says what is wrong
	return value{}
}

package source

import (
	"slices"
	"strings"
)

// condition is a place and the values that it must have one of.
type condition struct {
	at     ref
	values []wanted
	sameAs *ref
}

// wanted is a value that a condition names. Those that look like numbers are compared as numbers.
type wanted struct {
	text    string
	numeric bool
	amount  amount
}

func newWanted(text string) wanted {
	w := wanted{text: text, numeric: strings.HasPrefix(text, "-") || text != "" && text[0] >= '0' && text[0] <= '9'}
	if a, err := parseAmount(text); err == nil {
		w.amount = a
	} else if w.numeric {
		w.amount = amount{nanos: nanosPerUnit} // which no amount is
	}
	return w
}

// conditions makes conditions on places of a scope ready; the place that one compares with
// is of the outer scope.
func (c *compiler) conditions(of conditions, at string, scope, outer int) []condition {
	var list []condition
	for _, from := range sortedKeys(of) {
		one := condition{at: c.ref(from, at, scope)}
		for _, v := range of[from].Values {
			one.values = append(one.values, newWanted(string(v)))
		}
		if same := of[from].SameAs; same != "" {
			other := c.ref(same, at, outer)
			one.sameAs = &other
		}
		list = append(list, one)
	}
	return list
}

// meets tells whether a row meets all conditions; outer is the row that they are in.
func (r *reader) meets(all []condition, row, outer int) bool {
	for i := range all {
		c := &all[i]
		v := r.at(&c.at, row)
		if c.sameAs != nil {
			if v.text != r.at(c.sameAs, outer).text {
				return false
			}
			continue
		}
		if !slices.ContainsFunc(c.values, func(w wanted) bool { return v.isSame(w) }) {
			return false
		}
	}
	return true
}

// isSame compares a value with what a condition names; "" is none.
func (v value) isSame(w wanted) bool {
	switch {
	case v.isNone() || v.text == w.text:
		return v.text == w.text
	case w.numeric:
		a, err := parseAmount(v.text)
		return err == nil && a == w.amount
	}
	return v.kind == str && w.text != "" && strings.EqualFold(v.text, w.text)
}

// anyMet tells whether one of several sets of conditions is met.
func (r *reader) anyMet(sets [][]condition, row int) bool {
	return slices.ContainsFunc(sets, func(all []condition) bool { return r.meets(all, row, row) })
}

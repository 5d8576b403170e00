package source

import (
	"strconv"
	"strings"
)

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

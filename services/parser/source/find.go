package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// found is a value that was found at one of a field's places.
type found struct {
	value
	at   *origin
	rule rules.ID // why it is of no use, with the message
	why  string
}

// find gives the first value that there is at the places, for a row of their scope.
func (r *reader) find(places []origin, row int) (found, bool) {
	for i := range places {
		o := &places[i]
		if o.plain { // most places are, and most of them hold nothing
			if v := r.at(&o.refs[0], row); v.isNone() {
				continue
			} else if v.kind != nested {
				return found{value: v, at: o}, true
			}
		}
		f := r.look(o, row)
		if f.rule != "" || !f.isNone() {
			return f, true
		}
	}
	return found{}, false
}

// look gives what there is at one place.
func (r *reader) look(o *origin, row int) found {
	f := found{at: o}
	switch o.how {
	case howValue:
		f.value = value{o.value, str}
		return f
	case howFrom:
		f.value = r.at(&o.refs[0], row)
	case howJoin:
		f.value = r.join(o, row)
	case howSum:
		return r.sum(o, row)
	case howFormula:
		return r.formula(o, row)
	}
	if o.carry >= 0 {
		if f.isNone() {
			f.value = value{r.carried[o.carry], str}
		} else {
			r.carried[o.carry] = f.text
		}
	}
	if f.kind == nested {
		f.rule, f.why = rules.WrongType, "expected one value, not an object or an array"
		return f
	}
	if o.trimPrefix != "" && f.kind == str {
		f.text = strings.TrimPrefix(f.text, o.trimPrefix)
	}
	if slices.Contains(o.none, f.text) {
		f.value = value{}
	}
	if o.table != nil && !f.isNone() {
		to, ok := o.table[strings.ToLower(f.text)]
		switch {
		case ok:
			f.value = value{to, str}
		case o.only:
			f.value = value{}
		}
	}
	if o.then != nil && !f.isNone() {
		f.value = value{string(*o.then), str}
	}
	return f
}

// join puts the texts that there are together.
func (r *reader) join(o *origin, row int) value {
	var parts []string
	for i := range o.refs {
		if v := r.at(&o.refs[i], row); !v.isNone() {
			parts = append(parts, v.text)
		}
	}
	return value{strings.Join(parts, " "), str}
}

// sum adds up what the elements of arrays have at the first place that has something. There
// is none if the array is absent, or no element of a CSV file's rows has a value.
func (r *reader) sum(o *origin, row int) found {
	f := found{at: o}
	scope := 0
	for _, over := range o.over {
		l := &r.lists[over.list]
		if l.wrong {
			f.rule, f.why = rules.WrongType, "expected an array"
			return f
		}
		if scope == 0 && !l.seen {
			return f
		}
		scope = over.list + 1
	}
	from, end := r.span(o.over, r.scopeOf(o), row)
	var total amount
	some := !r.plan.csv
	for ; from < end; from++ {
		if !r.meets(o.where, from, row) {
			continue
		}
		if !r.meets(o.require, from, row) {
			return f // this place is none for such a record
		}
		for i := range o.refs {
			at := &o.refs[i]
			v := r.at(at, from)
			if v.isNone() {
				continue
			}
			some = true
			text, ok := o.style.number(v)
			a, err := parseAmount(text)
			if !ok {
				err = errDecimal
			}
			if err == nil {
				total, err = total.plus(a)
			}
			if err != nil {
				f.rule, f.why = rules.InvalidAmount, fmt.Sprintf("%v, at %s of one that is added up: %s", err, at.path, quoted(v.text))
				return f
			}
			break
		}
	}
	if some {
		f.value = value{total.text(), number}
	}
	return f
}

// scopeOf gives the scope that a sum's first list is in.
func (r *reader) scopeOf(o *origin) int { return r.parents[o.over[0].list] }

// formula adds and subtracts; there is none if none of its parts is.
func (r *reader) formula(o *origin, row int) found {
	f := found{at: o}
	var total amount
	some := false
	for sign, parts := range [][][]origin{o.plus, o.minus} {
		for _, part := range parts {
			each, ok := r.find(part, row)
			if each.rule != "" {
				return each
			}
			if !ok {
				continue
			}
			a, err := r.amountOf(each)
			if sign == 1 {
				a = a.negated()
			}
			if err == nil {
				total, err = total.plus(a)
			}
			if err != nil {
				each.rule, each.why = rules.InvalidAmount, err.Error()+": "+quoted(each.text)
				return each
			}
			some = true
		}
	}
	if some {
		f.value = value{total.text(), number}
	}
	return f
}

// amountOf reads a found value as an amount.
func (r *reader) amountOf(f found) (amount, error) {
	text, ok := f.numeral()
	if !ok {
		return amount{}, errDecimal
	}
	return parseAmount(text)
}

// numeral writes a found value as a number of JSON. What was added up is one already.
func (f found) numeral() (string, bool) {
	if f.at.how == howSum || f.at.how == howFormula {
		return f.text, true
	}
	if f.kind == boolean {
		return "", false
	}
	return f.at.style.number(f.value)
}

// where says where a field's value was found, or else was looked for.
func (r *reader) where(places []origin, f found, set *set, row int) string {
	if f.at != nil {
		return r.spell(f.at, set, row)
	}
	var all []string
	for i := range places {
		if text := r.spell(&places[i], set, row); text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, " or ")
}

// spell says where a place is, in the record's own words.
func (r *reader) spell(o *origin, set *set, row int) string {
	before, behind := "", ""
	switch {
	case set != nil && set.scope > 0 && r.plan.csv:
		behind = ", row " + strconv.Itoa(row+1)
	case set != nil && set.scope > 0:
		before = set.path + "/" + strconv.Itoa(row)
	}
	switch o.how {
	case howValue:
		return ""
	case howSum:
		if r.plan.csv {
			return "the sum of " + o.refs[0].path
		}
		return "the sum of " + o.refs[0].path + " over " + before + o.overPath
	case howFormula:
		var parts []string
		for _, part := range slices.Concat(o.plus, o.minus) {
			parts = append(parts, r.spell(&part[0], set, row))
		}
		return strings.Join(parts, " and ")
	}
	var paths []string
	for _, at := range o.refs {
		paths = append(paths, before+at.path+behind)
	}
	return strings.Join(paths, " and ")
}

// quoted quotes a text for a message.
func quoted(text string) string { return fmt.Sprintf("%.60q", text) }

package expect

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// check is one of the checks of a rule.
type check struct {
	kind  string
	there bool
	of    []string // kinds of columns that it judges; nil: all
}

func (e *entry) checks() []check {
	return []check{
		{"not_null", e.NotNull, nil}, {"unique", e.Unique, nil}, {"in", e.In != nil, []string{text}}, {"between", e.Between != nil, []string{number}},
		{"matches", e.Matches != "", []string{text}}, {"references", e.References != "", []string{text}}, {"at_most", e.AtMost != "", []string{number}},
		{"rows", e.Rows != nil, nil}, {"filled", e.Filled != nil, nil}, {"mean", e.Mean != nil, []string{number}}, {"sum", e.Sum != nil, []string{number}},
		{"max_age_hours", e.MaxAge != nil, []string{moment}},
	}
}

// referred are the columns that a rule of the kind references may point at, by their table.
var referred = map[string]int64{"products": 201, "customers": 301}

// rule checks an entry; the problem says what is wrong with it, and what to do.
func (e *entry) rule(position int64) (r Rule, values []Value, problem string) {
	wrong := func(format string, args ...any) (Rule, []Value, string) {
		return Rule{}, nil, fmt.Sprintf(format, args...)
	}
	columns, known := tables[e.Table]
	if !known {
		return wrong("table is %.60q; write one of %s", e.Table, named(tables))
	}
	if e.Severity == "" {
		e.Severity = "warning"
	}
	if e.Severity != "warning" && e.Severity != "error" {
		return wrong("severity is %.60q; write warning or error", e.Severity)
	}
	var found []check
	var kinds []string
	for _, c := range e.checks() {
		kinds = append(kinds, c.kind)
		if c.there {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		return wrong("has %d checks; write one of %s", len(found), strings.Join(kinds, ", "))
	}
	c := found[0]
	r = Rule{Position: position, Kind: c.kind, Severity: e.Severity, Table: e.Table, Column: e.Column, Low: new(big.Rat), High: new(big.Rat)}
	switch {
	case c.kind == "max_age_hours" && e.Column == "":
		r.Column, r.Place = newest[e.Table].column, newest[e.Table].place
	case c.kind == "rows":
		if e.Column != "" {
			return wrong("rows are of a table; leave column out")
		}
		for name, first := range columns {
			if first.place%100 == 1 {
				r.Column, r.Place = name, first.place
			}
		}
	default:
		at, known := columns[e.Column]
		if !known {
			return wrong("%s has no column %.60q; write one of %s", e.Table, e.Column, named(columns))
		}
		if c.of != nil && at.kind != c.of[0] {
			return wrong("%s judges a %s, and %s.%s is none; choose another check", c.kind, c.of[0], e.Table, e.Column)
		}
		r.Place = at.place
	}
	if problem = e.fill(&r, &values, columns); problem != "" {
		return Rule{}, nil, problem
	}
	return r, values, ""
}

// fill takes over what a check is written with.
func (e *entry) fill(r *Rule, values *[]Value, columns map[string]column) (problem string) {
	switch r.Kind {
	case "not_null":
		r.Expectation = "not null"
	case "unique":
		r.Expectation = "unique"
	case "in":
		if len(e.In) == 0 || len(e.In) > maxValues {
			return fmt.Sprintf("in has %d values; write 1 to %d", len(e.In), maxValues)
		}
		for _, word := range e.In {
			*values = append(*values, Value{r.Position, word})
		}
		r.Expectation = "one of " + strings.Join(e.In, ", ")
	case "matches":
		if len(e.Matches) > maxPattern {
			return fmt.Sprintf("matches has %d characters, %d at most", len(e.Matches), maxPattern)
		}
		if _, err := regexp.Compile(e.Matches); err != nil {
			return fmt.Sprintf("matches is no regular expression (RE2): %v", err)
		}
		r.Pattern, r.Expectation = e.Matches, "matches "+e.Matches
	case "references":
		place, known := referred[e.References]
		if !known {
			return fmt.Sprintf("references is %.60q; write one of %s", e.References, named(referred))
		}
		r.OtherPlace, r.Expectation = place, "is in "+e.References
	case "at_most":
		limit, known := columns[e.AtMost]
		if !known || limit.kind != number {
			return fmt.Sprintf("%s has no number %.60q to compare with", e.Table, e.AtMost)
		}
		r.OtherPlace, r.Expectation = limit.place, "at most "+e.AtMost
	case "max_age_hours":
		return e.fillAge(r)
	default:
		of := map[string]*bounds{"between": e.Between, "rows": e.Rows, "filled": e.Filled, "mean": e.Mean, "sum": e.Sum}[r.Kind]
		return of.fill(r)
	}
	r.Expectation = shortened(r.Expectation)
	return ""
}

// maxOrderAge bounds the age of what is of one day: nothing of a day is older at its end.
var maxOrderAge = big.NewRat(24, 1)

func (e *entry) fillAge(r *Rule) (problem string) {
	switch d := e.MaxAge; {
	case d.rat == nil:
		return noNumber(d)
	case d.rat.Sign() <= 0:
		return fmt.Sprintf("max_age_hours is %s; write more than 0", d.text)
	case (e.Table == "orders" || e.Table == "lines") && d.rat.Cmp(maxOrderAge) > 0:
		return fmt.Sprintf("max_age_hours is %s, but %s are those of one day; write 24 at most", d.text, e.Table)
	}
	r.HasHigh, r.High, r.Expectation = true, e.MaxAge.rat, "newest at most "+e.MaxAge.text+" hours old"
	return ""
}

func noNumber(d *decimal) string {
	return fmt.Sprintf("%.40q is no number such as 12 or 0.95, with 20 digits and 9 decimals at most", d.text)
}

func (b *bounds) fill(r *Rule) (problem string) {
	var said []string
	for _, d := range []*decimal{b.Min, b.Max} {
		if d != nil && d.rat == nil {
			return noNumber(d)
		}
	}
	if b.Min != nil {
		r.HasLow, r.Low, said = true, b.Min.rat, append(said, "at least "+b.Min.text)
	}
	if b.Max != nil {
		r.HasHigh, r.High, said = true, b.Max.rat, append(said, "at most "+b.Max.text)
	}
	if len(said) == 0 {
		return r.Kind + " has no bound; write min, max or both"
	}
	if r.HasLow && r.HasHigh && r.Low.Cmp(r.High) > 0 {
		return fmt.Sprintf("min, %s, is above max, %s", b.Min.text, b.Max.text)
	}
	r.Expectation = strings.Join(said, ", ")
	return ""
}

// shortened is a text that a report has room for.
func shortened(said string) string {
	if runes := []rune(said); len(runes) > 200 {
		return string(runes[:199]) + "…"
	}
	return said
}

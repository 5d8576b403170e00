package dialect

import (
	"fmt"
	"strings"
)

// clauses takes WHERE to WINDOW.
func (p *parser) clauses(items []selectItem) string {
	var b strings.Builder
	if p.accept("WHERE") {
		b.WriteString(" WHERE " + p.expr().sql)
	}
	if p.accept("GROUP", "BY") {
		b.WriteString(" GROUP BY " + p.groupItems(items))
	}
	if p.accept("HAVING") {
		b.WriteString(" HAVING " + p.expr().sql)
	}
	qualify := ""
	if p.accept("QUALIFY") {
		qualify = " QUALIFY " + p.expr().sql
	}
	if p.accept("WINDOW") {
		var list []string
		for p.err == nil {
			name := p.name()
			p.expect("AS")
			list = append(list, quote(name)+" AS "+p.windowSpec())
			if !p.accept(",") {
				break
			}
		}
		b.WriteString(" WINDOW " + strings.Join(list, ", "))
	}
	b.WriteString(qualify)
	return b.String()
}

func (p *parser) groupItems(items []selectItem) string {
	if p.accept("ALL") {
		return "ALL"
	}
	for _, word := range []string{"ROLLUP", "CUBE"} {
		if p.accept(word) {
			p.expect("(")
			list := p.groupList(items)
			p.expect(")")
			return word + " (" + list + ")"
		}
	}
	if p.is("GROUPING") {
		p.refuse(p.cur().Pos, "GROUPING SETS")
	}
	return p.groupList(items)
}

func (p *parser) groupList(items []selectItem) string {
	var list []string
	for p.err == nil {
		list = append(list, p.itemReference(p.expr(), items))
		if !p.accept(",") {
			break
		}
	}
	return strings.Join(list, ", ")
}

// itemReference resolves ordinals and aliases of the select list: an alias
// hides a column in BigQuery's GROUP BY, the column the alias in DuckDB's.
func (p *parser) itemReference(e expr, items []selectItem) string {
	if e.integer != "" {
		return e.integer
	}
	if len(e.path) != 1 {
		return e.sql
	}
	for _, item := range items {
		if item.explicit && strings.EqualFold(item.alias, e.path[0]) {
			if item.position > 0 {
				return fmt.Sprint(item.position)
			}
			return p.made(expr{sql: item.sql}).sql
		}
	}
	return e.sql
}

// orderItems takes the list of ORDER BY. BigQuery holds NULL to be the least
// value, DuckDB puts it last whatever the direction.
func (p *parser) orderItems(items []selectItem) string {
	var list []string
	for p.err == nil {
		e := p.expr()
		sql := e.sql
		if items != nil || e.integer != "" {
			sql = p.itemReference(e, items)
		}
		direction, nulls := " ASC", " NULLS FIRST"
		if p.accept("DESC") {
			direction, nulls = " DESC", " NULLS LAST"
		} else {
			p.accept("ASC")
		}
		if p.accept("NULLS", "FIRST") {
			nulls = " NULLS FIRST"
		} else if p.accept("NULLS", "LAST") {
			nulls = " NULLS LAST"
		}
		list = append(list, sql+direction+nulls)
		if !p.accept(",") {
			break
		}
	}
	return strings.Join(list, ", ")
}

// windowSpec takes a window's name or definition.
func (p *parser) windowSpec() string {
	if !p.is("(") {
		return quote(p.name())
	}
	p.expect("(")
	var b strings.Builder
	b.WriteByte('(')
	if isName(p.cur()) && !p.is("PARTITION") {
		b.WriteString(quote(p.name()) + " ")
	}
	if p.accept("PARTITION", "BY") {
		b.WriteString("PARTITION BY " + p.expr().sql)
		for p.accept(",") {
			b.WriteString(", " + p.expr().sql)
		}
	}
	if p.accept("ORDER", "BY") {
		b.WriteString(" ORDER BY " + p.orderItems(nil))
	}
	for _, unit := range []string{"ROWS", "RANGE"} {
		if !p.accept(unit) {
			continue
		}
		b.WriteString(" " + unit + " ")
		if p.accept("BETWEEN") {
			b.WriteString("BETWEEN " + p.frameBound())
			p.expect("AND")
			b.WriteString(" AND ")
		}
		b.WriteString(p.frameBound())
	}
	p.expect(")")
	b.WriteByte(')')
	return b.String()
}

func (p *parser) frameBound() string {
	switch {
	case p.accept("CURRENT", "ROW"):
		return "CURRENT ROW"
	case p.accept("UNBOUNDED", "PRECEDING"):
		return "UNBOUNDED PRECEDING"
	case p.accept("UNBOUNDED", "FOLLOWING"):
		return "UNBOUNDED FOLLOWING"
	}
	bound := p.expr().sql
	if p.accept("PRECEDING") {
		return bound + " PRECEDING"
	}
	p.expect("FOLLOWING")
	return bound + " FOLLOWING"
}

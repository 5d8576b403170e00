package dialect

import (
	"fmt"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// query takes [WITH ...] select {UNION ... select} [ORDER BY] [LIMIT].
func (p *parser) query() string {
	p.enter()
	defer p.leave()
	ctes := len(p.ctes)
	defer func() { p.ctes = p.ctes[:ctes] }()
	var b strings.Builder
	if p.accept("WITH") {
		if p.is("RECURSIVE") {
			p.refuse(p.cur().Pos, "WITH RECURSIVE")
		}
		b.WriteString("WITH ")
		for p.err == nil {
			name := p.name()
			p.expect("AS")
			p.expect("(")
			fmt.Fprintf(&b, "%s AS (%s)", quote(name), p.query())
			p.expect(")")
			p.ctes = append(p.ctes, name)
			if !p.accept(",") {
				break
			}
			b.WriteString(", ")
		}
		b.WriteByte(' ')
	}
	defer p.order(nil)()
	items := p.setOperation(&b)
	if p.accept("ORDER", "BY") {
		restore := p.order(items)
		b.WriteString(" ORDER BY " + p.orderItems(items))
		restore()
	}
	if p.accept("LIMIT") {
		b.WriteString(" LIMIT " + p.count())
		if p.accept("OFFSET") {
			b.WriteString(" OFFSET " + p.count())
		}
	}
	return b.String()
}

// order has names stand for items of a select list, or for none, until the function
// that it returns is called.
func (p *parser) order(items []selectItem) (restore func()) {
	outer := p.ordering
	p.ordering = items
	return func() { p.ordering = outer }
}

// ordered is the item of the select list that a name stands for in ORDER BY, where
// it hides a column; DuckDB looks for a column first, and does not look for the
// item at all beside a GROUP BY. What gives another value when it is computed
// again cannot be written twice.
func (p *parser) ordered(name string) (sql string, ok bool) {
	for _, item := range p.ordering {
		if !item.star && strings.EqualFold(item.alias, name) {
			again := !strings.Contains(item.sql, "random()") && !strings.Contains(item.sql, "uuid()")
			return item.sql, again
		}
	}
	return "", false
}

// count takes the whole number of LIMIT and OFFSET.
func (p *parser) count() string {
	t := p.cur()
	if t.Kind != lexer.Integer && t.Kind != lexer.Parameter {
		p.unexpected()
	}
	return p.primary().sql
}

// setOperation writes selects joined by set operators and returns the select
// list of a lone one.
func (p *parser) setOperation(b *strings.Builder) []selectItem {
	items := p.operand(b)
	operator := ""
	for p.err == nil {
		t := p.cur()
		op := ""
		switch {
		case p.accept("UNION", "ALL"):
			op = "UNION ALL"
		case p.accept("UNION", "DISTINCT"):
			op = "UNION"
		case p.accept("INTERSECT", "DISTINCT"):
			op = "INTERSECT"
		case p.accept("EXCEPT", "DISTINCT"):
			op = "EXCEPT"
		default:
			return items
		}
		if operator != "" && op != operator {
			p.fail(t.Pos, "Syntax error: Different set operations cannot be used in the same query without using parentheses for grouping")
		}
		operator, items = op, nil
		b.WriteString(" " + op + " ")
		p.operand(b)
	}
	return items
}

func (p *parser) operand(b *strings.Builder) []selectItem {
	if p.accept("(") {
		b.WriteString("(" + p.query() + ")")
		p.expect(")")
		return nil
	}
	sql, items := p.selectQuery()
	b.WriteString(sql)
	return items
}

// selectItem is an entry of a select list; position is 0 when a star before it
// makes the position unknown.
type selectItem struct {
	alias    string
	explicit bool
	position int
	sql      string
	star     bool
}

// selectQuery takes one SELECT; that of a struct is written as one column.
func (p *parser) selectQuery() (string, []selectItem) {
	p.expect("SELECT")
	distinct := ""
	if p.accept("DISTINCT") {
		distinct = "DISTINCT "
	} else {
		p.accept("ALL")
	}
	asStruct := p.accept("AS", "STRUCT")
	if p.is("AS", "VALUE") {
		p.refuse(p.cur().Pos, "SELECT AS VALUE")
	}
	// The FROM clause comes after the list but defines names that the list
	// uses, so it is translated first.
	start := p.at
	outer := len(p.aliases)
	from := ""
	if p.skipToFrom() {
		from = " FROM " + p.from()
	}
	end := p.at
	defer func() { p.aliases = p.aliases[:outer] }()
	if p.err != nil {
		return "", nil
	}
	p.at = start
	items := p.selectList()
	if from != "" {
		p.expect("FROM")
		if p.err == nil {
			p.at = end
		}
	}
	rest := p.clauses(items)
	return "SELECT " + distinct + listSQL(p, items, asStruct) + from + rest, items
}

func listSQL(p *parser, items []selectItem, asStruct bool) string {
	list := make([]string, len(items))
	for i, item := range items {
		switch {
		case asStruct && item.star:
			p.refuse(p.cur().Pos, "SELECT AS STRUCT *")
		case asStruct:
			list[i] = literal(item.alias) + ": " + item.sql
		case item.star:
			list[i] = item.sql
		default:
			list[i] = item.sql + " AS " + quote(item.alias)
		}
	}
	if asStruct {
		return "{" + strings.Join(list, ", ") + "} AS \"f0_\""
	}
	return strings.Join(list, ", ")
}

// skipToFrom moves past the select list, behind the FROM of this SELECT; false
// when it has none, leaving the position alone.
func (p *parser) skipToFrom() bool {
	start, depth := p.at, 0
	for ; ; p.at++ {
		t := p.cur()
		switch {
		case t.Kind == lexer.EOF:
			p.at = start
			return false
		case t.Kind == lexer.Operator && strings.Contains("([", t.Text):
			depth++
		case t.Kind == lexer.Operator && strings.Contains(")]", t.Text):
			depth--
		case t.Kind == lexer.Operator && t.Text == ";":
			depth = -1
		case depth == 0 && t.Upper == "FROM" && !(p.at > 0 && p.tokens[p.at-1].Upper == "DISTINCT" && p.at > 1 && isDistinctFrom(p.tokens[p.at-2])):
			p.at++
			return true
		case depth == 0 && (t.Upper == "UNION" || t.Upper == "INTERSECT" || t.Upper == "WHERE" || t.Upper == "LIMIT"):
			depth = -1
		}
		if depth < 0 {
			p.at = start
			return false
		}
	}
}

// isDistinctFrom recognises the IS or NOT before DISTINCT FROM.
func isDistinctFrom(t lexer.Token) bool { return t.Upper == "IS" || t.Upper == "NOT" }

func (p *parser) selectList() []selectItem {
	var items []selectItem
	starred := false
	anonymous := 0
	for p.err == nil {
		item, ok := p.starItem()
		if ok {
			starred = true
		} else {
			e := p.expr()
			item = selectItem{sql: e.value(), alias: e.name}
			if e.interval != nil {
				p.refuse(e.pos, "a bare INTERVAL")
			}
			if alias := p.alias(); alias != "" {
				item.alias, item.explicit = alias, true
			}
			if item.alias == "" {
				item.alias = fmt.Sprintf("f%d_", anonymous)
				anonymous++
			}
		}
		if !starred {
			item.position = len(items) + 1
		}
		items = append(items, item)
		if !p.accept(",") || p.is("FROM") || p.is(")") {
			break
		}
	}
	return items
}

// starItem takes * or name.*, with EXCEPT and REPLACE.
func (p *parser) starItem() (selectItem, bool) {
	item := selectItem{star: true, sql: "*"}
	switch {
	case p.accept("*"):
	case isName(p.cur()) && p.ahead(1).Text == "." && p.ahead(2).Kind == lexer.Operator && p.ahead(2).Text == "*":
		name := p.advance().Text
		p.advance()
		p.advance()
		if p.elements[strings.ToLower(name)] {
			if p.is("EXCEPT", "(") || p.is("REPLACE") {
				p.refuse(p.cur().Pos, "EXCEPT or REPLACE on the fields of an array's element")
			}
			item.sql = fmt.Sprintf("unnest(%s)", quote(name))
			return item, true
		}
		item.sql = quote(name) + ".*"
	default:
		return item, false
	}
	if p.is("EXCEPT", "(") {
		p.advance()
		item.sql += " EXCLUDE (" + quoteAll(p.names()) + ")"
	}
	if p.accept("REPLACE") {
		var list []string
		p.expect("(")
		for p.err == nil {
			e := p.expr()
			p.expect("AS")
			list = append(list, e.value()+" AS "+quote(p.name()))
			if !p.accept(",") {
				break
			}
		}
		p.expect(")")
		item.sql += " REPLACE (" + strings.Join(list, ", ") + ")"
	}
	return item, true
}

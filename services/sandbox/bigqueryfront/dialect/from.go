package dialect

import (
	"fmt"
	"slices"
	"strings"
)

// from takes the tables and joins behind FROM. BigQuery reads commas and joins
// from left to right, DuckDB binds joins first: a comma is written CROSS JOIN.
func (p *parser) from() string {
	p.enter()
	defer p.leave()
	base := len(p.aliases)
	var b strings.Builder
	b.WriteString(p.fromItem(base))
	for p.err == nil {
		kind := ""
		switch {
		case p.accept(","), p.accept("CROSS", "JOIN"):
			b.WriteString(" CROSS JOIN " + p.fromItem(base))
			continue
		case p.accept("JOIN"), p.accept("INNER", "JOIN"):
			kind = "JOIN"
		case p.accept("LEFT", "OUTER", "JOIN"), p.accept("LEFT", "JOIN"):
			kind = "LEFT JOIN"
		case p.accept("RIGHT", "OUTER", "JOIN"), p.accept("RIGHT", "JOIN"):
			kind = "RIGHT JOIN"
		case p.accept("FULL", "OUTER", "JOIN"), p.accept("FULL", "JOIN"):
			kind = "FULL JOIN"
		default:
			return b.String()
		}
		if p.startsUnnest(base) && (kind == "LEFT JOIN" || kind == "JOIN") {
			item, constant := p.unnest(kind == "LEFT JOIN")
			if !constant {
				b.WriteString(" CROSS JOIN " + item)
				if p.accept("ON") && !p.accept("TRUE") {
					p.refuse(p.cur().Pos, "a join with the array of a row under a condition")
				}
				continue
			}
			b.WriteString(" " + kind + " " + item)
		} else {
			b.WriteString(" " + kind + " " + p.fromItem(base))
		}
		switch {
		case p.accept("ON"):
			b.WriteString(" ON " + p.joinCondition(kind))
		case p.accept("USING"):
			b.WriteString(" USING (" + quoteAll(p.names()) + ")")
		default:
			p.expect("ON")
		}
	}
	return b.String()
}

// startsUnnest reports whether an array comes next: UNNEST(...), or a path that
// begins with an alias of this FROM clause.
func (p *parser) startsUnnest(base int) bool {
	if p.is("UNNEST") {
		return true
	}
	return isName(p.cur()) && p.ahead(1).Text == "." && contains(p.aliases[min(base, len(p.aliases)):], p.cur().Text)
}

func (p *parser) fromItem(base int) string {
	t := p.cur()
	if p.startsUnnest(base) {
		item, _ := p.unnest(false)
		return item
	}
	if p.accept("(") {
		if p.is("SELECT") || p.is("WITH") || p.is("(") && p.startsQuery() {
			q := p.query()
			p.expect(")")
			return "(" + q + ")" + p.tableAlias("")
		}
		join := p.from()
		p.expect(")")
		return "(" + join + ")"
	}
	parts := p.path()
	if p.err != nil {
		return ""
	}
	name := parts[len(parts)-1]
	if p.is("(") {
		p.tableFunction(parts, t.Pos)
	}
	if len(parts) == 1 && contains(p.ctes, name) {
		return quote(name) + p.tableAlias(name)
	}
	if sql, ok := p.informationSchema(parts, t.Pos); ok {
		return sql + p.tableAlias(name)
	}
	return p.existing(parts, t.Pos).SQL() + p.tableAlias(name)
}

// tableFunction refuses a function that gives a table: there is none here. Of the one that the product may be told to
// call it says what to do.
func (p *parser) tableFunction(path []string, pos int) {
	name := strings.Join(path, ".")
	if strings.EqualFold(name, "AI.FORECAST") {
		p.fail(pos, "AI.FORECAST runs on BigQuery only: set FORECAST_MODEL=ets")
		return
	}
	p.refuse(pos, "table function "+name)
}

// tableAlias takes an optional alias and notes the name that rows go by.
func (p *parser) tableAlias(name string) string {
	if p.is("FOR") || p.is("TABLESAMPLE") || p.is("PIVOT", "(") || p.is("UNPIVOT", "(") {
		p.refuse(p.cur().Pos, p.cur().Upper+" behind a table")
	}
	alias := p.alias()
	if alias == "" && name == "" {
		return " AS " + quote(p.fresh())
	}
	if alias == "" {
		alias = name
	}
	p.aliases = append(p.aliases, alias)
	delete(p.elements, strings.ToLower(alias))
	return " AS " + quote(alias)
}

// unnest takes an array in FROM; constant says that it is the same for all rows.
// An outer one of a row yields a row of NULL when empty.
//
// The array's fields become columns when it is known to hold structs; else the
// element is one column of the alias's name. The forms are chosen by what
// DuckDB runs fast: its UNNEST with ordinality and its LEFT JOIN UNNEST are 30
// and 80 times slower than unnest() in a lateral select list.
func (p *parser) unnest(outer bool) (item string, constant bool) {
	var array expr
	implicit := ""
	if p.accept("UNNEST") {
		p.expect("(")
		array = p.expr()
		p.expect(")")
	} else {
		array = p.column()
		implicit = array.name
	}
	alias := p.alias()
	if alias == "" {
		alias = implicit
	}
	named := alias != ""
	if !named {
		alias = p.fresh()
	}
	offset := ""
	if p.accept("WITH", "OFFSET") {
		if offset = p.alias(); offset == "" {
			offset = "offset"
		}
	}
	source := array.sql
	constant = array.array
	outer = outer && !constant
	if outer {
		source = fmt.Sprintf("CASE WHEN len(%s) > 0 THEN %s ELSE [NULL] END", source, source)
	}
	p.aliases = append(p.aliases, alias)
	position := ""
	if offset != "" {
		position = fmt.Sprintf(", generate_subscripts(%s, 1) - 1 AS %s", source, quote(offset))
		if outer {
			position = fmt.Sprintf(", unnest(CASE WHEN len(%s) > 0 THEN range(len(%s)) ELSE [NULL] END) AS %s", array.sql, array.sql, quote(offset))
		}
	}
	if array.structs {
		if offset != "" {
			return fmt.Sprintf("(SELECT unnest(%s)%s FROM (SELECT unnest(%s) AS %s%s)) AS %s",
				quote("$e"), ", "+quote(offset), source, quote("$e"), position, quote(alias)), constant
		}
		return fmt.Sprintf("(SELECT unnest(%s, max_depth := 2)) AS %s", source, quote(alias)), constant
	}
	p.elements[strings.ToLower(alias)] = true
	column := alias
	if !named {
		column = "f0_"
	}
	if offset == "" && !outer {
		return fmt.Sprintf("UNNEST(%s) AS %s(%s)", source, quote(alias), quote(column)), constant
	}
	return fmt.Sprintf("(SELECT unnest(%s) AS %s%s) AS %s", source, quote(column), position, quote(alias)), constant
}

// joinCondition takes what follows ON. DuckDB compares every pair of rows when
// the condition of an outer join speaks of its left side alone; where there is
// an equality with the right side, such a part moves into it: an operand that
// is NULL equals nothing.
func (p *parser) joinCondition(kind string) string {
	right := strings.ToLower(p.lastAlias())
	if kind != "LEFT JOIN" || right == "" {
		return p.expr().sql
	}
	var all, parts []expr
	var guards []string
	equality := -1
	for p.err == nil {
		from := len(p.mentions)
		e := p.not()
		all = append(all, e)
		mentions := p.mentions[from:]
		s := e.sides
		switch {
		case s != nil && equality < 0 && onlyRight(s.leftMentions, right) && onlyLeft(s.rightMentions, right):
			s.left, s.right = s.right, s.left
			fallthrough
		case s != nil && equality < 0 && onlyLeft(s.leftMentions, right) && onlyRight(s.rightMentions, right):
			equality = len(parts)
			parts = append(parts, e)
		case onlyLeft(mentions, right):
			guards = append(guards, e.sql)
		default:
			parts = append(parts, e)
		}
		if !p.accept("AND") {
			break
		}
	}
	if p.is("OR") || equality < 0 || len(guards) == 0 {
		// Nothing to move: it stays as it stands.
		return p.disjunction(p.joined(all, " AND ")).sql
	}
	s := parts[equality].sides
	parts[equality] = plain("((CASE WHEN %s THEN %s END) = %s)", strings.Join(guards, " AND "), s.left, s.right)
	return p.joined(parts, " AND ").sql
}

func (p *parser) lastAlias() string {
	if len(p.aliases) == 0 {
		return ""
	}
	return p.aliases[len(p.aliases)-1]
}

// onlyLeft reports whether tables are mentioned, by name, and the right is not.
func onlyLeft(mentions []string, right string) bool {
	return len(mentions) > 0 && !slices.Contains(mentions, right) && !slices.Contains(mentions, unqualified)
}

func onlyRight(mentions []string, right string) bool {
	return len(mentions) > 0 && !slices.ContainsFunc(mentions, func(m string) bool { return m != right })
}

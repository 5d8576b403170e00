package dialect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// expr is a translated expression. sql is self-contained: it never needs
// parentheses around it.
type expr struct {
	sql string
	pos int
	// name is the column name that a select list would give it.
	name string
	// path is set for a plain dotted name.
	path []string
	// float and integer hold the text of a bare number, text a bare string:
	// their types depend on what stands beside them. numeric is the number with a
	// point as a NUMERIC, "" where that cannot hold it.
	float, integer, numeric string
	text                    *string
	// elements are the members of a literal array; structs says that they are
	// structs.
	array    bool
	elements []string
	structs  bool
	// interval is set for INTERVAL n unit.
	interval *interval
	// sides is set for a comparison by =.
	sides *sides
}

// sides are the operands of = and the tables that each mentions.
type sides struct {
	left, right                 string
	leftMentions, rightMentions []string
}

type interval struct {
	count expr
	unit  string
}

// What the translation of a script may cost. Some forms repeat an operand, so
// that a short statement which nests them would outgrow any memory: maxText
// bounds the text of one expression, maxWritten that of all, parts and wholes.
const (
	maxText    = 16 << 20
	maxWritten = 128 << 20
)

// made accounts for an expression. Everything that an operand can become part of
// is made before it becomes part of anything else.
func (p *parser) made(e expr) expr {
	p.written += len(e.sql)
	if len(e.sql) > maxText || p.written > maxWritten {
		p.exhausted("the translation of the query is too large")
		return expr{pos: e.pos}
	}
	return e
}

func plain(format string, args ...any) expr { return expr{sql: fmt.Sprintf(format, args...)} }

// value is the expression where its type is its own.
func (e expr) value() string {
	if e.float != "" {
		return "CAST(" + e.float + " AS DOUBLE)"
	}
	return e.sql
}

// typed is the value with the type of a bare string settled, for a function of
// overloads.
func (e expr) typed() string {
	if e.text != nil {
		return "CAST(" + e.sql + " AS VARCHAR)"
	}
	return e.value()
}

func literal(s string) string { return engine.QuoteString(s) }

func (p *parser) expr() expr {
	p.enter()
	defer p.leave()
	return p.disjunction(p.and())
}

// disjunction takes what OR adds to an operand.
func (p *parser) disjunction(first expr) expr {
	list := []expr{first}
	for p.accept("OR") {
		list = append(list, p.and())
	}
	return p.joined(list, " OR ")
}

func (p *parser) and() expr {
	list := []expr{p.not()}
	for p.accept("AND") {
		list = append(list, p.not())
	}
	return p.joined(list, " AND ")
}

// joined writes operands side by side, for a statement may hold a hundred thousand.
func (p *parser) joined(list []expr, operator string) expr {
	if len(list) == 1 {
		return list[0]
	}
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = e.sql
	}
	return p.made(plain("(%s)", strings.Join(texts, operator)))
}

func (p *parser) not() expr {
	if p.accept("NOT") {
		p.enter()
		defer p.leave()
		return p.made(plain("(NOT %s)", p.not().sql))
	}
	return p.comparison()
}

var comparisons = map[string]string{"=": "=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "<>": "<>", "!=": "<>"}

// comparison takes at most one of the operators of its level: none of them
// associates, so that a second one is left for the caller to refuse.
func (p *parser) comparison() expr {
	start := len(p.mentions)
	left := p.bitwise(0)
	t := p.cur()
	if op, ok := comparisons[t.Text]; ok && t.Kind == lexer.Operator {
		p.advance()
		middle := len(p.mentions)
		right := p.bitwise(0)
		e := plain("(%s %s %s)", left.sql, op, right.sql)
		if op == "=" {
			e.sides = &sides{left.sql, right.sql, p.mentions[start:middle:middle], slices.Clone(p.mentions[middle:])}
		}
		return p.made(e)
	}
	negated := p.is("NOT") && (p.ahead(1).Upper == "IN" || p.ahead(1).Upper == "LIKE" || p.ahead(1).Upper == "BETWEEN")
	if negated {
		p.advance()
	}
	e, ok := p.predicate(left)
	if !ok {
		return left
	}
	if negated {
		e = plain("(NOT %s)", e.sql)
	}
	return p.made(e)
}

func (p *parser) predicate(left expr) (expr, bool) {
	switch {
	case p.accept("BETWEEN"):
		low := p.bitwise(0)
		p.expect("AND")
		return plain("(%s BETWEEN %s AND %s)", left.sql, low.sql, p.bitwise(0).sql), true
	case p.accept("LIKE"):
		if p.is("ANY") || p.is("SOME") || p.is("ALL") {
			p.refuse(p.cur().Pos, "quantified LIKE")
		}
		return plain(`(%s LIKE %s ESCAPE '\')`, left.sql, p.bitwise(0).sql), true
	case p.accept("IN"):
		return p.in(left), true
	case p.accept("IS"):
		not := ""
		if p.accept("NOT") {
			not = "NOT "
		}
		for _, word := range []string{"NULL", "TRUE", "FALSE"} {
			if p.accept(word) {
				return plain("(%s IS %s%s)", left.sql, not, word), true
			}
		}
		p.expect("DISTINCT", "FROM")
		return plain("(%s IS %sDISTINCT FROM %s)", left.sql, not, p.bitwise(0).sql), true
	}
	return left, false
}

// in takes what follows IN. A literal array becomes a list, because DuckDB
// skips blocks of a table by the bounds of a list.
func (p *parser) in(left expr) expr {
	if p.accept("UNNEST") {
		p.expect("(")
		array := p.expr()
		p.expect(")")
		if !array.array {
			return plain("(CASE WHEN %s IS NOT NULL THEN coalesce(list_contains(%s, %s), false) END)", left.sql, array.sql, left.sql)
		}
		if len(array.elements) == 0 {
			return plain("false")
		}
		return plain("(%s IN (%s))", left.sql, strings.Join(array.elements, ", "))
	}
	p.expect("(")
	if p.is("SELECT") || p.is("WITH") {
		q := p.query()
		p.expect(")")
		return plain("(%s IN (%s))", left.sql, q)
	}
	list := []string{p.expr().sql}
	for p.accept(",") {
		list = append(list, p.expr().sql)
	}
	p.expect(")")
	return plain("(%s IN (%s))", left.sql, strings.Join(list, ", "))
}

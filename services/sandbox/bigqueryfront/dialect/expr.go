package dialect

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
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
	if op, ok := comparisons[t.text]; ok && t.kind == tokOp {
		p.advance()
		middle := len(p.mentions)
		right := p.bitwise(0)
		e := plain("(%s %s %s)", left.sql, op, right.sql)
		if op == "=" {
			e.sides = &sides{left.sql, right.sql, p.mentions[start:middle:middle], slices.Clone(p.mentions[middle:])}
		}
		return p.made(e)
	}
	negated := p.is("NOT") && (p.ahead(1).upper == "IN" || p.ahead(1).upper == "LIKE" || p.ahead(1).upper == "BETWEEN")
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
			p.refuse(p.cur().pos, "quantified LIKE")
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

// levels are the left-associative operators of numbers and strings, loosest
// first.
var levels = [][]string{{"|"}, {"^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "||"}}

func (p *parser) bitwise(level int) expr {
	if level == len(levels) {
		return p.unary()
	}
	left := p.bitwise(level + 1)
	for p.err == nil {
		op := ""
		for _, o := range levels[level] {
			if p.is(o) {
				op = o
			}
		}
		if op == "" {
			return left
		}
		p.advance()
		left = p.made(p.operate(op, left, p.bitwise(level+1)))
	}
	return left
}

// besides writes two operands; a number with a point takes the type of what
// stands beside it.
func besides(a, b expr) (x, y string) {
	x, y = a.value(), b.value()
	switch {
	case a.float != "" && b.float == "" && b.integer == "":
		x = a.adapted(y)
	case b.float != "" && a.float == "" && a.integer == "":
		y = b.adapted(x)
	}
	return x, y
}

// adapted writes a number with a point beside x. One that NUMERIC cannot hold is
// FLOAT64 beside anything.
func (e expr) adapted(x string) string {
	if e.numeric == "" {
		return e.value()
	}
	return fmt.Sprintf("bq_lit(%s, %s, CAST('%s' AS DECIMAL(38,9)))", x, e.value(), e.numeric)
}

// supertype writes alternatives, of which a number with a point takes the type of
// the others: DuckDB would make a decimal of its own of it and an INT64. One of the
// numbers tells the type for all.
func supertype(list []expr) []string {
	texts := make([]string, len(list))
	first, beside := -1, ""
	for i, e := range list {
		texts[i] = e.sql
		switch {
		case e.float != "":
			if first < 0 {
				first = i
			}
		case e.integer == "" && e.sql != "NULL" && !strings.HasPrefix(e.sql, "error(") && beside == "":
			beside = e.sql
		}
	}
	switch {
	case first >= 0 && beside == "":
		texts[first] = list[first].value()
	case first >= 0:
		// Only the type matters: what stands beside may be NULL, or fail.
		texts[first] = list[first].adapted("CASE WHEN true THEN 0 ELSE " + beside + " END")
	}
	return texts
}

// maxExponent bounds the exponents that are written out, maxLiteral the length of
// the numbers that are read: what is beyond is FLOAT64.
const (
	maxExponent = 100
	maxLiteral  = 200
)

// numericText reads a number with a point or an exponent as NUMERIC does, rounding
// half away from zero; "" if it is none.
func numericText(text string) string {
	if len(text) > maxLiteral {
		return ""
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(text), "e"); ok {
		if n, err := strconv.Atoi(exponent); err != nil || max(n, -n) > maxExponent {
			return ""
		}
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return ""
	}
	if digits := r.FloatString(9); len(digits) <= len("99999999999999999999999999999.999999999") {
		return digits
	}
	return ""
}

func (p *parser) operate(op string, a, b expr) expr {
	if a.interval != nil || b.interval != nil {
		return p.shift(op, a, b)
	}
	x, y := besides(a, b)
	switch op {
	case "/":
		return plain("bq_div(%s, %s)", x, y)
	case "*":
		return plain("bq_mul(%s, %s)", x, y)
	case "+", "-":
		// DATE + n needs DuckDB's own literal, which takes any integer type.
		if b.integer != "" && a.integer == "" && a.float == "" {
			y = b.integer
		}
		if a.integer != "" && b.integer == "" && b.float == "" {
			x = a.integer
		}
	case "^":
		return plain("xor(%s, %s)", x, y)
	case "<<":
		return plain("bq_shl(%s, %s)", x, y)
	case ">>":
		return plain("bq_shr(%s, %s)", x, y)
	}
	return plain("(%s %s %s)", x, op, y)
}

func (p *parser) unary() expr {
	pos := p.cur().pos
	switch {
	case p.accept("-"):
		p.enter()
		defer p.leave()
		e := p.unary()
		switch {
		case e.integer != "":
			return p.integer("-"+strings.TrimPrefix(e.integer, "+"), pos)
		case e.float != "":
			negated := expr{sql: "(-" + e.float + ")", float: "(-" + e.float + ")", pos: pos}
			if digits, ok := strings.CutPrefix(e.numeric, "-"); ok {
				negated.numeric = digits
			} else if e.numeric != "" {
				negated.numeric = "-" + e.numeric
			}
			return negated
		}
		return p.made(plain("(-%s)", e.sql))
	case p.accept("+"):
		p.enter()
		defer p.leave()
		return p.unary()
	case p.accept("~"):
		p.enter()
		defer p.leave()
		return p.made(plain("(~%s)", p.unary().sql))
	}
	e := p.postfix(p.made(p.primary()))
	e.pos = pos
	return e
}

func (p *parser) integer(text string, pos int) expr {
	text = strings.TrimPrefix(text, "--")
	if _, err := strconv.ParseInt(text, 10, 64); err != nil && text != "9223372036854775808" {
		p.fail(pos, "Invalid INT64 literal: %s", text)
	}
	sql := "CAST(" + text + " AS BIGINT)"
	if strings.HasPrefix(text, "-") {
		sql, text = "CAST('"+text+"' AS BIGINT)", "("+text+")"
	}
	return expr{sql: sql, integer: text, pos: pos}
}

// postfix takes field accesses and subscripts.
func (p *parser) postfix(e expr) expr {
	for p.err == nil {
		switch {
		case p.is(".") && e.path == nil:
			p.advance()
			name := p.fieldName()
			e = expr{sql: fmt.Sprintf("struct_extract(%s, %s)", e.sql, literal(name)), name: name}
		case p.is("["):
			e = p.subscript(e)
		default:
			return e
		}
		e = p.made(e)
	}
	return e
}

func (p *parser) subscript(e expr) expr {
	p.expect("[")
	kind := "OFFSET"
	for _, k := range []string{"OFFSET", "SAFE_OFFSET", "ORDINAL", "SAFE_ORDINAL"} {
		if p.is(k, "(") {
			kind = k
			p.advance()
			break
		}
	}
	index := p.expr()
	p.expect("]")
	base := 1
	if strings.HasSuffix(kind, "ORDINAL") {
		base = 0
	}
	n := fmt.Sprintf("(%s + %d)", index.sql, base)
	if i, err := strconv.Atoi(index.integer); err == nil && i >= 0 {
		n = strconv.Itoa(i + base)
	}
	if strings.HasPrefix(kind, "SAFE_") {
		// DuckDB counts negative positions from the end.
		return plain("(CASE WHEN %s >= 1 THEN list_extract(%s, %s) END)", n, e.sql, n)
	}
	return plain("(CASE WHEN %s BETWEEN 1 AND len(%s) THEN list_extract(%s, %s) WHEN %s IS NULL OR %s IS NULL THEN NULL "+
		"ELSE error('Array index ' || (%s - %d) || ' is out of bounds') END)",
		n, e.sql, e.sql, n, e.sql, n, n, base)
}

func (p *parser) primary() expr {
	p.enter()
	defer p.leave()
	t := p.cur()
	switch t.kind {
	case tokInt:
		p.advance()
		return p.integer(t.text, t.pos)
	case tokFloat:
		p.advance()
		numeric := numericText(t.text)
		text := strings.TrimSuffix(t.text, ".")
		// DuckDB's own decimals have 38 digits at most.
		if strings.ContainsAny(text, "eE") || len(text) > 39 {
			text = "CAST('" + text + "' AS DOUBLE)"
		} else if !strings.Contains(text, ".") {
			text += ".0"
		}
		return expr{sql: text, float: text, numeric: numeric}
	case tokString:
		p.advance()
		return expr{sql: literal(t.text), text: &t.text}
	case tokBytes:
		p.advance()
		return plain("unhex('%x')", t.text)
	case tokParam:
		p.advance()
		param, ok := p.env.Params[t.text]
		if !ok {
			p.fail(t.pos, "Query parameter '%s' not found", t.text)
		}
		return param.expr()
	case tokSystem:
		p.advance()
		if t.text != "row_count" {
			p.refuse(t.pos, "system variable @@"+t.text)
		}
		return plain("getvariable('" + RowCountVariable + "')")
	case tokOp:
		switch t.text {
		case "(":
			return p.parenthesised()
		case "[":
			return p.arrayLiteral("")
		}
	case tokQuoted:
		return p.column()
	case tokIdent:
		return p.word()
	}
	p.unexpected()
	return expr{}
}

// RowCountVariable is the connection's variable that holds @@row_count.
const RowCountVariable = "bq_row_count"

func (p *parser) parenthesised() expr {
	p.expect("(")
	if p.is("SELECT") || p.is("WITH") || p.is("(") && p.startsQuery() {
		q := p.query()
		p.expect(")")
		return plain("(%s)", q)
	}
	first := p.expr()
	if !p.is(",") {
		p.expect(")")
		if first.path != nil {
			first.path = nil
		}
		return first
	}
	list := []string{first.value()}
	for p.accept(",") {
		list = append(list, p.expr().value())
	}
	p.expect(")")
	return plain("row(%s)", strings.Join(list, ", "))
}

// startsQuery looks past opening parentheses for a query.
func (p *parser) startsQuery() bool {
	i := 0
	for p.ahead(i).kind == tokOp && p.ahead(i).text == "(" {
		i++
	}
	t := p.ahead(i)
	return t.upper == "SELECT" || t.upper == "WITH"
}

func (p *parser) arrayLiteral(elementType string) expr {
	p.expect("[")
	e := expr{array: true}
	for p.err == nil && !p.is("]") {
		item := p.expr()
		e.structs = e.structs || item.structs
		sql := item.value()
		if elementType != "" {
			sql = fmt.Sprintf("CAST(%s AS %s)", sql, elementType)
		}
		e.elements = append(e.elements, sql)
		if !p.accept(",") {
			break
		}
	}
	p.expect("]")
	e.sql = "[" + strings.Join(e.elements, ", ") + "]"
	if elementType != "" {
		e.structs = e.structs || strings.HasPrefix(elementType, "STRUCT")
		e.sql = fmt.Sprintf("CAST(%s AS %s[])", e.sql, elementType)
	}
	return e
}

// unqualified is what a name without its table mentions: perhaps any table.
const unqualified = ""

// column takes a dotted name.
func (p *parser) column() expr {
	first := p.name()
	parts := []string{first}
	for p.is(".") && !(p.ahead(1).kind == tokOp) {
		p.advance()
		parts = append(parts, p.fieldName())
	}
	if sql, ok := p.ordered(first); ok && len(parts) == 1 {
		p.mentions = append(p.mentions, unqualified)
		return expr{sql: sql, path: parts, name: first}
	}
	if p.variables[strings.ToLower(first)] && !contains(p.aliases, first) {
		sql := fmt.Sprintf("getvariable(%s)", literal(variableName(first)))
		for _, field := range parts[1:] {
			sql = fmt.Sprintf("struct_extract(%s, %s)", sql, literal(field))
		}
		return expr{sql: sql, name: parts[len(parts)-1]}
	}
	quoted := make([]string, len(parts))
	for i, part := range parts {
		quoted[i] = quote(part)
	}
	if len(parts) > 1 {
		p.mentions = append(p.mentions, strings.ToLower(first))
	} else {
		p.mentions = append(p.mentions, unqualified)
	}
	return expr{sql: strings.Join(quoted, "."), path: parts, name: parts[len(parts)-1]}
}

// variableName is the connection's variable for one of a script.
func variableName(name string) string { return "bq_v_" + strings.ToLower(name) }

// word takes an expression that begins with an identifier or a keyword.
func (p *parser) word() expr {
	t := p.cur()
	next := p.ahead(1)
	call := next.kind == tokOp && next.text == "("
	switch t.upper {
	case "NULL", "TRUE", "FALSE":
		p.advance()
		return plain("%s", t.upper)
	case "CASE":
		return p.caseExpr()
	case "INTERVAL":
		return p.intervalExpr()
	case "EXISTS":
		p.advance()
		p.expect("(")
		q := p.query()
		p.expect(")")
		return plain("EXISTS (%s)", q)
	case "ARRAY", "STRUCT":
		return p.constructor()
	case "DATE", "TIMESTAMP", "DATETIME", "TIME", "NUMERIC", "DECIMAL", "JSON", "BIGNUMERIC":
		if next.kind == tokString {
			return p.typedLiteral()
		}
	case "CURRENT_DATE", "CURRENT_TIMESTAMP", "CURRENT_DATETIME", "CURRENT_TIME":
		if !call {
			p.advance()
			return p.invoke(t, t.upper, &callArgs{})
		}
	case "SAFE":
		if next.text == "." && p.ahead(3).text == "(" {
			p.advance()
			p.advance()
			return plain("TRY(%s)", p.call().sql)
		}
	}
	if call {
		return p.call()
	}
	if reserved[t.upper] {
		p.unexpected()
		return expr{}
	}
	return p.column()
}

func (p *parser) typedLiteral() expr {
	kind := p.advance()
	t := p.advance()
	switch kind.upper {
	case "TIMESTAMP":
		return plain("CAST(%s AS TIMESTAMPTZ)", literal(t.text))
	case "DATETIME":
		return plain("CAST(%s AS TIMESTAMP)", literal(t.text))
	case "BIGNUMERIC":
		p.refuse(kind.pos, "type BIGNUMERIC")
	case "DATE":
		if !isDate(t.text) {
			p.fail(t.pos, "Invalid DATE literal: %q", t.text)
		}
		return plain("CAST(%s AS DATE)", literal(t.text))
	}
	return plain("CAST(%s AS %s)", literal(t.text), duckTypes[scalarTypes[kind.upper]])
}

func (p *parser) caseExpr() expr {
	p.expect("CASE")
	var b strings.Builder
	b.WriteString("(CASE")
	if !p.is("WHEN") {
		b.WriteString(" " + p.expr().sql)
	}
	var conditions []string
	var results []expr
	for p.accept("WHEN") {
		conditions = append(conditions, p.expr().sql)
		p.expect("THEN")
		results = append(results, p.expr())
	}
	if p.accept("ELSE") {
		results = append(results, p.expr())
	}
	p.expect("END")
	for i, result := range supertype(results) {
		if i < len(conditions) {
			b.WriteString(" WHEN " + conditions[i] + " THEN " + result)
		} else {
			b.WriteString(" ELSE " + result)
		}
	}
	b.WriteString(" END)")
	return expr{sql: b.String()}
}

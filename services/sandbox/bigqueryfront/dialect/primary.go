package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

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
	switch t.Kind {
	case lexer.Integer:
		p.advance()
		return p.integer(t.Text, t.Pos)
	case lexer.Float:
		p.advance()
		numeric := numericText(t.Text)
		text := strings.TrimSuffix(t.Text, ".")
		// DuckDB's own decimals have 38 digits at most.
		if strings.ContainsAny(text, "eE") || len(text) > 39 {
			text = "CAST('" + text + "' AS DOUBLE)"
		} else if !strings.Contains(text, ".") {
			text += ".0"
		}
		return expr{sql: text, float: text, numeric: numeric}
	case lexer.String:
		p.advance()
		return expr{sql: literal(t.Text), text: &t.Text}
	case lexer.Bytes:
		p.advance()
		return plain("unhex('%x')", t.Text)
	case lexer.Parameter:
		p.advance()
		param, ok := p.env.Params[t.Text]
		if !ok {
			if n, positional := strings.CutPrefix(t.Text, "?"); positional {
				p.fail(t.Pos, "Query parameter number %s is not defined", n)
			} else {
				p.fail(t.Pos, "Query parameter '%s' not found", t.Text)
			}
		}
		return param.expr()
	case lexer.System:
		p.advance()
		if t.Text != "row_count" {
			p.refuse(t.Pos, "system variable @@"+t.Text)
		}
		return plain("getvariable('" + RowCountVariable + "')")
	case lexer.Operator:
		switch t.Text {
		case "(":
			return p.parenthesised()
		case "[":
			return p.arrayLiteral("")
		}
	case lexer.Quoted:
		return p.column()
	case lexer.Identifier:
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
	for p.ahead(i).Kind == lexer.Operator && p.ahead(i).Text == "(" {
		i++
	}
	t := p.ahead(i)
	return t.Upper == "SELECT" || t.Upper == "WITH"
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
	for p.is(".") && !(p.ahead(1).Kind == lexer.Operator) {
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
	call := next.Kind == lexer.Operator && next.Text == "("
	switch t.Upper {
	case "NULL", "TRUE", "FALSE":
		p.advance()
		return plain("%s", t.Upper)
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
		if next.Kind == lexer.String {
			return p.typedLiteral()
		}
	case "CURRENT_DATE", "CURRENT_TIMESTAMP", "CURRENT_DATETIME", "CURRENT_TIME":
		if !call {
			p.advance()
			return p.invoke(t, t.Upper, &callArgs{})
		}
	case "SAFE":
		if next.Text == "." && p.ahead(3).Text == "(" {
			p.advance()
			p.advance()
			return plain("TRY(%s)", p.call().sql)
		}
	}
	if call {
		return p.call()
	}
	if reserved[t.Upper] {
		p.unexpected()
		return expr{}
	}
	return p.column()
}

func (p *parser) typedLiteral() expr {
	kind := p.advance()
	t := p.advance()
	switch kind.Upper {
	case "TIMESTAMP":
		return plain("CAST(%s AS TIMESTAMPTZ)", literal(t.Text))
	case "DATETIME":
		return plain("CAST(%s AS TIMESTAMP)", literal(t.Text))
	case "BIGNUMERIC":
		p.refuse(kind.Pos, "type BIGNUMERIC")
	case "DATE":
		if !isDate(t.Text) {
			p.fail(t.Pos, "Invalid DATE literal: %q", t.Text)
		}
		return plain("CAST(%s AS DATE)", literal(t.Text))
	}
	return plain("CAST(%s AS %s)", literal(t.Text), duckTypes[scalarTypes[kind.Upper]])
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

package dialect

import (
	"fmt"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// callArgs is what stands between a call's parentheses and in its OVER clause.
type callArgs struct {
	args        []expr
	star        bool
	distinct    bool
	ignoreNulls bool
	orderBy     string
	limit       string
	having      string // MAX or MIN
	havingBy    string
	over        string
}

// sql returns the arguments' translations.
func (c *callArgs) sql() []string {
	list := make([]string, len(c.args))
	for i, a := range c.args {
		list[i] = a.sql
	}
	return list
}

// call takes a function call.
func (p *parser) call() expr {
	t := p.advance()
	switch t.Upper {
	case "CAST", "SAFE_CAST":
		return p.cast(t.Upper == "SAFE_CAST")
	case "EXTRACT":
		return p.extract()
	}
	// IF, LEFT and the like are keywords and functions at once.
	if t.Kind != lexer.Identifier && t.Kind != lexer.Quoted {
		p.unexpected()
	}
	p.expect("(")
	if _, ok := aggregates[t.Upper]; ok {
		defer p.order(nil)() // it aggregates columns
	}
	c := &callArgs{}
	if p.accept("*") {
		c.star = true
	} else if !p.is(")") {
		p.arguments(t.Upper, c)
	}
	p.expect(")")
	if p.accept("OVER") {
		c.over = " OVER " + p.windowSpec()
	}
	return p.invoke(t, t.Upper, c)
}

func (p *parser) arguments(name string, c *callArgs) {
	c.distinct = p.accept("DISTINCT")
	for p.err == nil {
		if unit, ok := p.datePart(name, len(c.args)); ok {
			c.args = append(c.args, expr{name: unit, sql: unit})
		} else {
			c.args = append(c.args, p.expr())
		}
		if !p.accept(",") {
			break
		}
	}
	if p.is("=>") {
		p.refuse(p.cur().Pos, "named arguments")
	}
	if p.accept("IGNORE", "NULLS") {
		c.ignoreNulls = true
	} else {
		p.accept("RESPECT", "NULLS")
	}
	if p.accept("HAVING") {
		c.having = p.cur().Upper
		if !p.accept("MAX") {
			p.expect("MIN")
		}
		c.havingBy = p.expr().sql
	}
	if p.accept("ORDER", "BY") {
		c.orderBy = " ORDER BY " + p.orderItems(nil)
	}
	if p.accept("LIMIT") {
		c.limit = p.count()
	}
}

// adapting are the functions that give one of their arguments, by the number of
// those before them.
var adapting = map[string]int{"IF": 1, "IFNULL": 0, "COALESCE": 0, "NULLIF": 0}

// invoke translates a call by the function's name.
func (p *parser) invoke(t lexer.Token, name string, c *callArgs) expr {
	if p.err != nil {
		return expr{}
	}
	if f, ok := templates[name]; ok {
		if !p.arity(t, name, c, f.min, f.max) {
			return expr{}
		}
		p.plainCall(t, c)
		args := c.sql()
		if from, ok := adapting[name]; ok {
			args = append(args[:from:from], supertype(c.args[from:])...)
		} else {
			for i, a := range c.args {
				args[i] = a.value()
			}
		}
		return plain("%s", expand(f.template, args))
	}
	if f, ok := specials[name]; ok {
		if !p.arity(t, name, c, f.min, f.max) {
			return expr{}
		}
		p.plainCall(t, c)
		e := f.translate(p, c)
		e.pos = t.Pos
		return e
	}
	if f, ok := aggregates[name]; ok {
		if !c.star && !p.arity(t, name, c, f.min, f.max) {
			return expr{}
		}
		if c.star && name != "COUNT" {
			p.fail(t.Pos, "Argument * can only be used in COUNT(*)")
			return expr{}
		}
		return f.translate(p, c)
	}
	p.fail(t.Pos, "Function not found: %s", p.src[t.Pos:t.End])
	return expr{}
}

func (p *parser) arity(t lexer.Token, name string, c *callArgs, low, high int) bool {
	if n := len(c.args); n < low || high >= 0 && n > high {
		p.fail(t.Pos, "No matching signature for function %s with %d arguments", name, n)
		return false
	}
	return true
}

// plainCall refuses what only an aggregate may have.
func (p *parser) plainCall(t lexer.Token, c *callArgs) {
	if c.star || c.distinct || c.ignoreNulls || c.orderBy != "" || c.limit != "" || c.having != "" || c.over != "" {
		p.fail(t.Pos, "Function %s does not support DISTINCT, ORDER BY, LIMIT or OVER", t.Upper)
	}
}

// expand fills $1 to $9 and $* in a template.
func expand(template string, args []string) string {
	var b strings.Builder
	for i := 0; i < len(template); i++ {
		c := template[i]
		if c != '$' || i+1 == len(template) {
			b.WriteByte(c)
			continue
		}
		i++
		if template[i] == '*' {
			b.WriteString(strings.Join(args, ", "))
			continue
		}
		if n := int(template[i] - '1'); n < len(args) {
			b.WriteString(args[n])
		}
	}
	return b.String()
}

// cast takes the parentheses of CAST and SAFE_CAST.
func (p *parser) cast(safe bool) expr {
	p.expect("(")
	e := p.expr()
	p.expect("AS")
	t := p.columnType()
	if p.is("FORMAT") {
		p.refuse(p.cur().Pos, "CAST ... FORMAT")
	}
	p.expect(")")
	if p.err != nil {
		return expr{}
	}
	sql := ""
	switch kind := t.Type; {
	case t.Mode == "REPEATED" || kind == "RECORD" || e.sql == "NULL":
	case kind == "INTEGER":
		sql = "bq_int(" + e.typed() + ")"
	case kind == "BOOLEAN":
		sql = "bq_bool(" + e.typed() + ")"
	case kind == "STRING" && e.text == nil:
		sql = "bq_string(" + e.sql + ")"
	case kind == "BYTES":
		sql = "encode(" + e.sql + ")"
	case kind == "DATE" && e.text == nil:
		sql = "bq_to_date(" + e.sql + ")"
	case kind == "DATE" && !isDate(*e.text):
		if !safe {
			p.fail(e.pos, "Could not cast literal %q to type DATE", *e.text)
		}
		return plain("CAST(NULL AS DATE)")
	}
	switch {
	case sql == "" && safe:
		sql = fmt.Sprintf("TRY_CAST(%s AS %s)", e.value(), DuckType(t))
	case sql == "":
		sql = fmt.Sprintf("CAST(%s AS %s)", e.value(), DuckType(t))
	case safe:
		sql = "TRY(" + sql + ")"
	}
	return expr{sql: sql, array: false, structs: t.Type == "RECORD"}
}

// constructor takes ARRAY(...), ARRAY[...], ARRAY<T>[...], STRUCT(...) and
// STRUCT<...>(...).
func (p *parser) constructor() expr {
	t := p.cur()
	if t.Upper == "ARRAY" {
		switch next := p.ahead(1); {
		case next.Text == "(":
			p.advance()
			p.advance()
			q := p.query()
			p.expect(")")
			return plain("ARRAY(%s)", q)
		case next.Text == "[":
			p.advance()
			return p.arrayLiteral("")
		}
		element := p.columnType()
		element.Mode = ""
		return p.arrayLiteral(DuckType(element))
	}
	if p.ahead(1).Text == "<" {
		field := p.columnType()
		p.expect("(")
		var values []string
		for p.err == nil && !p.is(")") {
			values = append(values, p.expr().value())
			if !p.accept(",") {
				break
			}
		}
		p.expect(")")
		if len(values) != len(field.Fields) && p.err == nil {
			p.fail(t.Pos, "STRUCT type has %d fields but constructor call has %d fields", len(field.Fields), len(values))
			return expr{}
		}
		for i := range values {
			values[i] = fmt.Sprintf("%s: CAST(%s AS %s)", literal(field.Fields[i].Name), values[i], DuckType(field.Fields[i]))
		}
		return expr{sql: "{" + strings.Join(values, ", ") + "}", structs: true}
	}
	p.advance()
	p.expect("(")
	var fields, values []string
	named := false
	for p.err == nil && !p.is(")") {
		e := p.expr()
		name := e.name
		if p.accept("AS") {
			name = p.name()
		}
		named = named || name != ""
		if name == "" {
			name = fmt.Sprintf("_field_%d", len(fields)+1)
		}
		fields = append(fields, literal(name)+": "+e.value())
		values = append(values, e.value())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	if len(fields) == 0 {
		p.refuse(t.Pos, "an empty STRUCT")
	}
	if !named {
		// Without names DuckDB converts by position, as BigQuery does.
		return expr{sql: "row(" + strings.Join(values, ", ") + ")", structs: true}
	}
	return expr{sql: "{" + strings.Join(fields, ", ") + "}", structs: true}
}

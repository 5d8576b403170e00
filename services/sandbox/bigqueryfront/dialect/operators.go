package dialect

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

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
	pos := p.cur().Pos
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

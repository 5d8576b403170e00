package sql

import (
	"slices"
	"strconv"
	"strings"
)

// ddlOptions is what OPTIONS (...) may say.
type ddlOptions struct {
	description    string
	expirationDays int
}

// options reads OPTIONS (name = value, ...) if it stands next; only the
// allowed names may occur.
func (p *ddlParser) options(allowed ...string) (ddlOptions, error) {
	var found ddlOptions
	if !p.accept("OPTIONS") {
		return found, nil
	}
	if err := p.expect("("); err != nil {
		return found, err
	}
	for {
		at := p.offset()
		name, err := p.name("an option's name")
		if err != nil {
			return found, err
		}
		if !slices.Contains(allowed, name) {
			return found, errorAt(p.src, at, "option %s is not known here", name)
		}
		if err := p.expect("="); err != nil {
			return found, err
		}
		if name == "description" {
			found.description, err = p.text()
		} else {
			found.expirationDays, err = p.days()
		}
		if err != nil {
			return found, err
		}
		if p.accept(")") {
			return found, nil
		}
		if err := p.expect(","); err != nil {
			return found, err
		}
	}
}

// text reads a plain string literal.
func (p *ddlParser) text() (string, error) {
	if p.next == len(p.tokens) || p.tokens[p.next].kind != tokenString {
		return "", p.unexpected("a string")
	}
	value, ok := unquote(p.tokens[p.next].text(p.src))
	if !ok {
		return "", p.unexpected("a plain string without exotic escapes")
	}
	p.next++
	return value, nil
}

// days reads a whole number above 0.
func (p *ddlParser) days() (int, error) {
	if p.next == len(p.tokens) || p.tokens[p.next].kind != tokenNumber {
		return 0, p.unexpected("a number of days")
	}
	days, err := strconv.ParseUint(p.tokens[p.next].text(p.src), 10, 16)
	if err != nil || days == 0 {
		return 0, p.unexpected("a number of days above 0")
	}
	p.next++
	return int(days), nil
}

// unquote returns the value of a string literal in single or double quotes
// with simple escapes; raw, bytes and triple-quoted literals are refused, as
// no description needs them.
func unquote(literal string) (string, bool) {
	quote := literal[0]
	if !isQuote(quote) || len(literal) > 2 && literal[1] == quote {
		return "", false
	}
	var value strings.Builder
	body := literal[1 : len(literal)-1]
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			value.WriteByte(body[i])
			continue
		}
		i++ // the lexer has seen to it that something follows
		switch body[i] {
		case '\\', '\'', '"', '`':
			value.WriteByte(body[i])
		case 'n':
			value.WriteByte('\n')
		case 't':
			value.WriteByte('\t')
		default:
			return "", false
		}
	}
	return value.String(), true
}

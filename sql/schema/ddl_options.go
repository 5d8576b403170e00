package schema

import (
	"slices"
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
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
			return found, lexer.ErrorAt(p.src, at, "option %s is not known here", name)
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

// text reads a string literal.
func (p *ddlParser) text() (string, error) {
	if p.next == len(p.tokens) || p.tokens[p.next].Kind != lexer.String {
		return "", p.unexpected("a string")
	}
	p.next++
	return p.tokens[p.next-1].Text, nil
}

// days reads a whole number above 0.
func (p *ddlParser) days() (int, error) {
	if p.next == len(p.tokens) || p.tokens[p.next].Kind != lexer.Integer {
		return 0, p.unexpected("a number of days")
	}
	days, err := strconv.ParseUint(p.tokens[p.next].Text, 10, 16)
	if err != nil || days == 0 {
		return 0, p.unexpected("a number of days above 0")
	}
	p.next++
	return int(days), nil
}

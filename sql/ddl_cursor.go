package sql

import "strings"

// ddlParser walks the tokens of one statement; next is the one to look at.
type ddlParser struct {
	src    string
	tokens []token
	next   int
}

// name reads an identifier of one part.
func (p *ddlParser) name(what string) (string, error) {
	if p.next == len(p.tokens) {
		return "", p.unexpected(what)
	}
	t := p.tokens[p.next]
	if t.kind != tokenWord && t.kind != tokenQuoted {
		return "", p.unexpected(what)
	}
	name := strings.Trim(t.text(p.src), "`")
	if name == "" || wordEnd(name, 0) != len(name) || isDigit(name[0]) {
		return "", p.unexpected(what + " of letters, digits and _")
	}
	p.next++
	return name, nil
}

func (p *ddlParser) accept(want string) bool {
	if p.next == len(p.tokens) || !p.tokens[p.next].is(p.src, want) {
		return false
	}
	p.next++
	return true
}

func (p *ddlParser) expect(want string) error {
	if !p.accept(want) {
		return p.unexpected(want)
	}
	return nil
}

func (p *ddlParser) offset() int {
	if p.next == len(p.tokens) {
		return len(p.src)
	}
	return p.tokens[p.next].start
}

func (p *ddlParser) unexpected(want string) error {
	found := "the end of the text"
	if p.next < len(p.tokens) {
		found = p.tokens[p.next].text(p.src)
	}
	return errorAt(p.src, p.offset(), "expected %s, found %s", want, found)
}

package schema

import (
	"regexp"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// ddlParser walks the tokens of one statement; next is the one to look at.
type ddlParser struct {
	src    string
	tokens []lexer.Token // without EOF
	next   int
}

// plainName is a name that needs no backquotes.
var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// name reads an identifier of one part.
func (p *ddlParser) name(what string) (string, error) {
	if p.next == len(p.tokens) {
		return "", p.unexpected(what)
	}
	t := p.tokens[p.next]
	switch {
	case !t.IsName():
		return "", p.unexpected(what)
	case !plainName.MatchString(t.Text):
		return "", p.unexpected(what + " of letters, digits and _")
	}
	p.next++
	return t.Text, nil
}

func (p *ddlParser) accept(want string) bool {
	if p.next == len(p.tokens) {
		return false
	}
	t := &p.tokens[p.next]
	if want == ">" && t.Is(">>") { // two types end
		t.Text, t.Pos = ">", t.Pos+1
		return true
	}
	if !t.Is(want) {
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
	return p.tokens[p.next].Pos
}

func (p *ddlParser) unexpected(want string) error {
	found := "the end of the text"
	if p.next < len(p.tokens) {
		found = p.src[p.tokens[p.next].Pos:p.tokens[p.next].End]
	}
	return lexer.ErrorAt(p.src, p.offset(), "expected %s, found %s", want, found)
}

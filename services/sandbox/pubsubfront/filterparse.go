package pubsubfront

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxFilter is Pub/Sub's limit of a filter in bytes. It also bounds how deep
// an expression nests.
const maxFilter = 256

// parseFilter reads a filter. An empty text is no filter.
func parseFilter(text string) (filter, error) {
	if strings.TrimSpace(text) == "" {
		if text != "" {
			return filter{}, errInvalid("Invalid filter given: it is blank.")
		}
		return filter{}, nil
	}
	if len(text) > maxFilter {
		return filter{}, errInvalid("Invalid filter given: it is %d bytes long, but the maximum is %d.", len(text), maxFilter)
	}
	if !utf8.ValidString(text) {
		return filter{}, errInvalid("Invalid filter given: it is not valid UTF-8.")
	}
	p := &filterParser{text: text}
	p.next()
	root := p.expression()
	if p.err == nil && p.token != "" {
		p.fail("unexpected %q", p.token)
	}
	if p.err != nil {
		return filter{}, errInvalid("Invalid filter given: %v at byte %d.", p.err, p.at)
	}
	return filter{root}, nil
}

// filterParser reads by recursive descent; the first error stays.
type filterParser struct {
	text  string
	rest  int    // where the text after the token begins
	at    int    // where the token begins
	token string // "" at the end; a string literal keeps its quotes
	err   error
}

func (p *filterParser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

// isWord says whether a byte may stand in a bare key. Words also hold the
// grammar's own names, so that a key may be called AND after a dot.
func isWord(b byte) bool {
	return b == '_' || b == '-' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// next reads a token.
func (p *filterParser) next() {
	if p.err != nil {
		return
	}
	for p.rest < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.rest]) >= 0 {
		p.rest++
	}
	p.at, p.token = p.rest, ""
	if p.rest == len(p.text) {
		return
	}
	end := p.rest + 1
	switch b := p.text[p.rest]; {
	case b == '"':
		for end < len(p.text) && p.text[end] != '"' {
			if p.text[end] == '\\' {
				end++
			}
			end++
		}
		if end++; end > len(p.text) {
			p.fail("a string that does not end")
			return
		}
	case b == '!' && strings.HasPrefix(p.text[p.rest:], "!="):
		end++
	case b == '-': // a negation; inside a word it is a part of the key
	case isWord(b):
		for end < len(p.text) && isWord(p.text[end]) {
			end++
		}
	case strings.IndexByte("().,:=", b) < 0:
		p.fail("unexpected %q", b)
		return
	}
	p.rest, p.token = end, p.text[p.rest:end]
}

func (p *filterParser) accept(token string) bool {
	if p.err != nil || p.token != token {
		return false
	}
	p.next()
	return true
}

func (p *filterParser) expect(token string) {
	if !p.accept(token) {
		p.fail("want %q, not %q", token, p.token)
	}
}

// expression is terms joined by AND, or by OR: to mix them takes parentheses.
func (p *filterParser) expression() condition {
	c := p.term()
	joined := ""
	for p.err == nil && (p.token == "AND" || p.token == "OR") {
		operator := p.token
		if joined != "" && joined != operator {
			p.fail("AND and OR can be combined with parentheses only")
			return nil
		}
		joined = operator
		p.next()
		if right := p.term(); operator == "AND" {
			c = and(c, right)
		} else {
			c = or(c, right)
		}
	}
	return c
}

func (p *filterParser) term() condition {
	switch {
	case p.err != nil:
		return nil
	case p.accept("NOT"), p.accept("-"):
		return not(p.term())
	case p.accept("("):
		c := p.expression()
		p.expect(")")
		return c
	case p.accept("hasPrefix"):
		p.expect("(")
		p.expect("attributes")
		p.expect(".")
		key := p.key()
		p.expect(",")
		prefix := p.literal()
		p.expect(")")
		return hasPrefix(key, prefix)
	}
	p.expect("attributes")
	if p.accept(":") {
		return has(p.key())
	}
	p.expect(".")
	key := p.key()
	if p.accept("!=") {
		return not(equals(key, p.literal()))
	}
	p.expect("=")
	return equals(key, p.literal())
}

// key is a bare word or a string.
func (p *filterParser) key() string {
	if p.token != "" && isWord(p.token[0]) && p.token != "-" {
		word := p.token
		p.next()
		return word
	}
	return p.literal()
}

var errNoString = errors.New("want a string in double quotes")

func (p *filterParser) literal() string {
	if p.err != nil {
		return ""
	}
	if p.token == "" || p.token[0] != '"' {
		p.err = errNoString
		return ""
	}
	value, err := strconv.Unquote(p.token)
	if err != nil {
		p.fail("a string with a bad escape")
		return ""
	}
	p.next()
	return value
}

package sql

import (
	"errors"
	"fmt"
	"strings"
)

// SyntaxError says where a statement is not what this package can read.
type SyntaxError struct {
	File    string // path below this package's folder; empty when the text did not come from a file
	Line    int    // from 1
	Message string
}

// Error gives file, line and message in the form that editors jump to.
func (e *SyntaxError) Error() string {
	if e.File == "" {
		return fmt.Sprintf("sql: line %d: %s", e.Line, e.Message)
	}
	return fmt.Sprintf("sql: %s:%d: %s", e.File, e.Line, e.Message)
}

// inFile puts the file's name into a SyntaxError that does not have one yet.
func inFile(file string, err error) error {
	var syntax *SyntaxError
	if errors.As(err, &syntax) && syntax.File == "" {
		return &SyntaxError{File: file, Line: syntax.Line, Message: syntax.Message}
	}
	return fmt.Errorf("sql: %s: %w", file, err)
}

// errorAt builds a SyntaxError for the byte offset at in src.
func errorAt(src string, at int, format string, args ...any) error {
	return &SyntaxError{
		Line:    1 + strings.Count(src[:at], "\n"),
		Message: fmt.Sprintf(format, args...),
	}
}

type tokenKind uint8

const (
	tokenWord      tokenKind = iota // identifier or keyword
	tokenQuoted                     // `identifier`
	tokenString                     // string or bytes literal, prefix and quotes included
	tokenNumber                     // starts with a digit
	tokenParameter                  // @name or @@name
	tokenPunct                      // one byte of anything else, so that >> closes two types
)

// token is a span of the source text; blanks and comments are none.
type token struct {
	kind       tokenKind
	start, end int
}

func (t token) text(src string) string { return src[t.start:t.end] }

// is reports whether t is the given keyword, in any case, or punctuation.
func (t token) is(src, want string) bool {
	switch t.kind {
	case tokenWord:
		return strings.EqualFold(t.text(src), want)
	case tokenPunct:
		return t.text(src) == want
	default:
		return false
	}
}

// lex splits src into tokens by GoogleSQL's lexical rules
// (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical).
// It is stricter in one way: two literals that touch are refused, because a
// doubled quote is no escape in GoogleSQL although other dialects read it so.
func lex(src string) ([]token, error) {
	tokens := make([]token, 0, len(src)/6)
	for at := 0; at < len(src); {
		c := src[at]
		switch {
		case isBlank(c):
			at++
			continue
		case c == '#' || strings.HasPrefix(src[at:], "--"):
			at = lineEnd(src, at)
			continue
		case strings.HasPrefix(src[at:], "/*"):
			length := strings.Index(src[at+2:], "*/")
			if length < 0 {
				return nil, errorAt(src, at, "comment is not closed")
			}
			at += 2 + length + 2
			continue
		}
		t, err := lexToken(src, at)
		if err != nil {
			return nil, err
		}
		if n := len(tokens); t.kind == tokenString && n > 0 && tokens[n-1].kind == tokenString && tokens[n-1].end == at {
			return nil, errorAt(src, at, `a doubled quote is no escape in GoogleSQL: write \' or use the other kind of quotes`)
		}
		tokens = append(tokens, t)
		at = t.end
	}
	return tokens, nil
}

// lexToken reads the token that starts at the offset at.
func lexToken(src string, at int) (token, error) {
	c := src[at]
	switch {
	case isWordStart(c):
		end := wordEnd(src, at)
		if end < len(src) && isQuote(src[end]) && isLiteralPrefix(src[at:end]) {
			return lexQuoted(src, at, end, tokenString)
		}
		return token{tokenWord, at, end}, nil
	case isQuote(c):
		return lexQuoted(src, at, at, tokenString)
	case c == '`':
		return lexQuoted(src, at, at, tokenQuoted)
	case c == '@':
		name := at + 1
		if name < len(src) && src[name] == '@' {
			name++
		}
		if name == len(src) || !isWordStart(src[name]) {
			return token{}, errorAt(src, at, "@ without a parameter's name")
		}
		return token{tokenParameter, at, wordEnd(src, name)}, nil
	case isDigit(c):
		return token{tokenNumber, at, wordEnd(src, at)}, nil
	default:
		return token{tokenPunct, at, at + 1}, nil
	}
}

// lexQuoted reads a literal or quoted identifier that starts at start and
// whose opening quote is at open. A backslash keeps the quote after it from
// closing, in raw literals too; only triple quotes may hold a line break.
func lexQuoted(src string, start, open int, kind tokenKind) (token, error) {
	quote := src[open : open+1]
	if triple := strings.Repeat(quote, 3); kind == tokenString && strings.HasPrefix(src[open:], triple) {
		quote = triple
	}
	for at := open + len(quote); at < len(src); at++ {
		switch {
		case src[at] == '\\':
			at++
		case strings.HasPrefix(src[at:], quote):
			return token{kind, start, at + len(quote)}, nil
		case src[at] == '\n' && len(quote) == 1:
			return token{}, errorAt(src, start, "%s is not closed on its line", quote)
		}
	}
	return token{}, errorAt(src, start, "%s is not closed", quote)
}

// isLiteralPrefix reports whether a quote that touches word belongs to it:
// r for raw, b for bytes, or both in either order.
func isLiteralPrefix(word string) bool {
	switch strings.ToLower(word) {
	case "r", "b", "rb", "br":
		return true
	default:
		return false
	}
}

func lineEnd(src string, at int) int {
	if length := strings.IndexByte(src[at:], '\n'); length >= 0 {
		return at + length
	}
	return len(src)
}

func wordEnd(src string, at int) int {
	for at < len(src) && (isWordStart(src[at]) || isDigit(src[at])) {
		at++
	}
	return at
}

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isQuote(c byte) bool { return c == '\'' || c == '"' }
func isWordStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

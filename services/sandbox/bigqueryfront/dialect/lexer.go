package dialect

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error is a statement that cannot be translated. Its message is in BigQuery's
// words and ends with the position.
type Error struct {
	Message string
	// NotFound says that a table is missing, rather than that the text is wrong.
	NotFound bool
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

type tokenKind int

const (
	tokEOF tokenKind = iota
	tokIdent
	tokQuoted
	tokInt
	tokFloat
	tokString
	tokBytes
	tokParam
	tokSystem
	tokOp
)

// token is one lexical element. text is an identifier's name, a literal's
// decoded value or an operator; upper is the keyword that an unquoted
// identifier may be.
type token struct {
	kind  tokenKind
	text  string
	upper string
	pos   int
	end   int
}

// maxStatement is BigQuery's limit of an unresolved query's length.
const maxStatement = 1 << 20

type lexer struct {
	src string
	pos int
}

func (l *lexer) fail(pos int, format string, args ...any) error {
	line, column := position(l.src, pos)
	return &Error{Message: fmt.Sprintf("Syntax error: %s at [%d:%d]", fmt.Sprintf(format, args...), line, column)}
}

// position counts lines and characters from 1.
func position(src string, pos int) (line, column int) {
	c := cursor{line: 1, column: 1}
	c.move(src, min(pos, len(src)))
	return c.line, c.column
}

// cursor is a place of a text by its offset, line and column.
type cursor struct{ at, line, column int }

// move moves on to an offset.
func (c *cursor) move(src string, to int) {
	passed := src[c.at:to]
	if last := strings.LastIndexByte(passed, '\n'); last >= 0 {
		c.line += strings.Count(passed, "\n")
		c.column = 1
		passed = passed[last+1:]
	}
	c.column += utf8.RuneCountInString(passed)
	c.at = to
}

func tokenize(src string) ([]token, error) {
	l := &lexer{src: src}
	if len(src) > maxStatement {
		return nil, &Error{Message: "The query is too large. The maximum standard SQL query length is 1024.00K characters."}
	}
	if !utf8.ValidString(src) {
		return nil, &Error{Message: "Syntax error: Structurally invalid UTF8 string"}
	}
	var tokens []token
	for {
		if err := l.skip(); err != nil {
			return nil, err
		}
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		if t.kind == tokEOF {
			return tokens, nil
		}
	}
}

// skip passes white space and comments.
func (l *lexer) skip() error {
	for l.pos < len(l.src) {
		rest := l.src[l.pos:]
		switch {
		case strings.ContainsRune(" \t\r\n\f\v", rune(rest[0])):
			l.pos++
		case rest[0] == '#' || strings.HasPrefix(rest, "--"):
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				l.pos += i + 1
			} else {
				l.pos = len(l.src)
			}
		case strings.HasPrefix(rest, "/*"):
			i := strings.Index(rest[2:], "*/")
			if i < 0 {
				return l.fail(l.pos, "Unclosed comment")
			}
			l.pos += i + 4
		default:
			return nil
		}
	}
	return nil
}

func isLetter(c byte) bool { return c == '_' || c|32 >= 'a' && c|32 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func (l *lexer) peek(offset int) byte {
	if l.pos+offset < len(l.src) {
		return l.src[l.pos+offset]
	}
	return 0
}

func (l *lexer) next() (token, error) {
	start := l.pos
	c := l.peek(0)
	switch {
	case l.pos >= len(l.src):
		return token{kind: tokEOF, pos: start, end: start}, nil
	case l.stringPrefix() >= 0:
		return l.quoted(l.stringPrefix())
	case isLetter(c):
		name := l.name()
		return token{tokIdent, name, strings.ToUpper(name), start, l.pos}, nil
	case isDigit(c) || c == '.' && isDigit(l.peek(1)):
		return l.number()
	case c == '`':
		end := strings.IndexByte(l.src[l.pos+1:], '`')
		if end <= 0 {
			return token{}, l.fail(start, "Unclosed or empty identifier literal")
		}
		name := l.src[l.pos+1 : l.pos+1+end]
		if strings.ContainsAny(name, "\\\n\x00") {
			return token{}, l.fail(start, "Illegal character in identifier literal")
		}
		l.pos += end + 2
		return token{tokQuoted, name, "", start, l.pos}, nil
	case c == '@':
		kind := tokParam
		l.pos++
		if l.peek(0) == '@' {
			kind = tokSystem
			l.pos++
		}
		if !isLetter(l.peek(0)) {
			return token{}, l.fail(start, "Unexpected \"@\"")
		}
		name := l.name()
		return token{kind, strings.ToLower(name), "", start, l.pos}, nil
	}
	for _, op := range []string{"<=", ">=", "<>", "!=", "||", "<<", ">>", "=>"} {
		if strings.HasPrefix(l.src[l.pos:], op) {
			l.pos += len(op)
			return token{tokOp, op, "", start, l.pos}, nil
		}
	}
	if strings.IndexByte("()[]{},;.=<>+-*/?&|^~:", c) < 0 {
		r, _ := utf8.DecodeRuneInString(l.src[l.pos:])
		return token{}, l.fail(start, "Illegal input character %q", r)
	}
	l.pos++
	return token{tokOp, string(c), "", start, l.pos}, nil
}

func (l *lexer) name() string {
	start := l.pos
	for isLetter(l.peek(0)) || isDigit(l.peek(0)) {
		l.pos++
	}
	return l.src[start:l.pos]
}

func (l *lexer) number() (token, error) {
	start, kind := l.pos, tokInt
	if l.peek(0) == '0' && l.peek(1)|32 == 'x' {
		l.pos += 2
		digits := l.name()
		n, err := strconv.ParseUint(digits, 16, 63)
		if err != nil {
			return token{}, l.fail(start, "Invalid hexadecimal literal")
		}
		return token{tokInt, strconv.FormatUint(n, 10), "", start, l.pos}, nil
	}
	digits := func() {
		for isDigit(l.peek(0)) {
			l.pos++
		}
	}
	digits()
	if l.peek(0) == '.' {
		kind = tokFloat
		l.pos++
		digits()
	}
	if l.peek(0)|32 == 'e' {
		sign := 1
		if l.peek(1) == '+' || l.peek(1) == '-' {
			sign = 2
		}
		if isDigit(l.peek(sign)) {
			kind = tokFloat
			l.pos += sign
			digits()
		}
	}
	if isLetter(l.peek(0)) {
		return token{}, l.fail(l.pos, "Missing whitespace between literal and alias")
	}
	return token{kind, l.src[start:l.pos], "", start, l.pos}, nil
}

// stringPrefix returns the length of r, b, rb or br before a quote; -1 when no
// string begins here.
func (l *lexer) stringPrefix() int {
	for n := 0; n <= 2; n++ {
		c := l.peek(n)
		if c == '\'' || c == '"' {
			return n
		}
		if c|32 != 'r' && c|32 != 'b' || n == 1 && c|32 == l.peek(0)|32 {
			return -1
		}
	}
	return -1
}

func (l *lexer) quoted(prefixLen int) (token, error) {
	start := l.pos
	prefix := strings.ToLower(l.src[l.pos : l.pos+prefixLen])
	raw, binary := strings.Contains(prefix, "r"), strings.Contains(prefix, "b")
	l.pos += prefixLen
	quote := l.src[l.pos : l.pos+1]
	triple := strings.HasPrefix(l.src[l.pos:], strings.Repeat(quote, 3))
	if triple {
		quote = strings.Repeat(quote, 3)
	}
	l.pos += len(quote)
	var b strings.Builder
	for {
		switch {
		case l.pos >= len(l.src) || !triple && l.peek(0) == '\n':
			return token{}, l.fail(start, "Unclosed string literal")
		case strings.HasPrefix(l.src[l.pos:], quote):
			l.pos += len(quote)
			kind := tokString
			if binary {
				kind = tokBytes
			} else if !utf8.ValidString(b.String()) {
				return token{}, l.fail(start, "Illegal escape: not valid UTF-8")
			}
			return token{kind, b.String(), "", start, l.pos}, nil
		case l.peek(0) != '\\':
			b.WriteByte(l.peek(0))
			l.pos++
		case raw:
			b.WriteByte('\\')
			l.pos++
			if l.pos < len(l.src) {
				b.WriteByte(l.peek(0))
				l.pos++
			}
		default:
			if err := l.escape(&b, binary); err != nil {
				return token{}, err
			}
		}
	}
}

var simpleEscapes = map[byte]byte{
	'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
	'\\': '\\', '?': '?', '"': '"', '\'': '\'', '`': '`',
}

func (l *lexer) escape(b *strings.Builder, binary bool) error {
	start := l.pos
	c := l.peek(1)
	if e, ok := simpleEscapes[c]; ok {
		b.WriteByte(e)
		l.pos += 2
		return nil
	}
	skip, width, base := 2, 0, 16
	switch {
	case c|32 == 'x':
		width = 2
	case c == 'u' && !binary:
		width = 4
	case c == 'U' && !binary:
		width = 8
	case c >= '0' && c <= '3':
		skip, width, base = 1, 3, 8
	}
	if width == 0 || l.pos+skip+width > len(l.src) {
		return l.fail(start, "Illegal escape sequence: \\%c", c)
	}
	n, err := strconv.ParseUint(l.src[l.pos+skip:l.pos+skip+width], base, 32)
	if err != nil || width > 3 && !utf8.ValidRune(rune(n)) {
		return l.fail(start, "Illegal escape sequence: \\%c", c)
	}
	l.pos += skip + width
	switch {
	case binary:
		b.WriteByte(byte(n))
	default:
		b.WriteRune(rune(n))
	}
	return nil
}

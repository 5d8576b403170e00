// Package lexer splits GoogleSQL into tokens, by its lexical rules
// (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical) and with BigQuery's
// words for what breaks them. It knows no grammar: what the tokens mean is for its callers.
package lexer

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is what a token is.
type Kind uint8

// Kinds of tokens.
const (
	EOF        Kind = iota // the end of the text, the last token
	Identifier             // a name or a keyword
	Quoted                 // a name in backquotes
	Integer
	Float
	String
	Bytes
	Parameter // @name, or ? by Positional
	System    // @@name
	Operator  // also brackets, commas and the like
)

// Token is one lexical element.
type Token struct {
	Kind Kind
	// Text is a name, the value of a literal or an operator.
	Text string
	// Upper is the keyword that an Identifier may be.
	Upper string
	// Pos and End are where the token stands in the text, in bytes.
	Pos, End int
}

// Is tells whether the token is a keyword, given in capitals, or an operator.
func (t Token) Is(word string) bool {
	return t.Kind == Identifier && t.Upper == word || t.Kind == Operator && t.Text == word
}

// IsName tells whether the token may be a name.
func (t Token) IsName() bool { return t.Kind == Identifier || t.Kind == Quoted }

// Positional names the nth parameter, from 1, of a query whose parameters have no names.
func Positional(n int) string { return "?" + strconv.Itoa(n) }

type lexer struct {
	src string
	pos int
	// positional counts the parameters without a name.
	positional int
}

func (l *lexer) fail(pos int, format string, args ...any) error {
	return ErrorAt(l.src, pos, format, args...)
}

// Tokenize gives the tokens of a text, comments and blanks left out, and EOF last. Its errors
// are SyntaxErrors.
func Tokenize(src string) ([]Token, error) {
	l := &lexer{src: src}
	if !utf8.ValidString(src) {
		return nil, &SyntaxError{Message: "Structurally invalid UTF8 string"}
	}
	tokens := make([]Token, 0, len(src)/6)
	for {
		if err := l.skip(); err != nil {
			return nil, err
		}
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		if n := len(tokens); n > 0 && t.isText() && tokens[n-1].isText() && tokens[n-1].End == t.Pos {
			return nil, l.fail(t.Pos, "concatenated string literals must be separated by whitespace or comments")
		}
		tokens = append(tokens, t)
		if t.Kind == EOF {
			return tokens, nil
		}
	}
}

func (t Token) isText() bool { return t.Kind == String || t.Kind == Bytes }

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

func (l *lexer) next() (Token, error) {
	start := l.pos
	c := l.peek(0)
	switch {
	case l.pos >= len(l.src):
		return Token{Kind: EOF, Pos: start, End: start}, nil
	case l.stringPrefix() >= 0:
		return l.quoted(l.stringPrefix())
	case isLetter(c):
		name := l.name()
		return Token{Identifier, name, strings.ToUpper(name), start, l.pos}, nil
	case isDigit(c) || c == '.' && isDigit(l.peek(1)):
		return l.number()
	case c == '`':
		end := strings.IndexByte(l.src[l.pos+1:], '`')
		if end <= 0 {
			return Token{}, l.fail(start, "Unclosed or empty identifier literal")
		}
		name := l.src[l.pos+1 : l.pos+1+end]
		if strings.ContainsAny(name, "\\\n\x00") {
			return Token{}, l.fail(start, "Illegal character in identifier literal")
		}
		l.pos += end + 2
		return Token{Quoted, name, "", start, l.pos}, nil
	case c == '?':
		l.pos++
		l.positional++
		return Token{Parameter, Positional(l.positional), "", start, l.pos}, nil
	case c == '@':
		kind := Parameter
		l.pos++
		if l.peek(0) == '@' {
			kind = System
			l.pos++
		}
		if !isLetter(l.peek(0)) {
			return Token{}, l.fail(start, "Unexpected \"@\"")
		}
		name := l.name()
		return Token{kind, strings.ToLower(name), "", start, l.pos}, nil
	}
	for _, op := range []string{"<=", ">=", "<>", "!=", "||", "<<", ">>", "=>"} {
		if strings.HasPrefix(l.src[l.pos:], op) {
			l.pos += len(op)
			return Token{Operator, op, "", start, l.pos}, nil
		}
	}
	if strings.IndexByte("()[]{},;.=<>+-*/&|^~:", c) < 0 {
		r, _ := utf8.DecodeRuneInString(l.src[l.pos:])
		return Token{}, l.fail(start, "Illegal input character %q", r)
	}
	l.pos++
	return Token{Operator, string(c), "", start, l.pos}, nil
}

func (l *lexer) name() string {
	start := l.pos
	for isLetter(l.peek(0)) || isDigit(l.peek(0)) {
		l.pos++
	}
	return l.src[start:l.pos]
}

func (l *lexer) number() (Token, error) {
	start, kind := l.pos, Integer
	if l.peek(0) == '0' && l.peek(1)|32 == 'x' {
		l.pos += 2
		digits := l.name()
		n, err := strconv.ParseUint(digits, 16, 63)
		if err != nil {
			return Token{}, l.fail(start, "Invalid hexadecimal literal")
		}
		return Token{Integer, strconv.FormatUint(n, 10), "", start, l.pos}, nil
	}
	digits := func() {
		for isDigit(l.peek(0)) {
			l.pos++
		}
	}
	digits()
	if l.peek(0) == '.' {
		kind = Float
		l.pos++
		digits()
	}
	if l.peek(0)|32 == 'e' {
		sign := 1
		if l.peek(1) == '+' || l.peek(1) == '-' {
			sign = 2
		}
		if isDigit(l.peek(sign)) {
			kind = Float
			l.pos += sign
			digits()
		}
	}
	if isLetter(l.peek(0)) {
		return Token{}, l.fail(l.pos, "Missing whitespace between literal and alias")
	}
	return Token{kind, l.src[start:l.pos], "", start, l.pos}, nil
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

func (l *lexer) quoted(prefixLen int) (Token, error) {
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
		case l.pos >= len(l.src) || !triple && l.peek(0) == '\n' || l.src[l.pos:] == `\`:
			return Token{}, l.fail(start, "Unclosed string literal")
		case strings.HasPrefix(l.src[l.pos:], quote):
			l.pos += len(quote)
			kind := String
			if binary {
				kind = Bytes
			} else if !utf8.ValidString(b.String()) {
				return Token{}, l.fail(start, "Illegal escape: not valid UTF-8")
			}
			return Token{kind, b.String(), "", start, l.pos}, nil
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
				return Token{}, err
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

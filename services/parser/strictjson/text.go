package strictjson

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// String reads a string and resolves its escapes.
func (s *Scanner) String() (string, bool) {
	if s.Peek() != '"' {
		return "", s.fail(Malformed, s.pos, "expected a string")
	}
	return s.readString()
}

// readString is String where its opening quote is next.
func (s *Scanner) readString() (string, bool) {
	start := s.pos + 1
	i := start
	ascii := true
	for {
		i = skipPlain(s.raw, i)
		if i == len(s.raw) {
			return "", s.fail(Malformed, i, messageOpen)
		}
		switch c := s.raw[i]; {
		case c == '"':
			s.pos = i + 1
			text := s.text[start:i]
			if !ascii && !utf8.ValidString(text) {
				return "", s.fail(InvalidUTF8, start, "the string is not valid UTF-8")
			}
			return text, true
		case c == '\\':
			return s.unescape(start, i)
		case c < ' ':
			return "", s.fail(Malformed, i, messageControl(s.raw[i]))
		default:
			ascii = false
			i++
		}
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// skipPlain finds the first byte from i on that is a quote, a backslash, a
// control character or not ASCII. It looks at eight bytes at a time: in each
// term below a byte's high bit is set if the byte is one of those; a borrow may
// set bits of higher bytes falsely, but never below the first true one.
func skipPlain(b []byte, i int) int {
	for ; len(b)-i >= 8; i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		quote := x ^ ones*'"'
		backslash := x ^ ones*'\\'
		found := (quote-ones)&^quote | (backslash-ones)&^backslash | (x-ones*' ')&^x | x
		if found &= highs; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= ' ' && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// messageControl refuses a control character, and says how it is written.
func messageControl(c byte) string {
	switch c {
	case '\n', '\r':
		return "a line break inside a string, where it is written \\n"
	case '\t':
		return "a tab inside a string, where it is written \\t"
	}
	return fmt.Sprintf("a control character inside a string, where it is written \\u%04x", c)
}

// unescape reads the rest of a string that has its first escape at i.
func (s *Scanner) unescape(start, i int) (string, bool) {
	out := append(s.scratch[:0], s.raw[start:i]...)
	defer func() { s.scratch = out[:0] }()
	for {
		from := i
		for i < len(s.raw) && s.raw[i] != '"' && s.raw[i] != '\\' && s.raw[i] >= ' ' {
			i++
		}
		out = append(out, s.raw[from:i]...)
		if i == len(s.raw) {
			return "", s.fail(Malformed, i, messageOpen)
		}
		switch s.raw[i] {
		case '"':
			s.pos = i + 1
			if !utf8.Valid(out) {
				return "", s.fail(InvalidUTF8, start, "the string is not valid UTF-8")
			}
			return string(out), true
		case '\\':
			r, n := escape(s.raw[i:])
			if n == 0 {
				return "", s.fail(Malformed, i, "an escape that JSON does not have")
			}
			if r == utf8.RuneError && n == loneSurrogate {
				return "", s.fail(InvalidUTF8, i, "an escaped half of a surrogate pair")
			}
			out = utf8.AppendRune(out, r)
			i += n
		default:
			return "", s.fail(Malformed, i, messageControl(s.raw[i]))
		}
	}
}

// loneSurrogate stands for the length of an escape that is no character.
const loneSurrogate = -1

// escape decodes the escape that b starts with, and its length; 0 if it is none.
func escape(b []byte) (rune, int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch c := b[1]; c {
	case '"', '\\', '/':
		return rune(c), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r, ok := hex4(b[2:])
		if !ok {
			return 0, 0
		}
		if !utf16.IsSurrogate(r) {
			return r, 6
		}
		if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
			if low, ok := hex4(b[8:]); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return pair, 12
				}
			}
		}
		return utf8.RuneError, loneSurrogate
	}
	return 0, 0
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// Number reads a number and returns its text, a slice of the value itself.
func (s *Scanner) Number() ([]byte, bool) {
	s.Peek()
	b := s.raw[s.pos:]
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	whole := digits(b[i:])
	if whole == 0 || whole > 1 && b[i] == '0' {
		return nil, s.fail(Malformed, s.pos, messageNumber)
	}
	i += whole
	if i < len(b) && b[i] == '.' {
		n := digits(b[i+1:])
		if n == 0 {
			return nil, s.fail(Malformed, s.pos, messageNumber)
		}
		i += 1 + n
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		n := digits(b[i:])
		if n == 0 {
			return nil, s.fail(Malformed, s.pos, messageNumber)
		}
		i += n
	}
	s.pos += i
	return b[:i], true
}

// NumberText is Number as a text that outlives the value.
func (s *Scanner) NumberText() (string, bool) {
	number, ok := s.Number()
	return s.text[s.pos-len(number) : s.pos], ok
}

// digits counts the digits that b starts with.
func digits(b []byte) int {
	for i, c := range b {
		if !isDigit(c) {
			return i
		}
	}
	return len(b)
}

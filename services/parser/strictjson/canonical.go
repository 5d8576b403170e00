package strictjson

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// AppendCanonical reads a value of any kind and appends it in one canonical form:
// no white space, fields in the order of their names, numbers in one spelling.
// Values that differ only in how they are written get the same form.
//
// A number that neither a 64-bit integer nor a double holds exactly becomes a
// string with its digits: stores of JSON would round it or refuse it.
func (s *Scanner) AppendCanonical(dst []byte) ([]byte, bool) {
	switch c := s.Peek(); {
	case c == '{':
		return s.appendObject(dst)
	case c == '[':
		if !s.Array() {
			return dst, false
		}
		dst = append(dst, '[')
		for n := 0; s.Element(); n++ {
			if n > 0 {
				dst = append(dst, ',')
			}
			var ok bool
			if dst, ok = s.AppendCanonical(dst); !ok {
				return dst, false
			}
		}
		return append(dst, ']'), s.err == nil
	case c == '"':
		text, ok := s.String()
		return AppendString(dst, text), ok
	case IsNumber(c):
		number, ok := s.Number()
		if !ok {
			return dst, false
		}
		return appendNumber(dst, number), true
	default:
		from := s.pos
		if !s.Skip() {
			return dst, false
		}
		return append(dst, s.text[from:s.pos]...), true
	}
}

func (s *Scanner) appendObject(dst []byte) ([]byte, bool) {
	if !s.Object() {
		return dst, false
	}
	type field struct {
		name     string
		from, to int
	}
	var fields []field
	var values []byte
	for {
		name, ok := s.Name()
		if !ok {
			break
		}
		from := len(values)
		if values, ok = s.AppendCanonical(values); !ok {
			return dst, false
		}
		fields = append(fields, field{name, from, len(values)})
	}
	if s.err != nil {
		return dst, false
	}
	slices.SortFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	dst = append(dst, '{')
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, f.name), ':')
		dst = append(dst, values[f.from:f.to]...)
	}
	return append(dst, '}'), true
}

// AppendString appends text as a JSON string with the fewest escapes.
func AppendString(dst []byte, text string) []byte {
	const hexDigits = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// appendNumber appends the number in its canonical spelling.
func appendNumber(dst, number []byte) []byte {
	exact := normalize(number)
	if len(exact.digits) == 0 {
		return append(dst, '0')
	}
	if v, err := strconv.ParseInt(string(number), 10, 64); err == nil {
		return strconv.AppendInt(dst, v, 10)
	}
	if v, err := strconv.ParseUint(string(number), 10, 64); err == nil {
		return strconv.AppendUint(dst, v, 10)
	}
	if f, err := strconv.ParseFloat(string(number), 64); err == nil {
		short := strconv.AppendFloat(nil, f, 'e', -1, 64)
		if n := normalize(short); n.negative == exact.negative && n.exp == exact.exp && bytes.Equal(n.digits, exact.digits) {
			if exact.exp >= -30 && exact.exp+len(exact.digits) <= 18 {
				return strconv.AppendFloat(dst, f, 'f', -1, 64)
			}
			return append(dst, short...)
		}
	}
	dst = append(dst, '"')
	if exact.negative {
		dst = append(dst, '-')
	}
	dst = append(dst, exact.digits...)
	if exact.exp != 0 {
		dst = strconv.AppendInt(append(dst, 'e'), int64(exact.exp), 10)
	}
	return append(dst, '"')
}

// scientific is digits x 10^exp, without zeros at either end of the digits.
type scientific struct {
	negative bool
	digits   []byte
	exp      int
}

// normalize takes a valid JSON number. An exponent beyond a billion is cut there:
// nothing distinguishes such numbers any more.
func normalize(number []byte) scientific {
	const limit = 1_000_000_000
	var n scientific
	mantissa, exponent := number, []byte(nil)
	if i := bytes.IndexAny(number, "eE"); i >= 0 {
		mantissa, exponent = number[:i], number[i+1:]
	}
	if len(exponent) > 0 {
		// The error is that of range, for which Atoi gives the nearest int.
		n.exp, _ = strconv.Atoi(string(exponent))
		n.exp = min(max(n.exp, -limit), limit)
	}
	if mantissa[0] == '-' {
		n.negative, mantissa = true, mantissa[1:]
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	n.exp -= len(fraction)
	n.digits = append(append(n.digits, whole...), fraction...)
	n.digits = bytes.TrimLeft(n.digits, "0")
	trimmed := bytes.TrimRight(n.digits, "0")
	n.exp += len(n.digits) - len(trimmed)
	n.digits = trimmed
	return n
}

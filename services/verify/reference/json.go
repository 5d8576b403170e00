package reference

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

const maxDepth = 32

// value is a JSON value that keeps the order of its fields.
type value struct {
	kind    byte // { [ " 0 t(rue/false) n(ull) N(aN or Infinity)
	text    string
	members []member
	items   []value
}

type member struct {
	name  string
	value value
}

// parse reads one JSON value; the rule is why it cannot.
func parse(raw []byte) (value, string) {
	if !utf8.Valid(raw) || halfSurrogate(raw) {
		return value{}, "invalid_utf8"
	}
	decoder := jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true))
	v, rule := next(decoder, 1)
	if rule != "" {
		return v, rule
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return v, "malformed_json"
	}
	return v, ""
}

func next(decoder *jsontext.Decoder, depth int) (value, string) {
	token, err := decoder.ReadToken()
	if err != nil {
		return value{}, "malformed_json"
	}
	kind := token.Kind()
	switch kind {
	case '{', '[':
		if depth > maxDepth {
			return value{}, "too_deep"
		}
		if kind == '{' {
			return object(decoder, depth)
		}
		return array(decoder, depth)
	case 'f':
		kind = 't'
	case '0':
		if digits := strings.TrimPrefix(token.String(), "-"); digits == notANumber || digits == infinity {
			kind = 'N'
		}
	}
	return value{kind: byte(kind), text: token.String()}, ""
}

func object(decoder *jsontext.Decoder, depth int) (value, string) {
	v := value{kind: '{', members: make([]member, 0, 6)}
	for decoder.PeekKind() == '"' {
		name, err := decoder.ReadToken()
		if err != nil {
			return v, "malformed_json"
		}
		text := name.String()
		if v.has(text) {
			return v, "duplicate_key"
		}
		field, rule := next(decoder, depth+1)
		if rule != "" {
			return v, rule
		}
		v.members = append(v.members, member{text, field})
	}
	if _, err := decoder.ReadToken(); err != nil {
		return v, "malformed_json"
	}
	return v, ""
}

// has tells whether an object has the field.
func (v *value) has(name string) bool {
	for i := range v.members {
		if v.members[i].name == name {
			return true
		}
	}
	return false
}

func array(decoder *jsontext.Decoder, depth int) (value, string) {
	v := value{kind: '['}
	for decoder.PeekKind() != ']' {
		item, rule := next(decoder, depth+1)
		if rule != "" {
			return v, rule
		}
		v.items = append(v.items, item)
	}
	if _, err := decoder.ReadToken(); err != nil {
		return v, "malformed_json"
	}
	return v, ""
}

// halfSurrogate tells whether an escape is half of a UTF-16 pair, which is no text.
func halfSurrogate(raw []byte) bool {
	if bytes.IndexByte(raw, '\\') < 0 {
		return false
	}
	for i := 0; i+1 < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		unit, ok := escapedUnit(raw[i:])
		if i++; !ok || !utf16.IsSurrogate(unit) {
			continue
		}
		low, ok := escapedUnit(raw[min(i+5, len(raw)):])
		if !ok || utf16.DecodeRune(unit, low) == utf8.RuneError {
			return true
		}
		i += 10
	}
	return false
}

// escapedUnit reads \uXXXX.
func escapedUnit(raw []byte) (rune, bool) {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	return rune(unit), err == nil
}

// canonical is the value as text that does not depend on the order of fields.
func (v value) canonical() string {
	switch v.kind {
	case '{':
		fields := make([]string, 0, len(v.members))
		for _, m := range v.members {
			fields = append(fields, strconv.Quote(m.name)+":"+m.value.canonical())
		}
		slices.Sort(fields)
		return "{" + strings.Join(fields, ",") + "}"
	case '[':
		items := make([]string, 0, len(v.items))
		for _, item := range v.items {
			items = append(items, item.canonical())
		}
		return "[" + strings.Join(items, ",") + "]"
	case '"':
		return strconv.Quote(v.text)
	}
	return v.text
}

package reference

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
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
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	v, rule := next(decoder, 1)
	if rule != "" {
		return v, rule
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return v, "malformed_json"
	}
	return v, ""
}

func next(decoder *json.Decoder, depth int) (value, string) {
	token, err := decoder.Token()
	if err != nil {
		return value{}, "malformed_json"
	}
	switch t := token.(type) {
	case json.Delim:
		if depth > maxDepth {
			return value{}, "too_deep"
		}
		if t == '{' {
			return object(decoder, depth)
		}
		return array(decoder, depth)
	case string:
		return value{kind: '"', text: t}, ""
	case json.Number:
		if digits := strings.TrimPrefix(t.String(), "-"); digits == notANumber || digits == infinity {
			return value{kind: 'N', text: t.String()}, ""
		}
		return value{kind: '0', text: t.String()}, ""
	case bool:
		return value{kind: 't', text: strconv.FormatBool(t)}, ""
	default:
		return value{kind: 'n', text: "null"}, ""
	}
}

func object(decoder *json.Decoder, depth int) (value, string) {
	v := value{kind: '{'}
	for decoder.More() {
		name, err := decoder.Token()
		text, isName := name.(string)
		if err != nil || !isName {
			return v, "malformed_json"
		}
		if slices.ContainsFunc(v.members, func(m member) bool { return m.name == text }) {
			return v, "duplicate_key"
		}
		field, rule := next(decoder, depth+1)
		if rule != "" {
			return v, rule
		}
		v.members = append(v.members, member{text, field})
	}
	if _, err := decoder.Token(); err != nil {
		return v, "malformed_json"
	}
	return v, ""
}

func array(decoder *json.Decoder, depth int) (value, string) {
	v := value{kind: '['}
	for decoder.More() {
		item, rule := next(decoder, depth+1)
		if rule != "" {
			return v, rule
		}
		v.items = append(v.items, item)
	}
	if _, err := decoder.Token(); err != nil {
		return v, "malformed_json"
	}
	return v, ""
}

// halfSurrogate tells whether an escape is half of a UTF-16 pair, which
// encoding/json would replace silently.
func halfSurrogate(raw []byte) bool {
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

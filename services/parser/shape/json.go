package shape

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/parser/vocabulary"
)

// Value is what the first JSON value of a text looks like, as far as the text goes.
type Value struct {
	// Ended tells that the value ends within the text, Lines that a line break stands in it.
	Ended, Lines bool
	// Length is how many bytes of the text it takes, with the white space before it.
	Length int
	// Broken tells that the value is no JSON.
	Broken bool
	// Keys are the names of the outermost object's members.
	Keys []string
	// Places are the arrays and objects that may hold records, in the order of the text.
	Places []Place
}

// Place is an array or object within a value.
type Place struct {
	// Pointer is its JSON Pointer; that of an array's elements is the array's.
	Pointer string
	// Array tells that it is an array of objects.
	Array bool
	// Keys are the names of the object's members, or of the array's first element's.
	Keys []string
}

// deepest is how many objects and arrays a place may be inside of.
const deepest = 6

// Look reads the first value of a text.
func Look(text []byte) Value {
	before := len(text)
	text = trimmedHead(text)
	before -= len(text)
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	l := looker{d: d}
	first, err := l.next()
	if err == nil {
		if first == json.Delim('{') {
			v := Place{}
			err = l.object(&v, "", 0)
			l.value.Keys = v.Keys
		} else {
			err = l.rest(first, "", 0)
		}
	}
	v := l.value
	v.Ended = err == nil
	v.Broken = err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF)
	v.Length = before + int(d.InputOffset())
	v.Lines = bytes.IndexByte(text[:min(len(text), int(d.InputOffset()))], '\n') >= 0
	return v
}

type looker struct {
	d     *json.Decoder
	value Value
	depth int
}

// tooDeep is a value that nests deeper than any record.
var errTooDeep = errors.New("nested too deep")

func (l *looker) next() (json.Token, error) {
	t, err := l.d.Token()
	if delim, ok := t.(json.Delim); ok && err == nil {
		if delim == '{' || delim == '[' {
			l.depth++
		} else {
			l.depth--
		}
		if l.depth > 64 {
			return t, errTooDeep
		}
	}
	return t, err
}

// rest goes over a value whose first token was read.
func (l *looker) rest(first json.Token, at string, level int) error {
	switch first {
	case json.Delim('{'):
		i := -1
		p := Place{Pointer: at}
		if at != "" && level <= deepest {
			i = len(l.value.Places)
			l.value.Places = append(l.value.Places, p)
		}
		err := l.object(&p, at, level)
		if i >= 0 {
			l.value.Places[i].Keys = p.Keys
		}
		return err
	case json.Delim('['):
		return l.array(at, level)
	}
	return nil
}

func (l *looker) object(p *Place, at string, level int) error {
	for {
		t, err := l.next()
		if err != nil {
			return err
		}
		if t == json.Delim('}') {
			return nil
		}
		name, _ := t.(string)
		if len(p.Keys) < 200 {
			p.Keys = append(p.Keys, name)
		}
		value, err := l.next()
		if err != nil {
			return err
		}
		if err := l.rest(value, at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), level+1); err != nil {
			return err
		}
	}
}

func (l *looker) array(at string, level int) error {
	place := -1
	for n := 0; ; n++ {
		t, err := l.next()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim(']'):
			return nil
		case json.Delim('{'):
			p := Place{Pointer: at, Array: true}
			if n == 0 && level <= deepest {
				place = len(l.value.Places)
				l.value.Places = append(l.value.Places, p)
			}
			before := len(l.value.Places)
			err = l.object(&p, at, level+1)
			if place >= 0 && n == 0 {
				l.value.Places[place].Keys = p.Keys
			}
			if n > 0 { // what later elements have inside is told by the first
				l.value.Places = l.value.Places[:before]
			} else {
				for i := range l.value.Places[before:] {
					l.value.Places[before+i].Pointer = at + "/0" + strings.TrimPrefix(l.value.Places[before+i].Pointer, at)
				}
			}
		case json.Delim('['):
			before := len(l.value.Places)
			if err = l.array(at+"/0", level+1); n > 0 {
				l.value.Places = l.value.Places[:before]
			}
		}
		if err != nil {
			return err
		}
	}
}

// Records gives the array or object of a wrapped document that most likely holds the
// records; false if the outermost value is the record.
func (v *Value) Records(words vocabulary.Words) (Place, bool) {
	if len(v.Keys) == 0 || v.IsRecord(words) {
		return Place{}, false
	}
	best, most := Place{}, 1
	for _, p := range v.Places {
		if strings.Contains(p.Pointer, "/0/") || strings.HasSuffix(p.Pointer, "/0") {
			continue
		}
		name := p.Pointer[strings.LastIndexByte(p.Pointer, '/')+1:]
		s := score(p.Keys, words)
		if p.Array && slices.Contains(p.Keys, "node") {
			s += 4
		}
		if p.Array && slices.Contains(vocabulary.Records, vocabulary.Plain(name)) {
			s += 3
		}
		if p.Array && slices.Contains(p.Keys, "geometry") && slices.Contains(p.Keys, "properties") {
			s += 4
		}
		if s > most {
			best, most = p, s
		}
	}
	return best, most > 1
}

// IsRecord tells whether the outermost object is a record itself, by the names of its members.
func (v *Value) IsRecord(words vocabulary.Words) bool { return score(v.Keys, words) >= 3 }

// score counts the fields that names stand for.
func score(keys []string, words vocabulary.Words) int {
	found := map[string]bool{}
	for _, key := range keys {
		name := vocabulary.Plain(key)
		if slices.Contains(vocabulary.Lines, name) {
			found["items"] = true
		} else if field := words.Field(name); field != "" {
			found[field] = true
		}
	}
	return len(found)
}

// Orders tells of the beginning of a file of native orders that the file as a whole is
// something else; empty if it may hold records.
func Orders(head []byte) string {
	text := trimmedHead(head)
	if len(text) == 0 {
		return ""
	}
	if text[0] != '{' && text[0] != '[' {
		return notJSON(text)
	}
	v := Look(text)
	if v.Broken {
		if is := almostJSON(text); is != "" || text[0] == '{' {
			return is
		}
	}
	if text[0] == '[' {
		return listOf(&v, text)
	}
	if isDynamo(&v) {
		return "the file is DynamoDB's JSON, in which each value stands beneath its type (S, N, M); write plain JSON (unmarshall), one object a line"
	}
	if isByColumn(&v) {
		return "the file is a table by column, not by record; write one object for each order (in pandas: to_json(FILE, orient='records', lines=True))"
	}
	if rest := text[min(len(text), v.Length):]; v.Ended && separatedByCommas(rest) {
		return "the file is JSON values with commas between them and without the brackets of a list; put a [ before the first and a ] behind the last (no comma before it), or take out the commas between them"
	}
	if slices.Contains(v.Keys, "order_id") && !v.Lines {
		return ""
	}
	what := "one JSON document"
	if v.Lines {
		what = "one JSON document over many lines"
	}
	if parent, withID, ok := v.named(vocabulary.Orders); ok {
		return byName(what, parent, withID)
	}
	if place, ok := v.Records(vocabulary.Orders); ok {
		return wrapped(what, place)
	}
	switch {
	case slices.Contains(v.Keys, "errors") || slices.Contains(v.Keys, "error"):
		return "the file is the answer of a server that refused (an object with " + strings.Join(firstKeys(v.Keys), ", ") + "); fetch the export again and look at it before it is sent"
	case v.Lines:
		return "the file is one JSON document over many lines: write each order on a line of its own (jq -c . FILE), or " + suggest
	}
	return ""
}

// separatedByCommas tells whether commas stand behind the first two objects, or one behind the
// first and nothing behind the second. A single comma may be a fault of the first record.
func separatedByCommas(rest []byte) bool {
	for n := range 2 {
		rest = trimmedHead(rest)
		if len(rest) == 0 || rest[0] != ',' {
			return n > 0 && len(rest) == 0
		}
		rest = trimmedHead(rest[1:])
		if len(rest) == 0 {
			return n > 0
		}
		if rest[0] != '{' {
			return false
		}
		next := Look(rest)
		if !next.Ended { // beyond the head
			return !next.Broken
		}
		rest = rest[next.Length:]
	}
	return true
}

// wrapped says where the records of a document are, and how to get at them.
func wrapped(what string, p Place) string {
	filter, inside := "."+jqPath(p.Pointer), ""
	if p.Array {
		filter += "[]"
	}
	switch {
	case p.Array && slices.Contains(p.Keys, "node"):
		filter, inside = filter+".node", ", each in its node (GraphQL)"
	case p.Array && slices.Contains(p.Keys, "geometry"):
		filter, inside = filter+".properties", ", each in its properties (GeoJSON)"
	}
	return fmt.Sprintf("the file is %s: the orders are in %s%s; write each on a line of its own (jq -c '%s' FILE), or %s",
		what, p.Pointer, inside, filter, suggest)
}

// jqPath writes a JSON Pointer as jq has it.
func jqPath(pointer string) string {
	var out strings.Builder
	for i, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		plain := name != "" && !(name[0] >= '0' && name[0] <= '9')
		for _, c := range []byte(name) {
			plain = plain && (isLetter(c) || c == '_' || c >= '0' && c <= '9')
		}
		switch {
		case plain && i > 0:
			out.WriteString("." + name)
		case plain:
			out.WriteString(name)
		default:
			quoted, _ := json.Marshal(name) // a text always can be
			out.WriteString("[" + strings.ReplaceAll(string(quoted), "'", `'\''`) + "]")
		}
	}
	return out.String()
}

// listOf tells of an array whose elements are no records.
func listOf(v *Value, text []byte) string {
	inner := trimmedHead(text[1:])
	if len(inner) == 0 {
		return ""
	}
	if inner[0] == '[' && len(v.Places) == 0 {
		return "the file is a list of rows without names, not of objects; write one object for each order, or a CSV file with a header for a source"
	}
	if inner[0] != '{' {
		return ""
	}
	first := Look(inner)
	if slices.Contains(first.Keys, "order_id") {
		return ""
	}
	if place, ok := first.Records(vocabulary.Orders); ok {
		message := wrapped("a list of documents", place)
		return strings.Replace(message, "jq -c '.", "jq -c '.[].", 1)
	}
	return ""
}

// isByColumn tells of an object whose members are all objects with numbers for names.
func isByColumn(v *Value) bool {
	if len(v.Keys) < 2 || len(v.Places) < 2 {
		return false
	}
	outer := 0
	for _, p := range v.Places {
		if strings.Count(p.Pointer, "/") != 1 {
			continue
		}
		if p.Array || len(p.Keys) == 0 || p.Keys[0] != "0" {
			return false
		}
		outer++
	}
	return outer >= 2
}

func firstKeys(keys []string) []string {
	var names []string
	for _, key := range keys[:min(len(keys), 5)] {
		names = append(names, plainName([]byte(key)))
	}
	return names
}

package source

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"github.com/santhosh-tekuri/jsonschema/v6"
	schemakind "github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed schema.json
var schemaText []byte

// Schema is the JSON Schema of a source's file.
func Schema() []byte { return bytes.Clone(schemaText) }

// schema is compiled once; it is the package's own, so that it cannot be wrong.
var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		return nil, err
	}
	return compiler.Compile("schema.json")
})

// readFile reads a source's file as far as its schema knows it. The lines are those of its
// values, by their JSON Pointers.
func readFile(content []byte) (*config, map[string]int, problems) {
	file, err := parser.ParseBytes(content, 0)
	if err != nil {
		return nil, map[string]int{"": lineOfSyntax(err)}, problems{{"", "the file is not YAML: " + firstLine(err)}}
	}
	t := tree{lines: map[string]int{}}
	var document any
	switch len(file.Docs) {
	case 0:
	case 1:
		document = t.value(file.Docs[0].Body, "")
	default:
		t.add("", "the file holds %d YAML documents; a source is one", len(file.Docs))
	}
	if len(t.problems) > 0 {
		return nil, t.lines, t.problems
	}
	compiled, err := schema()
	if err != nil {
		return nil, t.lines, problems{{"", err.Error()}}
	}
	var invalid *jsonschema.ValidationError
	if err := compiled.Validate(document); errors.As(err, &invalid) {
		return nil, t.lines, faultsOf(invalid)
	}
	text, err := json.Marshal(document)
	if err != nil {
		return nil, t.lines, problems{{"", err.Error()}}
	}
	var c config
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, t.lines, problems{{"", err.Error()}}
	}
	return &c, t.lines, nil
}

// firstLine is what a fault of syntax says, without its place and the excerpt behind it.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	if _, text, ok := strings.Cut(line, "] "); ok && line[0] == '[' {
		return text
	}
	return line
}

func lineOfSyntax(err error) int {
	var syntax interface{ GetToken() *token.Token }
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		return syntax.GetToken().Position.Line
	}
	return 1
}

// tree turns YAML into the values of JSON. Numbers stay the text that they are, so that no
// amount becomes a float.
type tree struct {
	problems
	lines map[string]int
}

func (t *tree) value(n ast.Node, at string) any {
	if n == nil {
		return nil
	}
	if token := n.GetToken(); token != nil && t.lines[at] == 0 {
		t.lines[at] = token.Position.Line
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return t.mapping(n.Values, at)
	case *ast.MappingValueNode:
		return t.mapping([]*ast.MappingValueNode{n}, at)
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, each := range n.Values {
			list[i] = t.value(each, fmt.Sprintf("%s/%d", at, i))
		}
		return list
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode:
		text := n.GetToken().Value
		if json.Valid([]byte(text)) {
			return json.Number(text)
		}
		return text // such as 0x10 or 007: what is written is what is meant
	case *ast.BoolNode:
		return n.Value
	case *ast.NullNode:
		return nil
	}
	t.add(at, "this kind of YAML (%s) has no place in a source; write the value out", n.Type())
	return nil
}

func (t *tree) mapping(values []*ast.MappingValueNode, at string) any {
	object := make(map[string]any, len(values))
	for _, each := range values {
		name := each.Key.GetToken().Value
		here := at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		t.lines[here] = each.Key.GetToken().Position.Line
		if _, twice := object[name]; twice {
			t.add(here, "the key %q stands twice", name)
		}
		object[name] = t.value(each.Value, here)
	}
	return object
}

// faultsOf says what a file has wrong by the schema, in words.
func faultsOf(invalid *jsonschema.ValidationError) (list problems) {
	if _, ok := invalid.ErrorKind.(*schemakind.AnyOf); ok {
		list.add("", "describes neither orders nor products nor customers")
		return list
	}
	if len(invalid.Causes) > 0 {
		for _, cause := range invalid.Causes {
			list = append(list, faultsOf(cause)...)
		}
		return list
	}
	at := ""
	for _, name := range invalid.InstanceLocation {
		at += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
	}
	switch k := invalid.ErrorKind.(type) {
	case *schemakind.AdditionalProperties:
		known := propertiesAt(invalid.SchemaURL)
		for _, name := range k.Properties {
			list.add(at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), "unknown key %q%s; known are %s", name, didYouMean(name, known), strings.Join(known, ", "))
		}
	case *schemakind.Required:
		list.add(at, "lacks %s", strings.Join(k.Missing, ", "))
	case *schemakind.Type:
		list.add(at, "is %s and should be %s", k.Got, strings.Join(k.Want, " or "))
	case *schemakind.Enum:
		list.add(at, "is none of %v", k.Want)
	case *schemakind.Pattern:
		list.add(at, "is %q; a JSON Pointer begins with a slash", k.Got)
	case *schemakind.MinProperties:
		list.add(at, "says nothing")
	case *schemakind.MinLength, *schemakind.MinItems:
		list.add(at, "is empty")
	default:
		list.add(at, "%s", invalid.ErrorKind.LocalizedString(message.NewPrinter(language.English)))
	}
	return list
}

// propertiesAt gives the names that the schema knows at one of its own places.
func propertiesAt(url string) []string {
	var here any
	if json.Unmarshal(schemaText, &here) != nil {
		return nil
	}
	_, fragment, _ := strings.Cut(url, "#")
	names, _ := pointer(fragment)
	for _, name := range names {
		object, _ := here.(map[string]any)
		here = object[name]
	}
	object, _ := here.(map[string]any)
	properties, _ := object["properties"].(map[string]any)
	return sortedKeys(properties)
}

// didYouMean names the known word that another is most like, if it is like one.
func didYouMean(word string, known []string) string {
	if best := nearest(word, known); best != "" {
		return fmt.Sprintf(" (did you mean %s?)", best)
	}
	return ""
}

func nearest(word string, known []string) string {
	best, least := "", 1+max(len(word)/3, 1)
	for _, each := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(each)); d < least {
			best, least = each, d
		}
	}
	return best
}

// distance is how many letters must be put in, taken out, changed or swapped with the next
// to make one word of another.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// lineOf gives the line of a value, or of the nearest around it.
func lineOf(lines map[string]int, at string) int {
	for {
		if line := lines[at]; line > 0 {
			return line
		}
		i := strings.LastIndexByte(at, '/')
		if i < 0 {
			return 1
		}
		at = at[:i]
	}
}

// errorOf puts the problems of a file together, in the order of their lines.
func errorOf(file string, lines map[string]int, all problems) error {
	slices.SortStableFunc(all, func(a, b problem) int { return lineOf(lines, a.at) - lineOf(lines, b.at) })
	var list []error
	for _, p := range all {
		where := strings.TrimPrefix(strings.NewReplacer("~1", "/", "~0", "~").Replace(strings.ReplaceAll(p.at, "/", ".")), ".")
		if where != "" {
			where += ": "
		}
		text := fmt.Sprintf("%s:%d: %s%s", file, lineOf(lines, p.at), where, p.message)
		if n := len(list); n == 0 || list[n-1].Error() != text { // a default of many places is wrong once
			list = append(list, errors.New(text))
		}
	}
	return errors.Join(list...)
}

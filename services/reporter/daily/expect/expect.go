// Package expect reads a shop's own expectations of its data: a YAML file of rules that the daily audit holds beside its own.
// A rule names a table, mostly a column, one check and how bad a breach is. Nothing of the file becomes SQL: names are looked
// up among the columns that there are, and values are bound as parameters. A file that is not right is refused as a whole,
// with the line of each fault.
package expect

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"math/big"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

//go:embed example.yaml
var example []byte

// Example is a file with a rule of each kind.
func Example() []byte { return bytes.Clone(example) }

// Limits of a file. No shop's rules come near them; they bound what a mistake costs.
const (
	maxBytes   = 1 << 20
	maxRules   = 200
	maxValues  = 1000
	maxPattern = 500
)

// Error is a fault of a file of expectations.
type Error struct {
	File    string
	Line    int    // 0: of the file as a whole
	Message string // what is wrong, and what to do
	Err     error  // behind it; nil: none
}

// Unwrap gives the error behind it.
func (e *Error) Unwrap() error { return e.Err }

// Error implements error.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
}

// Rule is an expectation as the audit's statement takes it.
type Rule struct {
	Position    int64    `bigquery:"position"`
	Place       int64    `bigquery:"place"`
	OtherPlace  int64    `bigquery:"other_place"` // of references and at_most
	Kind        string   `bigquery:"kind"`
	HasLow      bool     `bigquery:"has_low"`
	Low         *big.Rat `bigquery:"low"`
	HasHigh     bool     `bigquery:"has_high"`
	High        *big.Rat `bigquery:"high"`
	Pattern     string   `bigquery:"pattern"`
	Severity    string   `bigquery:"severity"`
	Table       string   `bigquery:"table_name"`
	Column      string   `bigquery:"column_name"` // of rows the table's first, of max_age_hours by itself the time of the rows
	Expectation string   `bigquery:"expectation"` // in words
}

// Value is a value that a rule of the kind "in" allows.
type Value struct {
	Position int64  `bigquery:"position"`
	Word     string `bigquery:"word"`
}

// Rules are the expectations of a file, in its order.
type Rules struct {
	Rules  []Rule
	Values []Value
}

// Read reads a file of expectations; no name, no rules. Its errors are of the type Error, one for each fault, joined.
func Read(name string) (Rules, error) {
	if name == "" {
		return Rules{}, nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return Rules{}, &Error{File: name, Message: "cannot be read: " + err.Error(), Err: err}
	}
	if info.Size() > maxBytes {
		return Rules{}, &Error{File: name, Message: fmt.Sprintf("has %d bytes, %d at most", info.Size(), maxBytes)}
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return Rules{}, &Error{File: name, Message: "cannot be read: " + err.Error(), Err: err}
	}
	return Parse(name, content)
}

// file is a file as it is written.
type file struct {
	Expectations []entry `yaml:"expectations"`
}

// entry is a rule as it is written: one of its checks is there.
type entry struct {
	Table      string   `yaml:"table"`
	Column     string   `yaml:"column"`
	Severity   string   `yaml:"severity"`
	NotNull    bool     `yaml:"not_null"`
	Unique     bool     `yaml:"unique"`
	In         []string `yaml:"in"`
	Between    *bounds  `yaml:"between"`
	Matches    string   `yaml:"matches"`
	References string   `yaml:"references"`
	AtMost     string   `yaml:"at_most"`
	Rows       *bounds  `yaml:"rows"`
	Filled     *bounds  `yaml:"filled"`
	Mean       *bounds  `yaml:"mean"`
	Sum        *bounds  `yaml:"sum"`
	MaxAge     *decimal `yaml:"max_age_hours"`
}

type bounds struct {
	Min *decimal `yaml:"min"`
	Max *decimal `yaml:"max"`
}

// decimal is a number as it is written: none becomes a float.
type decimal struct {
	text string
	rat  *big.Rat
}

var decimalText = regexp.MustCompile(`^[+-]?[0-9]{1,20}(\.[0-9]{1,9})?$`)

// UnmarshalYAML implements yaml.BytesUnmarshaler.
func (d *decimal) UnmarshalYAML(written []byte) error {
	d.text = strings.TrimSpace(string(written))
	if decimalText.MatchString(d.text) {
		d.rat, _ = new(big.Rat).SetString(d.text)
	}
	return nil // what is no number is told with its line
}

// Parse reads the content of a file of expectations; the name is for its faults.
func Parse(name string, content []byte) (Rules, error) {
	if len(content) > maxBytes {
		return Rules{}, &Error{File: name, Message: fmt.Sprintf("has %d bytes, %d at most", len(content), maxBytes)}
	}
	tree, err := parser.ParseBytes(content, 0)
	if err != nil {
		return Rules{}, faultOf(name, err)
	}
	if len(tree.Docs) > 1 {
		return Rules{}, &Error{File: name, Message: fmt.Sprintf("holds %d YAML documents; write one", len(tree.Docs))}
	}
	for _, doc := range tree.Docs {
		if doc.Body == nil {
			continue // nothing is in it
		}
		var plain plainness
		ast.Walk(&plain, doc)
		if plain.line > 0 {
			return Rules{}, &Error{File: name, Line: plain.line, Message: "anchors, aliases and tags have no place here; write the value out"}
		}
	}
	var f file
	if err := yaml.UnmarshalWithOptions(content, &f, yaml.Strict()); err != nil {
		return Rules{}, faultOf(name, err)
	}
	if len(f.Expectations) == 0 || len(f.Expectations) > maxRules {
		return Rules{}, &Error{File: name, Message: fmt.Sprintf("has %d rules under the key expectations; write 1 to %d", len(f.Expectations), maxRules)}
	}
	var rules Rules
	var faults []error
	for i, e := range f.Expectations {
		rule, values, problem := e.rule(int64(i + 1))
		if problem != "" {
			faults = append(faults, &Error{File: name, Line: lineOf(tree, i), Message: problem})
			continue
		}
		rules.Rules, rules.Values = append(rules.Rules, rule), append(rules.Values, values...)
	}
	if len(faults) > 0 {
		return Rules{}, errors.Join(faults...)
	}
	return rules, nil
}

// plainness finds what is more than plain YAML: an alias may stand for more than any file holds.
type plainness struct{ line int }

// Visit implements ast.Visitor.
func (p *plainness) Visit(n ast.Node) ast.Visitor {
	if slices.Contains([]ast.NodeType{ast.AliasType, ast.AnchorType, ast.TagType, ast.MergeKeyType}, n.Type()) && p.line == 0 {
		p.line = n.GetToken().Position.Line
	}
	return p
}

// faultOf is a fault of syntax, with its line.
func faultOf(name string, err error) *Error {
	fault := &Error{File: name, Line: 1}
	var syntax interface{ GetToken() *token.Token }
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		fault.Line = syntax.GetToken().Position.Line
	}
	fault.Message, _, _ = strings.Cut(err.Error(), "\n")
	if _, said, ok := strings.Cut(fault.Message, "] "); ok && fault.Message[0] == '[' {
		fault.Message = said
	}
	fault.Message += "; pipelinectl expectations example prints one that is right"
	return fault
}

// lineOf is the line where a rule begins.
func lineOf(tree *ast.File, i int) int {
	path, err := yaml.PathString(fmt.Sprintf("$.expectations[%d]", i))
	if err != nil {
		return 0
	}
	node, err := path.FilterFile(tree)
	if err != nil {
		return 0
	}
	// The first key of a rule begins it; the node's own token is the first colon.
	if mapping, ok := node.(*ast.MappingNode); ok && len(mapping.Values) > 0 {
		node = mapping.Values[0].Key
	}
	return node.GetToken().Position.Line
}

package sql

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// Statement is one statement, what it takes and what it touches. It is not to be changed.
type Statement struct {
	Name string // folder and file without its extension: "transform/010_raise_fence"
	Text string // header comment kept, no trailing semicolon
	// Parameters are those that its header declares, in that order.
	Parameters []Parameter
	// Reads and Writes are the tables and views of the schema that it reads and changes, each
	// sorted. A view that is read stands for the tables under it too, since BigQuery asks for
	// the right to both. A table that is changed counts as read only where the statement names
	// it again.
	Reads, Writes []string
	// When and Unless name what makes the statement needed among those of its folder, one of
	// which is enough, and what makes it superfluous: "-- @when versions, repairs". Without
	// either it always is needed.
	When, Unless []string

	dates   []datesList // where they stand in Text
	choices []choice    // what only some need: see Given
}

// Parameter is a value that a statement takes: "-- @param name TYPE".
type Parameter struct{ Name, Type string }

// IsDates tells whether the parameter is a list of dates that InlineDates puts into the
// text; it is none of the query's parameters then.
func (p Parameter) IsDates() bool { return isDatesParameter(p.Name) }

// headerLine is how a statement's header says what it takes and when it is needed.
var headerLine = regexp.MustCompile(`(?m)^-- @(param ([a-z][a-z0-9_]*) ([A-Z].*)|when (\w+(?:, \w+)*)|unless (\w+(?:, \w+)*))$`)

// Parse reads a text that holds one statement. What follows its last token is dropped, so
// that neither the semicolon nor a comment is left to swallow what a caller appends.
func Parse(name, src string) (Statement, error) {
	text, tokens, err := lexer.Statement(src)
	if err != nil {
		return Statement{}, err
	}
	s := Statement{Name: name, Text: text}
	for _, m := range headerLine.FindAllStringSubmatch(text, -1) {
		switch {
		case m[2] != "":
			s.Parameters = append(s.Parameters, Parameter{m[2], m[3]})
		case m[4] != "":
			s.When = strings.Split(m[4], ", ")
		default:
			s.Unless = strings.Split(m[5], ", ")
		}
	}
	if s.choices, err = choicesOf(text, tokens); err != nil {
		return Statement{}, err
	}
	if s.dates, err = datesIn(text, tokens); err != nil {
		return Statement{}, err
	}
	s.Reads, s.Writes, err = uses(tokens)
	return s, err
}

// Transaction joins statements into one of several, which commits all of them or none. A comment
// before each tells its name: see NamesIn.
func Transaction(name string, statements ...Statement) (Statement, error) {
	all := Statement{Name: name}
	var b strings.Builder
	b.WriteString("-- begin\nBEGIN TRANSACTION;\n")
	for _, s := range statements {
		b.WriteString("-- " + s.Name + "\n")
		for _, list := range s.dates {
			list.start, list.end = list.start+b.Len(), list.end+b.Len()
			all.dates = append(all.dates, list)
		}
		b.WriteString(s.Text)
		b.WriteString(";\n")
		for _, p := range s.Parameters {
			known := slices.IndexFunc(all.Parameters, func(other Parameter) bool { return other.Name == p.Name })
			switch {
			case known < 0:
				all.Parameters = append(all.Parameters, p)
			case all.Parameters[known] != p:
				return Statement{}, fmt.Errorf("sql: %s takes @%s as %s, others of %s as %s", s.Name, p.Name, p.Type, name, all.Parameters[known].Type)
			}
		}
		all.Reads, all.Writes = append(all.Reads, s.Reads...), append(all.Writes, s.Writes...)
	}
	b.WriteString("-- commit\nCOMMIT TRANSACTION;\n")
	all.Text, all.Reads, all.Writes = b.String(), distinct(all.Reads), distinct(all.Writes)
	return all, nil
}

// NamesIn are the names of a transaction's statements, by its text, "begin" and "commit" among
// them: BigQuery keeps one job for each, in this order.
func NamesIn(transaction string) ([]string, error) {
	tokens, err := lexer.Tokenize(transaction)
	if err != nil {
		return nil, err
	}
	var names []string
	begins := 0 // where the text before the statement does
	for i, t := range tokens {
		if i == 0 || tokens[i-1].Is(";") {
			if t.Kind == lexer.EOF {
				break
			}
			first, _, _ := strings.Cut(strings.TrimSpace(transaction[begins:t.Pos]), "\n")
			names = append(names, strings.TrimPrefix(first, "-- "))
		}
		begins = t.End
	}
	return names, nil
}

package sql

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// The statements of some folders run together, as the transaction's do, and not every run needs
// all of them. A header may say when its whole statement is left out; lines of their own mark a
// stretch of a statement that may be:
//
//	-- @if catalogs          or: -- @if not catalogs
//	UNION ALL
//	SELECT ...
//	-- @end
//
// Stretches do not contain one another.

// Needed are those of a folder's statements that are needed when these are there, without the
// stretches that are not.
func Needed(folder []Statement, there ...string) ([]Statement, error) {
	isThere := func(name string) bool { return slices.Contains(there, name) }
	var needed []Statement
	for _, s := range folder {
		if len(s.When) > 0 && !slices.ContainsFunc(s.When, isThere) || slices.ContainsFunc(s.Unless, isThere) {
			continue
		}
		given, err := s.Given(there...)
		if err != nil {
			return nil, err
		}
		needed = append(needed, given)
	}
	return needed, nil
}

// Given is the statement without the stretches that are not needed when these are there. It takes
// and touches only what is left.
func (s Statement) Given(there ...string) (Statement, error) {
	if len(s.choices) == 0 {
		return s, nil
	}
	var text strings.Builder
	copied := 0
	for _, p := range s.choices {
		text.WriteString(s.Text[copied:p.start])
		if slices.Contains(there, p.name) != p.negated {
			text.WriteString(s.Text[p.inner:p.innerEnd])
		}
		copied = p.end
	}
	text.WriteString(s.Text[copied:])
	given, err := Parse(s.Name, text.String())
	if err != nil {
		return Statement{}, err
	}
	tokens, err := lexer.Tokenize(given.Text)
	if err != nil {
		return Statement{}, err
	}
	given.Parameters = slices.DeleteFunc(given.Parameters, func(p Parameter) bool {
		return !slices.ContainsFunc(tokens, func(t lexer.Token) bool { return t.Kind == lexer.Parameter && t.Text == p.Name })
	})
	return given, nil
}

// Forms are the statement's texts that occur, for tests that try each: of a transaction's statement what
// batches bring, of another with no condition, each, and all. No stretch depends on another.
func (s Statement) Forms() ([]Statement, error) {
	var forms []Statement
	for _, there := range s.occasions() {
		needed, err := Needed([]Statement{s}, there...)
		if err != nil {
			return nil, err
		}
		for _, form := range needed {
			if !slices.ContainsFunc(forms, func(other Statement) bool { return other.Text == form.Text }) {
				forms = append(forms, form)
			}
		}
	}
	if len(forms) == 0 {
		return nil, fmt.Errorf("%s: nobody needs it", s.Name)
	}
	return forms, nil
}

// occasions are sets of conditions that may hold.
func (s Statement) occasions() [][]string {
	all := s.Conditions()
	if !strings.HasPrefix(s.Name, "transform/") {
		sets := [][]string{nil, all}
		for _, name := range all {
			sets = append(sets, []string{name})
		}
		return sets
	}
	var sets [][]string
	seen := make(map[string]bool)
	for _, brought := range Batches() {
		there := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return !slices.Contains(brought, name) })
		if key := strings.Join(there, ","); !seen[key] {
			seen[key] = true
			sets = append(sets, there)
		}
	}
	return sets
}

// Conditions are the names that decide what of the statement is needed, sorted.
func (s Statement) Conditions() []string {
	names := slices.Concat(s.When, s.Unless)
	for _, p := range s.choices {
		names = append(names, p.name)
	}
	return distinct(names)
}

// choice is a stretch of a statement's text that is needed only if something is there, or is not.
type choice struct {
	name            string
	negated         bool
	start, end      int // with the lines that mark it
	inner, innerEnd int // without them
}

var choiceLine = regexp.MustCompile(`(?m)^[ ]*-- @(?:if (not )?(\w+)|end)\n`)

// choicesOf finds the choices of a text. What looks like the beginning or the end of one inside a
// literal is none.
func choicesOf(text string, tokens []lexer.Token) ([]choice, error) {
	var choices []choice
	open := false
	for _, m := range choiceLine.FindAllStringSubmatchIndex(text, -1) {
		at, end := m[0], m[1]
		if slices.ContainsFunc(tokens, func(t lexer.Token) bool { return t.Pos < at && t.End > at }) {
			continue
		}
		begins := m[4] >= 0
		switch {
		case begins == open && open:
			return nil, lexer.ErrorAt(text, at, "@if inside of an @if")
		case begins == open:
			return nil, lexer.ErrorAt(text, at, "@end without an @if")
		case begins:
			choices = append(choices, choice{name: text[m[4]:m[5]], negated: m[2] >= 0, start: at, inner: end})
		default:
			choices[len(choices)-1].innerEnd, choices[len(choices)-1].end = at, end
		}
		open = begins
	}
	if open {
		return nil, lexer.ErrorAt(text, choices[len(choices)-1].start, "@if without an @end")
	}
	return choices, nil
}

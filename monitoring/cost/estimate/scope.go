package estimate

import (
	"regexp"
	"strings"
)

// scope is one SELECT of a statement, or the statement around them: what it reads from, by
// the name that it has there, and the words that stand in it and in no SELECT inside of it.
type scope struct {
	around *scope
	text   string
	tables map[string]string // names in FROM and JOIN by alias; of one without, by itself
}

var (
	// selecting begins a SELECT in brackets.
	selecting = regexp.MustCompile(`^\(\s*(?:WITH|SELECT|\()`)
	combining = regexp.MustCompile(`\b(?:UNION ALL|UNION DISTINCT|INTERSECT DISTINCT|EXCEPT DISTINCT)\b`)
	word      = regexp.MustCompile(`(?:(\w+)\.)?(\w+)`)
	literal   = regexp.MustCompile(`'[^'\n]*'`)
	taking    = regexp.MustCompile(`SELECT\s+(?:DISTINCT\s+)?\*|\b(\w+)\.\*`)
	reading   = regexp.MustCompile(`(?:FROM|JOIN|USING|UPDATE|INTO)\s+(\w+)(?:\s+AS\s+(\w+))?`)
)

// scopes takes a text, without comments, apart: each SELECT in brackets is a scope inside of
// the one around it, and so is each part of a UNION.
func scopes(text string, around *scope) []*scope {
	var all []*scope
	own, inside := cutSelects(text)
	outer := &scope{around: around, tables: make(map[string]string)}
	for _, part := range combining.Split(own, -1) {
		s := &scope{around: around, text: part, tables: make(map[string]string)}
		for _, m := range reading.FindAllStringSubmatch(part, -1) {
			name := m[2]
			if name == "" {
				name = m[1]
			}
			s.tables[name] = m[1]
			outer.tables[name] = m[1]
		}
		all = append(all, s)
	}
	// What stands in brackets belongs to one of the parts; which, matters only to a name that
	// another part gives to another table.
	for _, text := range inside {
		all = append(all, scopes(text, outer)...)
	}
	return all
}

// cutSelects gives the text without the SELECTs in brackets, and those.
func cutSelects(text string) (own string, inside []string) {
	var b strings.Builder
	for at := 0; at < len(text); at++ {
		if text[at] != '(' || !selecting.MatchString(text[at:]) {
			b.WriteByte(text[at])
			continue
		}
		end := closing(text, at)
		inside = append(inside, text[at+1:end])
		b.WriteString("()")
		at = end
	}
	return b.String(), inside
}

// closing is where the bracket closes that opens at a place.
func closing(text string, at int) int {
	depth, quoted := 0, false
	for i := at; i < len(text); i++ {
		if text[i] == '\'' {
			quoted = !quoted
		}
		if quoted {
			continue
		}
		switch text[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(text)
}

// everyColumn stands for all columns of a table.
const everyColumn = "*"

// named are the columns that a statement names of each table, as far as can be told by the
// scope that a word stands in: a word after an alias is of what the alias stands for, one
// without may be of any table of its scope or around it.
func named(text string) map[string]map[string]bool {
	columns := make(map[string]map[string]bool)
	for _, s := range scopes(text, nil) {
		for _, m := range word.FindAllStringSubmatch(literal.ReplaceAllString(s.text, "''"), -1) {
			s.name(columns, m[1], m[2])
		}
		for _, m := range taking.FindAllStringSubmatch(s.text, -1) {
			if m[1] != "" {
				s.name(columns, m[1], everyColumn)
				continue
			}
			for _, table := range s.tables {
				note(columns, table, everyColumn)
			}
		}
	}
	return columns
}

// boundsIn are the texts of the scopes that read each table.
func boundsIn(text string) map[string]string {
	bounds := make(map[string]string)
	for _, s := range scopes(text, nil) {
		for _, table := range s.tables {
			bounds[table] += s.text + "\n"
		}
	}
	return bounds
}

// name notes a column of what the alias stands for in the scope; without an alias, of
// everything that it may be of.
func (s *scope) name(columns map[string]map[string]bool, alias, column string) {
	for around := s; around != nil; around = around.around {
		if alias == "" {
			for _, table := range around.tables {
				note(columns, table, column)
			}
		} else if table, known := around.tables[alias]; known {
			note(columns, table, column)
			return
		}
	}
}

func note(columns map[string]map[string]bool, table, column string) {
	if columns[table] == nil {
		columns[table] = make(map[string]bool)
	}
	columns[table][column] = true
}

// words are all that a text holds.
func words(text string) map[string]bool {
	all := make(map[string]bool)
	for _, m := range word.FindAllStringSubmatch(text, -1) {
		all[m[2]] = true
	}
	return all
}

package sql

import (
	"io/fs"
	"slices"
	"strings"
)

// Statements returns every statement of every folder but schema/, in the order
// of their names.
func Statements() ([]NamedStatement, error) {
	folders, err := fs.ReadDir(files, ".") // sorted
	if err != nil {
		return nil, err
	}
	var all []NamedStatement
	for _, folder := range folders {
		if folder.Name() == "schema" {
			continue
		}
		group, err := Group(folder.Name())
		if err != nil {
			return nil, err
		}
		all = append(all, group...)
	}
	return all, nil
}

// writing are the words after which a table's name stands that is changed; where
// two are given the second is the nearer.
var writing = [][2]string{{"INSERT", "INTO"}, {"MERGE", "INTO"}, {"DELETE", "FROM"}, {"TRUNCATE", "TABLE"}, {"", "UPDATE"}, {"", "MERGE"}, {"", "INSERT"}}

// Uses tells which tables and views of schema/ a statement reads and which it
// changes, each sorted. A view that is read stands for the tables under it too,
// since BigQuery asks for the right to both. A table that is changed counts as
// read only where the statement names it again.
func Uses(stmt string) (reads, writes []string, err error) {
	tables, err := Tables()
	if err != nil {
		return nil, nil, err
	}
	queries := make(map[string]string, len(tables))
	for _, t := range tables {
		queries[t.Name] = t.ViewQuery
	}
	tokens, err := lex(stmt)
	if err != nil {
		return nil, nil, err
	}
	for i, t := range tokens {
		name := strings.Trim(t.text(stmt), "`")
		query, known := queries[name]
		if !known || t.kind != tokenWord && t.kind != tokenQuoted {
			continue
		}
		if isWritten(stmt, tokens[:i]) {
			writes = append(writes, name)
			continue
		}
		reads = append(reads, name)
		if query != "" {
			under, _, err := Uses(query)
			if err != nil {
				return nil, nil, err
			}
			reads = append(reads, under...)
		}
	}
	return distinct(reads), distinct(writes), nil
}

func isWritten(src string, before []token) bool {
	return slices.ContainsFunc(writing, func(words [2]string) bool {
		n := len(before)
		return n >= 1 && before[n-1].is(src, words[1]) && (words[0] == "" || n >= 2 && before[n-2].is(src, words[0]))
	})
}

func distinct(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

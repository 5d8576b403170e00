// Package sql holds the statements that services and operators run, one per file, in
// GoogleSQL, embedded into the programs that run them:
//
//	schema/     the tables and views; the contract for every column
//	seed/       what a new dataset must contain; safe to run again
//	parsing/    what the parser asks
//	transform/  the aggregator's transaction, in the order of the file names
//	loading/    what the aggregator asks before and after it
//	verify/     the promises, each a query for what breaks it
//	operations/ what pipelinectl asks
//	dashboard/  the reporter's queries
//	reports/    the daily reports' transactions, in the order of the file names, and
//	            what reads them
//	doctor/     what pipelinectl doctor asks
//
// Every file opens with a comment that gives its grain, what running it again
// does and who runs it, and declares each named parameter in a line
// "-- @param name TYPE". The tests hold all files to that and type-check them
// with GoogleSQL's own analyzer; production code depends on none of it.
//
// The readers here know only as much SQL as they need: a lexer that tells
// strings and comments from code, and a parser for the subset of CREATE TABLE
// and CREATE VIEW that schema/ uses. What lies outside the subset is refused
// with its file and line.
package sql

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// One pattern for all folders, so that a new folder needs no new code.
//
//go:embed */*.sql
var files embed.FS

// NamedStatement is one statement and the name it goes by.
type NamedStatement struct {
	Name string // folder and file without its extension: "transform/010_raise_fence"
	Text string // header comment kept, no trailing semicolon
}

// Statement returns the text of the named statement, such as
// "dashboard/orders_per_hour": its header comment kept, its trailing
// semicolon and what follows removed. An unknown name is an error that wraps fs.ErrNotExist.
func Statement(name string) (string, error) {
	file := name + ".sql"
	src, err := fs.ReadFile(files, file)
	if err != nil {
		return "", fmt.Errorf("sql: statement %q: %w", name, err)
	}
	text, err := single(string(src))
	if err != nil {
		return "", inFile(file, err)
	}
	return text, nil
}

// Group returns all statements of one folder, such as "transform", in the
// order of their names. An unknown folder is an error that wraps
// fs.ErrNotExist.
func Group(dir string) ([]NamedStatement, error) {
	entries, err := fs.ReadDir(files, dir) // sorted by file name
	if err != nil {
		return nil, fmt.Errorf("sql: group %q: %w", dir, err)
	}
	var group []NamedStatement
	for _, entry := range entries {
		base, isSQL := strings.CutSuffix(entry.Name(), ".sql")
		if !isSQL {
			continue
		}
		name := path.Join(dir, base)
		text, err := Statement(name)
		if err != nil {
			return nil, err
		}
		group = append(group, NamedStatement{Name: name, Text: text})
	}
	return group, nil
}

// single returns the one statement of src and refuses text that holds none or
// several. It ends with the last token, so that neither the semicolon nor a
// comment is left to swallow what a caller appends.
func single(src string) (string, error) {
	tokens, err := lex(src)
	if err != nil {
		return "", err
	}
	if n := len(tokens); n > 0 && tokens[n-1].is(src, ";") {
		tokens = tokens[:n-1]
	}
	if len(tokens) == 0 {
		return "", &SyntaxError{Line: 1, Message: "no statement"}
	}
	for _, t := range tokens {
		if t.is(src, ";") {
			return "", errorAt(src, t.start, "more than one statement in a file")
		}
	}
	return strings.TrimSpace(src[:tokens[len(tokens)-1].end]), nil
}

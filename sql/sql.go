// Package sql holds the statements that services and operators run, one per file, in
// GoogleSQL, embedded into the programs that run them:
//
//	seed/       what a new dataset must contain; safe to run again
//	upgrade/    what rows of an earlier release lack; safe to run again
//	parsing/    what the parser asks
//	transform/  the aggregator's transaction, in the order of the file names
//	loading/    what the aggregator asks before and after it
//	verify/     the promises, each a query for what breaks it
//	check/      what verify and bench read besides, and compare with the model
//	operations/ what pipelinectl asks
//	republish/  older orders for a consumer that joins late
//	dashboard/  the reporter's queries
//	reports/    the daily reports' transactions, in the order of the file names, and
//	            what reads them
//	doctor/     what pipelinectl doctor asks
//	lineage/    what the reporter asks to tell of a load; beside it, the lineage of all columns
//	parts/      what several statements and views have in common: a line "-- @include NAME" puts one there
//
// Every file opens with a comment that gives its grain, what running it again
// does and who runs it, and declares each named parameter in a line
// "-- @param name TYPE". The tests hold all files to that and type-check them
// with GoogleSQL's own analyzer; production code depends on none of it.
//
// Of transform/ not every batch needs all: see Needed, and Batches for what there is.
//
// Beside them stands package schema, which knows the tables and views that they name.
package sql

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
	"github.com/zackkki/ecomm_datapipeline/sql/parts"
)

//go:embed calendar/*.sql check/*.sql dashboard/*.sql doctor/*.sql lineage/*.sql loading/*.sql notify/*.sql operations/*.sql parsing/*.sql
//go:embed reports/*.sql republish/*.sql seed/*.sql status/*.sql trace/*.sql transform/*.sql upgrade/*.sql verify/*.sql
var files embed.FS

// Find returns the named statement, such as "dashboard/orders_per_hour". An unknown name
// is an error that wraps fs.ErrNotExist.
func Find(name string) (Statement, error) {
	all, err := catalog()
	if err != nil {
		return Statement{}, err
	}
	at, found := slices.BinarySearchFunc(all, name, func(s Statement, name string) int { return strings.Compare(s.Name, name) })
	if !found {
		return Statement{}, fmt.Errorf("sql: statement %q: %w", name, fs.ErrNotExist)
	}
	return all[at], nil
}

// Group returns all statements of one folder, such as "transform", in the order of their
// names. An unknown folder is an error that wraps fs.ErrNotExist.
func Group(folder string) ([]Statement, error) {
	all, err := catalog()
	if err != nil {
		return nil, err
	}
	var group []Statement
	for _, s := range all {
		if path.Dir(s.Name) == folder {
			group = append(group, s)
		}
	}
	if len(group) == 0 {
		return nil, fmt.Errorf("sql: group %q: %w", folder, fs.ErrNotExist)
	}
	return group, nil
}

// Statements returns every statement, in the order of their names.
func Statements() ([]Statement, error) {
	all, err := catalog()
	return slices.Clone(all), err
}

// catalog is every statement, by name, read once.
var catalog = sync.OnceValues(readCatalog)

func readCatalog() ([]Statement, error) {
	paths, err := fs.Glob(files, "*/*.sql")
	if err != nil {
		return nil, fmt.Errorf("sql: list the statements: %w", err)
	}
	all := make([]Statement, len(paths))
	for i, file := range paths {
		src, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, fmt.Errorf("sql: read the statements: %w", err)
		}
		text, err := parts.Include(string(src))
		if err != nil {
			return nil, lexer.InFile(file, err)
		}
		if all[i], err = Parse(strings.TrimSuffix(file, ".sql"), text); err != nil {
			return nil, lexer.InFile(file, err)
		}
	}
	slices.SortFunc(all, func(a, b Statement) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

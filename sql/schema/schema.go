// Package schema knows the tables and views of the warehouse: each is a file of this folder,
// one CREATE TABLE or CREATE VIEW whose header says what a row is.
//
// The parser reads the subset of DDL that the files use. What lies outside is refused, with
// its file and line.
package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
	"github.com/zackkki/ecomm_datapipeline/sql/parts"
)

//go:embed *.sql
var files embed.FS

// Column is one column of a table or field of a STRUCT.
type Column struct {
	Name        string
	Type        string // STRING INT64 NUMERIC TIMESTAMP DATE BOOL BYTES JSON FLOAT64 RECORD
	Mode        string // NULLABLE REQUIRED REPEATED
	Description string
	Fields      []Column // of a RECORD
}

// Table is one table or view of the warehouse.
type Table struct {
	Name        string
	Description string
	Columns     []Column // none for a view: its query decides

	// PartitionColumn is a top-level DATE or TIMESTAMP column that the table
	// is partitioned by, daily; empty when it is not partitioned.
	PartitionColumn string
	// PartitionExpirationDays is how long a partition is kept; 0 is for ever.
	PartitionExpirationDays int
	Clustering              []string

	// DDL is the statement that makes it, with the parts that its file includes.
	DDL string
	// ViewQuery is the query of a view, empty for a table. It names its tables
	// without their dataset: see QualifyTables.
	ViewQuery string
	// ViewColumns are the names and descriptions of a view's columns, in their order, if its
	// statement gives them; their types are the query's.
	ViewColumns []Column
}

// WholeQuery reads every column and row of the table or view, to see whether it can be read.
func (t Table) WholeQuery() string { return "SELECT * FROM `" + t.Name + "`" }

// Tables returns every table and view: tables by name, then views, each after the views that
// it reads, so that they can be created in turn.
func Tables() ([]Table, error) {
	all, err := tables()
	return slices.Clone(all), err
}

// tables reads the files once.
var tables = sync.OnceValues(func() ([]Table, error) { return tablesIn(files) })

// Find returns the table or view of a name, and whether there is one.
func Find(name string) (table Table, known bool, err error) {
	all, err := byName()
	table, known = all[name]
	return table, known, err
}

var byName = sync.OnceValues(func() (map[string]Table, error) {
	all, err := tables()
	named := make(map[string]Table, len(all))
	for _, t := range all {
		named[t.Name] = t
	}
	return named, err
})

func tablesIn(fsys fs.FS) ([]Table, error) {
	paths, err := fs.Glob(fsys, "*.sql") // sorted
	if err != nil {
		return nil, fmt.Errorf("sql: list schema: %w", err)
	}
	var tables, views []Table
	for _, file := range paths {
		src, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, fmt.Errorf("sql: read schema: %w", err)
		}
		text, err := parts.Include(string(src))
		if err != nil {
			return nil, lexer.InFile("schema/"+file, err)
		}
		table, err := parseDDL(text)
		if err != nil {
			return nil, lexer.InFile("schema/"+file, err)
		}
		if want := table.Name + ".sql"; file != want {
			return nil, lexer.InFile("schema/"+file, &lexer.SyntaxError{Line: 1, Message: "defines " + table.Name + ", which belongs into schema/" + want})
		}
		if table.ViewQuery == "" {
			tables = append(tables, table)
		} else {
			views = append(views, table)
		}
	}
	views, err = sortViews(views)
	if err != nil {
		return nil, err
	}
	return append(tables, views...), nil
}

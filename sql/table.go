package sql

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

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

	// ViewQuery is the query of a view, empty for a table. It names its tables
	// without their dataset: see QualifyTables.
	ViewQuery string
}

// Tables returns every table and view of schema/: tables by name, then views,
// each after the views that it reads, so that they can be created in turn.
func Tables() ([]Table, error) {
	return tablesIn(files)
}

func tablesIn(fsys fs.FS) ([]Table, error) {
	paths, err := fs.Glob(fsys, "schema/*.sql") // sorted
	if err != nil {
		return nil, fmt.Errorf("sql: list schema: %w", err)
	}
	var tables, views []Table
	for _, file := range paths {
		src, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, fmt.Errorf("sql: read schema: %w", err)
		}
		table, err := parseDDL(string(src))
		if err != nil {
			return nil, inFile(file, err)
		}
		if want := "schema/" + table.Name + ".sql"; file != want {
			return nil, inFile(file, &SyntaxError{Line: 1, Message: "defines " + table.Name + ", which belongs into " + want})
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

// sortViews orders views so that each follows those it reads.
func sortViews(views []Table) ([]Table, error) {
	sorted := make([]Table, 0, len(views))
	for len(views) > 0 {
		ready := func(v Table) bool {
			return !slices.ContainsFunc(views, func(other Table) bool { return v.reads(other.Name) })
		}
		next := slices.IndexFunc(views, ready)
		if next < 0 {
			return nil, fmt.Errorf("sql: view %s reads itself", views[0].Name)
		}
		sorted = append(sorted, views[next])
		views = slices.Delete(views, next, next+1)
	}
	return sorted, nil
}

// reads reports whether the view's query reads the named table or view.
func (t Table) reads(name string) bool {
	found := false
	// The parser has lexed the query before, so that it cannot fail here.
	_ = eachTableName(t.ViewQuery, func(at token, read string) {
		found = found || read == name
	})
	return found
}

// QualifyTables returns query with the dataset put before the name of each
// table and view of schema/ that it reads. BigQuery stores a view's query
// without the default dataset of the job that created it, so that a view must
// name its tables in full. Dataset is "dataset" or "project.dataset". Names are
// found after FROM and JOIN, not after the comma of an implicit join.
func QualifyTables(query, dataset string) (string, error) {
	if dataset == "" || strings.ContainsAny(dataset, "`\\\n") {
		return "", fmt.Errorf("sql: qualify tables: invalid dataset %q", dataset)
	}
	tables, err := Tables()
	if err != nil {
		return "", err
	}
	known := make(map[string]bool, len(tables))
	for _, t := range tables {
		known[t.Name] = true
	}
	var out strings.Builder
	copied := 0
	err = eachTableName(query, func(at token, name string) {
		if !known[name] {
			return // a CTE
		}
		out.WriteString(query[copied:at.start])
		out.WriteString("`" + dataset + "." + name + "`")
		copied = at.end
	})
	if err != nil {
		return "", err
	}
	out.WriteString(query[copied:])
	return out.String(), nil
}

// eachTableName calls visit for each name of one part that follows FROM or JOIN.
func eachTableName(query string, visit func(at token, name string)) error {
	tokens, err := lex(query)
	if err != nil {
		return err
	}
	for i := 1; i < len(tokens); i++ {
		t, before := tokens[i], tokens[i-1]
		isName := t.kind == tokenWord || t.kind == tokenQuoted
		ends := i+1 == len(tokens) || !tokens[i+1].is(query, ".") && !tokens[i+1].is(query, "(")
		if isName && ends && (before.is(query, "FROM") || before.is(query, "JOIN")) {
			visit(t, strings.Trim(t.text(query), "`"))
		}
	}
	return nil
}

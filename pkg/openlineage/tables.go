package openlineage

import (
	"maps"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/sql/lineage"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// tables describes the warehouse's tables.
type tables struct {
	prefix  string // of a name: project and dataset
	schemas map[string]schema.Table
	columns map[string]map[string][]lineage.Source
}

func newTables(project, dataset string) (*tables, error) {
	all, err := schema.Tables()
	if err != nil {
		return nil, err
	}
	columns, err := lineage.Tables()
	if err != nil {
		return nil, err
	}
	t := &tables{prefix: project + "." + dataset + ".", schemas: make(map[string]schema.Table), columns: columns}
	for _, table := range all {
		t.schemas[table.Name] = table
	}
	return t, nil
}

// bigquery is the namespace that OpenLineage's naming gives tables of BigQuery.
const bigquery = "bigquery"

// input is a table that is read.
func (t *tables) input(name string) dataset {
	f := make(facets)
	f.add("schema", map[string]any{"fields": fields(t.schemas[name].Columns)})
	return dataset{Namespace: bigquery, Name: t.prefix + name, Facets: f}
}

// output is a table that is written, with the lineage of its columns.
func (t *tables) output(name string) dataset {
	d := t.input(name)
	lines := make(map[string]any)
	for column, sources := range t.columns[name] {
		var from []map[string]any
		for _, s := range sources {
			from = append(from, map[string]any{
				"namespace": bigquery, "name": t.prefix + s.Table, "field": s.Column,
				"transformations": []map[string]any{{"type": "DIRECT", "subtype": s.As}},
			})
		}
		if len(from) > 0 {
			lines[column] = map[string]any{"inputFields": from}
		}
	}
	d.Facets.add("columnLineage", map[string]any{"fields": lines})
	return d
}

func fields(columns []schema.Column) []map[string]any {
	all := make([]map[string]any, 0, len(columns))
	for i, c := range columns {
		field := map[string]any{"name": c.Name, "type": c.Type, "description": c.Description, "ordinal_position": i + 1}
		if c.Mode == "REPEATED" {
			field["type"] = "ARRAY<" + c.Type + ">"
		}
		if len(c.Fields) > 0 {
			field["fields"] = fields(c.Fields)
		}
		all = append(all, field)
	}
	return all
}

// sources are the tables that the columns of a table come from.
func (t *tables) sources(name string) []string {
	found := make(map[string]bool)
	for _, sources := range t.columns[name] {
		for _, s := range sources {
			found[s.Table] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// written are the tables that a load of a kind of files writes, sorted: those with columns from the kind's
// staging table, and those that come from nothing but such tables.
func (t *tables) written(kind string) []string {
	var names []string
	for more := true; more; {
		more = false
		for name := range t.columns {
			from := t.sources(name)
			derived := len(from) > 0 && !slices.ContainsFunc(from, func(s string) bool { return !slices.Contains(names, s) })
			if slices.Contains(names, name) || strings.HasPrefix(name, "report_") || !derived && !slices.Contains(from, "staging_"+kind) {
				continue
			}
			names, more = append(names, name), true
		}
	}
	slices.Sort(names)
	return names
}

// read are the tables that others come from, without these themselves.
func (t *tables) read(outputs []string) []string {
	found := make(map[string]bool)
	for _, name := range outputs {
		for _, s := range t.sources(name) {
			found[s] = !slices.Contains(outputs, s)
		}
	}
	maps.DeleteFunc(found, func(_ string, outside bool) bool { return !outside })
	return slices.Sorted(maps.Keys(found))
}

// only leaves out what is no table, such as a view.
func (t *tables) only(names []string) (found []string) {
	for _, name := range names {
		if table, is := t.schemas[name]; is && table.ViewQuery == "" {
			found = append(found, name)
		}
	}
	return found
}

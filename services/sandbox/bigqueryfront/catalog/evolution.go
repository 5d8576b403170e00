package catalog

import (
	"fmt"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
)

// alterations are the statements that turn the old columns into the new ones, by
// the rules of https://cloud.google.com/bigquery/docs/managing-table-schemas:
// columns and fields of records may be added and relaxed, and nothing else.
func (c *Catalog) alterations(ref dialect.TableRef, old, wanted []*bq.TableFieldSchema) ([]string, error) {
	if err := c.CheckColumns(wanted); err != nil {
		return nil, err
	}
	return alterFields(ref, "", old, wanted)
}

// alterFields compares the columns of a table, or the fields of the record that
// path names.
func alterFields(ref dialect.TableRef, path string, old, wanted []*bq.TableFieldSchema) ([]string, error) {
	byName := map[string]*bq.TableFieldSchema{}
	for _, f := range old {
		byName[strings.ToLower(f.Name)] = f
	}
	var statements []string
	for i, f := range wanted {
		was := byName[strings.ToLower(f.Name)]
		delete(byName, strings.ToLower(f.Name))
		var more []string
		var err error
		switch {
		case was == nil:
			more, err = addField(ref, path, f)
		case i >= len(old) || !strings.EqualFold(old[i].Name, f.Name):
			return nil, fault.Unserved("a change of the order of columns")
		default:
			more, err = alterField(ref, path, was, f)
		}
		if err != nil {
			return nil, err
		}
		statements = append(statements, more...)
	}
	for _, missing := range byName {
		return nil, mismatch("Field %s is missing in new schema", missing.Name)
	}
	return statements, nil
}

func mismatch(format string, args ...any) error {
	return fault.Invalid("Provided Schema does not match Table. "+format, args...)
}

func addField(ref dialect.TableRef, path string, f *bq.TableFieldSchema) ([]string, error) {
	if f.Mode == "REQUIRED" {
		return nil, mismatch("Cannot add required fields to an existing schema. (field: %s)", f.Name)
	}
	name := engine.QuoteIdent(f.Name)
	add := fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s%s %s", ref.SQL(), path, name, dialect.DuckType(f))
	if f.Mode != "REPEATED" {
		return []string{add}, nil
	}
	if path != "" {
		// The records that are there would hold NULL in place of an empty array.
		return nil, fault.Unserved("a repeated field added to a record")
	}
	// BigQuery's arrays are never NULL. DuckDB adds a column and its default in
	// one statement only if the default is a plain constant.
	return []string{add,
		fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET DEFAULT []", ref.SQL(), name),
		fmt.Sprintf("UPDATE %s SET %s = []", ref.SQL(), name)}, nil
}

func alterField(ref dialect.TableRef, path string, was, f *bq.TableFieldSchema) ([]string, error) {
	relaxed := was.Mode == "REQUIRED" && f.Mode == "NULLABLE"
	switch {
	case was.Type != f.Type:
		return nil, mismatch("Field %s has changed type from %s to %s", f.Name, was.Type, f.Type)
	case was.Mode != f.Mode && !relaxed:
		return nil, mismatch("Field %s has changed mode from %s to %s", f.Name, was.Mode, f.Mode)
	case relaxed && path == "": // what a record requires DuckDB does not know
		return []string{fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL", ref.SQL(), engine.QuoteIdent(f.Name))}, nil
	}
	path += engine.QuoteIdent(f.Name) + "."
	if f.Mode == "REPEATED" {
		path += "element."
	}
	return alterFields(ref, path, was.Fields, f.Fields)
}

package catalog

import (
	"fmt"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
)

// describe sets a table's columns to those of a query.
func (c *Catalog) describe(t *bq.Table, sql string) error {
	conn, err := c.db.Connect()
	if err != nil {
		return err
	}
	defer conn.Release()
	columns, err := conn.Describe(sql)
	if err != nil {
		return err
	}
	t.Schema = Schema(columns)
	return c.CheckColumns(t.Schema.Fields)
}

// Schema writes columns in the REST API's form.
func Schema(columns []engine.Column) *bq.TableSchema {
	return &bq.TableSchema{Fields: fields(columns)}
}

func fields(columns []engine.Column) []*bq.TableFieldSchema {
	list := make([]*bq.TableFieldSchema, len(columns))
	for i, col := range columns {
		mode := "NULLABLE"
		if col.Type.Repeated {
			mode = "REPEATED"
		}
		list[i] = &bq.TableFieldSchema{Name: col.Name, Type: string(col.Type.Kind), Mode: mode, Fields: fields(col.Type.Fields)}
	}
	return list
}

// CheckColumns refuses columns that there cannot be, and writes their types and modes as the
// API returns them.
func (c *Catalog) CheckColumns(list []*bq.TableFieldSchema) error {
	seen := map[string]bool{}
	for _, f := range list {
		if f == nil {
			return fault.Invalid("A field of the schema is null")
		}
		if !columnName.MatchString(f.Name) {
			return fault.Invalid("Invalid field name %q. Fields must contain the allowed characters, and be at most 300 characters long.", f.Name)
		}
		if seen[strings.ToLower(f.Name)] {
			return fault.Invalid("Duplicate column name %s", f.Name)
		}
		seen[strings.ToLower(f.Name)] = true
		if !dialect.ValidType(f) {
			return fault.Unserved("columns of type %s", f.Type)
		}
		f.Type, f.Mode = canonical(f.Type), strings.ToUpper(f.Mode)
		switch f.Mode {
		case "":
			f.Mode = "NULLABLE"
		case "NULLABLE", "REQUIRED", "REPEATED":
		default:
			return fault.Invalid("Invalid value for mode: %s is not a valid value", f.Mode)
		}
		if f.DefaultValueExpression != "" {
			return fault.Unserved("default values of columns")
		}
		if err := c.CheckColumns(f.Fields); err != nil {
			return err
		}
	}
	return nil
}

// canonical is the name under which the API returns a type.
func canonical(kind string) string {
	kind = strings.ToUpper(kind)
	switch kind {
	case "INT64":
		return "INTEGER"
	case "FLOAT64":
		return "FLOAT"
	case "BOOL":
		return "BOOLEAN"
	case "STRUCT":
		return "RECORD"
	}
	return kind
}

// checkLayout checks that partitioning and clustering name columns.
func checkLayout(t *bq.Table) error {
	find := func(name string) *bq.TableFieldSchema {
		for _, f := range t.Schema.Fields {
			if strings.EqualFold(f.Name, name) {
				return f
			}
		}
		return nil
	}
	if p := t.TimePartitioning; p != nil && p.Field != "" {
		f := find(p.Field)
		if f == nil || f.Type != "DATE" && f.Type != "TIMESTAMP" && f.Type != "DATETIME" {
			return fault.Invalid("The field specified for partitioning cannot be found in the schema or is not of type DATE, TIMESTAMP or DATETIME: %s", p.Field)
		}
	}
	if t.Clustering == nil {
		return nil
	}
	if len(t.Clustering.Fields) > 4 {
		return fault.Invalid("Too many clustering fields: at most 4 are allowed")
	}
	for _, name := range t.Clustering.Fields {
		if find(name) == nil {
			return fault.Invalid("The field specified for clustering cannot be found in the schema: %s", name)
		}
	}
	return nil
}

// informationSchema writes the rows that INFORMATION_SCHEMA shows of a table.
func (c *Catalog) informationSchema(t *bq.Table) []string {
	ref := refOf(t)
	kind := "BASE TABLE"
	insertable := "YES"
	if t.Type == "VIEW" {
		kind, insertable = "VIEW", "NO"
	}
	key := fmt.Sprintf("%s, %s, %s", text(c.project), text(ref.Dataset), text(ref.Table))
	statements := []string{fmt.Sprintf("INSERT INTO %s.information_schema_tables VALUES (%s, '%s', '%s', make_timestamptz(%d))",
		meta, key, kind, insertable, t.CreationTime*1000)}
	for i, f := range t.Schema.Fields {
		nullable, partitioning, clustering := "YES", "NO", "NULL"
		if f.Mode == "REQUIRED" {
			nullable = "NO"
		}
		if t.TimePartitioning != nil && strings.EqualFold(t.TimePartitioning.Field, f.Name) {
			partitioning = "YES"
		}
		if t.Clustering != nil {
			if at := slices.IndexFunc(t.Clustering.Fields, func(n string) bool { return strings.EqualFold(n, f.Name) }); at >= 0 {
				clustering = fmt.Sprint(at + 1)
			}
		}
		statements = append(statements, fmt.Sprintf("INSERT INTO %s.information_schema_columns VALUES (%s, %s, %d, '%s', %s, '%s', %s)",
			meta, key, text(f.Name), i+1, nullable, text(googleType(f)), partitioning, clustering))
	}
	return statements
}

// googleType writes a column's type in GoogleSQL.
func googleType(f *bq.TableFieldSchema) string {
	name := f.Type
	switch name {
	case "INTEGER":
		name = "INT64"
	case "FLOAT":
		name = "FLOAT64"
	case "BOOLEAN":
		name = "BOOL"
	case "RECORD":
		list := make([]string, len(f.Fields))
		for i, child := range f.Fields {
			list[i] = child.Name + " " + googleType(child)
		}
		name = "STRUCT<" + strings.Join(list, ", ") + ">"
	}
	if f.Mode == "REPEATED" {
		return "ARRAY<" + name + ">"
	}
	return name
}

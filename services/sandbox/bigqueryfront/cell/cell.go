// Package cell is the values of BigQuery's columns on their way into a table: their
// kinds, the forms in which the APIs write them as texts, and how they are written into
// DuckDB's vectors. Whatever brings rows (appends, inserts, load jobs) goes through it.
package cell

import (
	"strings"

	bq "google.golang.org/api/bigquery/v2"
)

// Kind is how a column's value is written into its vector.
type Kind uint8

// The kinds.
const (
	String Kind = iota
	JSON
	Bytes
	Int64
	Float64
	Bool
	Numeric
	Date
	Timestamp
	DateTime
	Time
	Record
)

var kinds = map[string]Kind{
	"STRING": String, "JSON": JSON, "BYTES": Bytes, "INTEGER": Int64, "FLOAT": Float64,
	"BOOLEAN": Bool, "NUMERIC": Numeric, "DATE": Date, "TIMESTAMP": Timestamp,
	"DATETIME": DateTime, "TIME": Time, "RECORD": Record,
}

// String is BigQuery's name of the kind.
func (k Kind) String() string {
	for name, other := range kinds {
		if other == k {
			return name
		}
	}
	return "unknown"
}

// Column is where a value goes: a column of the table or a field of a record.
type Column struct {
	Name     string
	Kind     Kind
	Repeated bool
	Required bool
	Fields   []*Column
	// Index among its siblings.
	Index int
}

// Columns are those of a table's schema, or the fields of a record's.
func Columns(fields []*bq.TableFieldSchema) []*Column {
	list := make([]*Column, len(fields))
	for i, f := range fields {
		list[i] = &Column{Name: f.Name, Kind: kinds[f.Type], Repeated: f.Mode == "REPEATED", Required: f.Mode == "REQUIRED",
			Fields: Columns(f.Fields), Index: i}
	}
	return list
}

// Find returns the column of a name, which may differ by case, or nil.
func Find(columns []*Column, name string) *Column {
	for _, c := range columns {
		if strings.EqualFold(c.Name, name) {
			return c
		}
	}
	return nil
}

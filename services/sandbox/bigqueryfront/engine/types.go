package engine

import (
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Kind is a BigQuery type, by its name in the REST API's schemas.
type Kind string

// The kinds that the engine keeps.
const (
	String    Kind = "STRING"
	Bytes     Kind = "BYTES"
	Int64     Kind = "INTEGER"
	Float64   Kind = "FLOAT"
	Bool      Kind = "BOOLEAN"
	Numeric   Kind = "NUMERIC"
	Date      Kind = "DATE"
	DateTime  Kind = "DATETIME"
	Time      Kind = "TIME"
	Timestamp Kind = "TIMESTAMP"
	JSON      Kind = "JSON"
	Record    Kind = "RECORD"
	Interval  Kind = "INTERVAL"
)

// Type is the type of a column or of a field of it.
type Type struct {
	Kind     Kind
	Repeated bool
	// Fields of a Record, in order.
	Fields []Column
	// physical is DuckDB's type of the (element) value: several of its types
	// stand for one of BigQuery's.
	physical mapping.Type
	// decimal is the physical type of a decimal, scale its decimals.
	decimal mapping.Type
	scale   int
}

// Column is a named, typed column of a result or field of a record.
type Column struct {
	Name     string
	Type     Type
	Required bool
}

// DuckDB returns the type in DuckDB's notation.
func (t Type) DuckDB() string {
	name := map[Kind]string{
		String: "VARCHAR", Bytes: "BLOB", Int64: "BIGINT", Float64: "DOUBLE", Bool: "BOOLEAN",
		Numeric: "DECIMAL(38,9)", Date: "DATE", DateTime: "TIMESTAMP", Time: "TIME",
		Timestamp: "TIMESTAMPTZ", JSON: "JSON", Interval: "INTERVAL",
	}[t.Kind]
	if t.Kind == Record {
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = QuoteIdent(f.Name) + " " + f.Type.DuckDB()
		}
		name = "STRUCT(" + strings.Join(fields, ", ") + ")"
	}
	if t.Repeated {
		name += "[]"
	}
	return name
}

// QuoteIdent writes a name as a quoted identifier.
func QuoteIdent(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// QuoteString writes a string as a literal; a zero byte, which no statement
// may carry, is spelled as a call.
func QuoteString(s string) string {
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.IndexByte(s, 0) < 0 {
		return quoted
	}
	return "(" + strings.ReplaceAll(quoted, "\x00", "' || chr(0) || '") + ")"
}

// kinds maps DuckDB's plain types. Its narrow integers and HUGEINT appear only
// in results of its own functions; BigQuery knows one integer type.
var kinds = map[mapping.Type]Kind{
	mapping.TypeBoolean: Bool, mapping.TypeVarchar: String, mapping.TypeBlob: Bytes,
	mapping.TypeTinyInt: Int64, mapping.TypeSmallInt: Int64, mapping.TypeInteger: Int64, mapping.TypeBigInt: Int64,
	mapping.TypeUTinyInt: Int64, mapping.TypeUSmallInt: Int64, mapping.TypeUInteger: Int64, mapping.TypeUBigInt: Int64,
	mapping.TypeHugeInt: Int64, mapping.TypeFloat: Float64, mapping.TypeDouble: Float64,
	mapping.TypeDate: Date, mapping.TypeTime: Time, mapping.TypeTimestamp: DateTime, mapping.TypeTimestampTZ: Timestamp,
	mapping.TypeDecimal: Numeric, mapping.TypeInterval: Interval,
	// A bare NULL has BigQuery's default type.
	mapping.TypeSQLNull: Int64,
}

// typeOf reads DuckDB's type.
func typeOf(logical mapping.LogicalType) (Type, error) {
	id := mapping.GetTypeId(logical)
	switch id {
	case mapping.TypeList:
		child := mapping.ListTypeChildType(logical)
		defer mapping.DestroyLogicalType(&child)
		t, err := typeOf(child)
		if err != nil {
			return t, err
		}
		if t.Repeated {
			return t, &Error{Class: ClassQuery, Message: "Cannot construct array with element type ARRAY because nested arrays are not supported"}
		}
		t.Repeated = true
		return t, nil
	case mapping.TypeStruct:
		t := Type{Kind: Record, physical: id}
		for i := mapping.IdxT(0); i < mapping.StructTypeChildCount(logical); i++ {
			child := mapping.StructTypeChildType(logical, i)
			ft, err := typeOf(child)
			mapping.DestroyLogicalType(&child)
			if err != nil {
				return t, err
			}
			name := mapping.StructTypeChildName(logical, i)
			if name == "" {
				name = fmt.Sprintf("_field_%d", i+1)
			}
			t.Fields = append(t.Fields, Column{Name: name, Type: ft})
		}
		return t, nil
	}
	kind, ok := kinds[id]
	if !ok {
		return Type{}, &Error{Class: ClassQuery, Message: fmt.Sprintf("the statement yields a type (%d) that BigQuery does not have", id)}
	}
	t := Type{Kind: kind, physical: id}
	if id == mapping.TypeVarchar && mapping.LogicalTypeGetAlias(logical) == "JSON" {
		t.Kind = JSON
	}
	if id == mapping.TypeDecimal {
		t.decimal = mapping.DecimalInternalType(logical)
		t.scale = int(mapping.DecimalScale(logical))
	}
	return t, nil
}

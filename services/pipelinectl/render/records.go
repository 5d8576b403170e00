package render

import (
	"iter"
	"math/big"
	"reflect"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
)

// Of makes a result of structs: a column for each exported field that has a tag "bigquery",
// by its name there. A field with the tag `render:"-"` is left out, and what is not known
// (a null of BigQuery's client, a zero time, a nil amount) is NULL.
func Of[T any](rows []T) Result {
	kind := reflect.TypeFor[T]()
	var (
		schema bigquery.Schema
		fields [][]int
	)
	for _, field := range reflect.VisibleFields(kind) {
		name, _, _ := strings.Cut(field.Tag.Get("bigquery"), ",")
		if name == "" || name == "-" || field.Tag.Get("render") == "-" {
			continue
		}
		schema = append(schema, &bigquery.FieldSchema{Name: name, Type: typeOf(field.Type), Repeated: isList(field.Type)})
		fields = append(fields, field.Index)
	}
	values := make([][]bigquery.Value, len(rows))
	for n, row := range rows {
		for _, i := range fields {
			values[n] = append(values[n], valueOf(reflect.ValueOf(row).FieldByIndex(i).Interface()))
		}
	}
	return Result{Rows: Each(values), Schema: func() bigquery.Schema { return schema }}
}

// Each is an iterator over rows that are there already.
func Each(rows [][]bigquery.Value) iter.Seq2[[]bigquery.Value, error] {
	return func(yield func([]bigquery.Value, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// Whole is every row of a result that was made by Of.
func (r Result) Whole() [][]bigquery.Value {
	var rows [][]bigquery.Value
	for row := range r.Rows {
		rows = append(rows, row)
	}
	return rows
}

func isList(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8
}

func typeOf(t reflect.Type) bigquery.FieldType {
	switch t {
	case reflect.TypeFor[*big.Rat]():
		return bigquery.NumericFieldType
	case reflect.TypeFor[time.Time](), reflect.TypeFor[bigquery.NullTimestamp]():
		return bigquery.TimestampFieldType
	case reflect.TypeFor[bigquery.NullInt64]():
		return bigquery.IntegerFieldType
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return bigquery.IntegerFieldType
	case reflect.Float64:
		return bigquery.FloatFieldType
	case reflect.Bool:
		return bigquery.BooleanFieldType
	default:
		return bigquery.StringFieldType
	}
}

func valueOf(v any) bigquery.Value {
	switch v := v.(type) {
	case bigquery.NullString:
		return valid(v.Valid, v.StringVal)
	case bigquery.NullInt64:
		return valid(v.Valid, v.Int64)
	case bigquery.NullTimestamp:
		return valid(v.Valid, v.Timestamp)
	case bigquery.NullDate:
		return valid(v.Valid, v.Date)
	case bigquery.NullJSON:
		return valid(v.Valid, v.JSONVal)
	case time.Time:
		return valid(!v.IsZero(), v)
	case civil.Date:
		return valid(v.IsValid(), v)
	case *big.Rat:
		return valid(v != nil, v)
	case []byte:
		return v
	}
	of := reflect.ValueOf(v)
	switch of.Kind() {
	case reflect.String:
		return of.String()
	case reflect.Int, reflect.Int64:
		return of.Int()
	case reflect.Slice:
		list := make([]bigquery.Value, of.Len())
		for i := range list {
			list[i] = valueOf(of.Index(i).Interface())
		}
		return list
	default:
		return v
	}
}

func valid(is bool, v bigquery.Value) bigquery.Value {
	if !is {
		return nil
	}
	return v
}

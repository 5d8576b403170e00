// Package query asks the warehouse what the dashboard shows: statements of sql by
// their names, and rows of exact values, which it encodes as JSON.
package query

import (
	"context"
	"slices"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// Source answers the statements of sql/dashboard.
type Source interface {
	// Query runs the named statement, such as "dashboard/summary". It takes from
	// params what the statement declares and ignores the rest. It is called
	// concurrently and must stop when ctx does.
	Query(ctx context.Context, statement string, params Params) (*Result, error)
	// Modified tells when a table last changed. It is no query and is not billed. Rows
	// that are read afterwards are at least as new.
	Modified(ctx context.Context, table string) (time.Time, error)
	// Created tells when a table was made. It is no query and is not billed.
	Created(ctx context.Context, table string) (time.Time, error)
}

// Params are values by parameter name: string, int64, time.Time, civil.Date, or
// bigquery.NullString where NULL means that a filter is not set. A bool is no parameter but
// says whether the statement needs what stands in it under "-- @if" and the bool's name, as
// does a filter whether it is set: what a statement does not name, nobody pays for.
type Params map[string]any

// given are the conditions of a statement that hold.
func (p Params) given(s sql.Statement) []string {
	return slices.DeleteFunc(s.Conditions(), func(name string) bool {
		switch value := p[name].(type) {
		case bool:
			return !value
		case bigquery.NullString:
			return !value.Valid
		default:
			return true
		}
	})
}

// Result is what a statement yields. A cell is nil, bool, string, int64,
// *big.Rat (NUMERIC), []byte (BYTES), time.Time (TIMESTAMP) or civil.Date (DATE).
type Result struct {
	Columns []string
	Rows    [][]any
}

// Column is the index of a column, or -1.
func (r *Result) Column(name string) int {
	for i, c := range r.Columns {
		if c == name {
			return i
		}
	}
	return -1
}

// Text is a cell that holds a string, or "".
func (r *Result) Text(row []any, column string) string {
	if i := r.Column(column); i >= 0 {
		s, _ := row[i].(string)
		return s
	}
	return ""
}

// Timestamp is a cell that holds a time, or the zero time.
func (r *Result) Timestamp(row []any, column string) time.Time {
	if i := r.Column(column); i >= 0 {
		t, _ := row[i].(time.Time)
		return t
	}
	return time.Time{}
}

// Number is a cell that holds a whole number, or 0.
func (r *Result) Number(row []any, column string) int64 {
	if i := r.Column(column); i >= 0 {
		n, _ := row[i].(int64)
		return n
	}
	return 0
}

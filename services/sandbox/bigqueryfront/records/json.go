// Package records reads rows of a table from JSON objects and from CSV, as load jobs and
// inserts bring them. A row is checked whole before anything of it is written.
package records

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
)

// Fault is what is wrong with one field of a row.
type Fault struct {
	// Field is its path, for instance items.price; empty for the row itself.
	Field   string
	Message string
}

// Error implements error.
func (f *Fault) Error() string { return f.Message }

// within puts the name of a record before the path of a fault in one of its fields.
func within(name string, err error) error {
	f, ok := errors.AsType[*Fault](err)
	switch {
	case !ok:
		return &Fault{Field: name, Message: err.Error()}
	case f.Field == "":
		return &Fault{Field: name, Message: f.Message}
	}
	return &Fault{Field: name + "." + f.Field, Message: f.Message}
}

// JSON reads objects as rows of a table.
type JSON struct {
	Columns []*cell.Column
	// IgnoreUnknown leaves out what the table has no column for; otherwise it is a fault.
	IgnoreUnknown bool
	// Embedded says that a JSON column's value stands as it is; otherwise a text holds it.
	Embedded bool
}

// Row reads one object.
func (j *JSON) Row(object []byte) ([]cell.Value, error) { return j.record(j.Columns, object) }

func (j *JSON) record(columns []*cell.Column, object []byte) ([]cell.Value, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil || fields == nil {
		return nil, &Fault{Message: "Error while reading data: a row or record is no JSON object"}
	}
	values := make([]cell.Value, len(columns))
	given := make([]bool, len(columns))
	for _, name := range sortedKeys(fields) {
		c := cell.Find(columns, name)
		if c == nil {
			if !j.IgnoreUnknown {
				return nil, &Fault{Field: name, Message: "no such field: " + name + "."}
			}
			continue
		}
		if given[c.Index] {
			return nil, &Fault{Field: name, Message: "The field is given twice."}
		}
		v, err := j.column(c, fields[name])
		if err != nil {
			return nil, within(c.Name, err)
		}
		values[c.Index], given[c.Index] = v, true
	}
	for i, c := range columns {
		if !given[i] {
			values[i].Null = !c.Repeated
		}
		if c.Required && values[i].Null {
			return nil, &Fault{Field: c.Name, Message: fmt.Sprintf("Missing required field: %s.", c.Name)}
		}
	}
	return values, nil
}

// sortedKeys has faults told in an order that does not change.
func sortedKeys(fields map[string]json.RawMessage) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (j *JSON) column(c *cell.Column, text json.RawMessage) (cell.Value, error) {
	null := string(text) == "null"
	if !c.Repeated {
		if null && !(c.Kind == cell.JSON && j.Embedded) {
			return cell.Value{Null: true}, nil
		}
		return j.one(c, text)
	}
	if null {
		return cell.Value{}, nil
	}
	var items []json.RawMessage
	if text[0] != '[' || json.Unmarshal(text, &items) != nil {
		return cell.Value{}, errors.New("Array specified for non-repeated field, or a repeated field that is no array.")
	}
	v := cell.Value{Items: make([]cell.Value, len(items))}
	for i, item := range items {
		if string(item) == "null" {
			return v, errors.New("Only optional fields can be set to NULL: an array has no NULL.")
		}
		var err error
		if v.Items[i], err = j.one(c, item); err != nil {
			return v, err
		}
	}
	return v, nil
}

// one reads a value that is not NULL, or an element.
func (j *JSON) one(c *cell.Column, text json.RawMessage) (cell.Value, error) {
	switch {
	case c.Kind == cell.Record:
		items, err := j.record(c.Fields, text)
		return cell.Value{Items: items}, err
	case c.Kind == cell.JSON && (j.Embedded || text[0] != '"'):
		return cell.Parse(cell.JSON, bytes.Clone(text))
	case text[0] == '{', text[0] == '[':
		return cell.Value{}, errors.New("This field is not a record.")
	case text[0] == '"':
		var s string
		if err := json.Unmarshal(text, &s); err != nil {
			return cell.Value{}, errors.New("The text is not valid JSON.")
		}
		return parseText(c.Kind, s)
	case c.Kind == cell.Timestamp:
		return epoch(string(text))
	case c.Kind == cell.Int64:
		return whole(string(text))
	}
	return cell.Parse(c.Kind, bytes.Clone(text))
}

// parseText reads a text, also as a number of seconds of a TIMESTAMP.
func parseText(k cell.Kind, s string) (cell.Value, error) {
	v, err := cell.Parse(k, []byte(s))
	if err != nil && k == cell.Timestamp && s != "" && strings.Trim(s, "0123456789.-+eE") == "" {
		return epoch(s)
	}
	return v, err
}

// maxNumber bounds the digits of a number that is computed with; its exponent has two.
const maxNumber = 40

// epoch reads seconds since 1970, with a fraction perhaps.
func epoch(s string) (cell.Value, error) {
	micros, ok := exact(s, 1_000_000)
	if !ok || micros < cell.MinMicros || micros > cell.MaxMicros {
		return cell.Value{}, fmt.Errorf("Invalid TIMESTAMP value: %.100s", s)
	}
	return cell.Value{Number: micros}, nil
}

// whole reads an INT64, which may be written with a fraction of zeros: 3.0, 2e3.
func whole(s string) (cell.Value, error) {
	if v, err := cell.Parse(cell.Int64, []byte(s)); err == nil {
		return v, nil
	}
	if r, ok := ratio(s); ok && r.IsInt() && r.Num().IsInt64() {
		return cell.Value{Number: r.Num().Int64()}, nil
	}
	return cell.Value{}, fmt.Errorf("Invalid INTEGER value: %.100s", s)
}

// exact is a decimal times a factor, what is smaller left out.
func exact(s string, factor int64) (int64, bool) {
	r, ok := ratio(s)
	if !ok {
		return 0, false
	}
	r.Mul(r, big.NewRat(factor, 1))
	n := new(big.Int).Quo(r.Num(), r.Denom())
	return n.Int64(), n.IsInt64()
}

func ratio(s string) (*big.Rat, bool) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	if len(mantissa) > maxNumber || len(strings.TrimLeft(exponent, "+-0")) > 2 {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

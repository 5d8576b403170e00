package cell

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

// Value is one value of a column's kind, checked, so that only its arrays can be
// refused when it is written.
type Value struct {
	Null bool
	// Number is an INT64, a BOOL (0 or 1), days of a DATE, microseconds of an instant or a
	// time of day; of a NUMERIC the upper half of its billionths, of which Lower is the other.
	Number int64
	Lower  uint64
	Float  float64
	Bytes  []byte
	// Items are a record's fields in order, or the elements of a repeated column.
	Items []Value
}

// Ranges of BigQuery's DATE and TIMESTAMP: the years 1 to 9999.
const (
	MinDay, MaxDay       = -719162, 2932896
	MinMicros, MaxMicros = MinDay * 86_400_000_000, (MaxDay+1)*86_400_000_000 - 1
)

// Parse reads a value that is written as a text. It keeps the text.
func Parse(k Kind, text []byte) (Value, error) {
	if !utf8.Valid(text) {
		return Value{}, errors.New("the value is not valid UTF-8")
	}
	invalid := func() (Value, error) { return Value{}, fmt.Errorf("Invalid %s value: %.100s", k, text) }
	switch k {
	case String:
		return Value{Bytes: text}, nil
	case JSON:
		if !json.Valid(text) {
			return Value{}, errors.New("Invalid JSON value")
		}
		return Value{Bytes: text}, nil
	case Bytes:
		raw, err := base64.StdEncoding.DecodeString(string(text))
		if err != nil {
			return Value{}, errors.New("Invalid BYTES value: not base64")
		}
		return Value{Bytes: raw}, nil
	case Int64:
		n, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil {
			return invalid()
		}
		return Value{Number: n}, nil
	case Float64:
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil || strings.ContainsAny(string(text), "xXpP_") {
			return invalid()
		}
		return Value{Float: f}, nil
	case Bool:
		switch strings.ToLower(string(text)) {
		case "true", "t", "yes", "y", "1":
			return Value{Number: 1}, nil
		case "false", "f", "no", "n", "0":
			return Value{}, nil
		}
		return invalid()
	case Numeric:
		upper, lower, ok := ParseNumeric(text)
		if !ok {
			return invalid()
		}
		return Value{Number: upper, Lower: lower}, nil
	case Date:
		t, err := time.Parse(time.DateOnly, string(text))
		if err != nil || t.Year() < 1 {
			return invalid()
		}
		return Value{Number: t.Unix() / 86400}, nil
	case Timestamp, DateTime, Time:
		micros, ok := parseInstant(k, string(text))
		if !ok {
			return invalid()
		}
		return Value{Number: micros}, nil
	}
	return Value{}, errors.New("a text is no record")
}

var layouts = map[Kind][]string{
	Timestamp: {time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 UTC", "2006-01-02 15:04:05.999999999",
		"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999-07", time.DateOnly},
	DateTime: {"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", time.DateOnly},
	Time:     {"15:04:05.999999999"},
}

func parseInstant(k Kind, s string) (int64, bool) {
	for _, layout := range layouts[k] {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if k == Time {
			midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
			return t.Sub(midnight).Microseconds(), true
		}
		return t.UnixMicro(), t.Year() >= 1 && t.Year() <= 9999
	}
	return 0, false
}

// Write writes a column's value into a row of its vector.
func (c *Column) Write(v Value, w *engine.Writer, row int) error {
	if !c.Repeated {
		return c.writeOne(v, w, row)
	}
	from := w.Element.Length
	for _, item := range v.Items {
		at, err := w.Grow()
		if err != nil {
			return err
		}
		if err := c.writeOne(item, w.Element, at); err != nil {
			return err
		}
	}
	w.List(row, from, len(v.Items))
	return nil
}

func (c *Column) writeOne(v Value, w *engine.Writer, row int) error {
	if v.Null {
		w.Null(row)
		return nil
	}
	if c.Kind == Record {
		for i, f := range c.Fields {
			if err := f.Write(v.Items[i], w.Fields[i], row); err != nil {
				return err
			}
		}
		return nil
	}
	v.Put(c.Kind, w, row)
	return nil
}

// Put writes a value that is neither NULL nor a record nor repeated.
func (v *Value) Put(k Kind, w *engine.Writer, row int) {
	switch k {
	case String, JSON, Bytes:
		w.Bytes(row, v.Bytes)
	case Float64:
		w.Float64(row, v.Float)
	case Bool:
		w.Bool(row, v.Number != 0)
	case Date:
		w.Int32(row, int32(v.Number))
	case Numeric:
		w.Decimal(row, v.Number, v.Lower)
	default:
		w.Int64(row, v.Number)
	}
}

// WriteRow writes a row's values, one for each column, into the batch's next row. After an
// error the batch must be reset.
func WriteRow(columns []*Column, values []Value, batch *engine.Batch) error {
	for i, c := range columns {
		if err := c.Write(values[i], batch.Columns[i], batch.Rows); err != nil {
			return fmt.Errorf("Field %s: %w", c.Name, err)
		}
	}
	batch.Rows++
	return nil
}

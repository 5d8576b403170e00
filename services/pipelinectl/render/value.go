package render

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
)

// Text is a value in one line. NULL is the word, so that it differs from an empty text.
func Text(v bigquery.Value) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return oneLine(v)
	case []bigquery.Value:
		text, err := json.Marshal(plain(v, nil))
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(text)
	}
	if text, ok := plain(v, nil).(string); ok {
		return text
	}
	return fmt.Sprint(v)
}

// oneLine keeps a text from breaking the table, or the terminal.
func oneLine(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return strconv.Quote(s)
	}
	return s
}

// amount is an exact decimal: two decimals at least, nine at most.
func amount(r *big.Rat) string {
	text := strings.TrimRight(r.FloatString(9), "0")
	if point := strings.IndexByte(text, '.'); len(text)-point-1 < 2 {
		text += strings.Repeat("0", 2-(len(text)-point-1))
	}
	return text
}

// plain is a value as JSON takes it.
func plain(v bigquery.Value, field *bigquery.FieldSchema) any {
	switch v := v.(type) {
	case *big.Rat:
		return amount(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case fmt.Stringer: // dates and times without a zone
		return v.String()
	case []bigquery.Value:
		if field != nil && !field.Repeated && len(field.Schema) == len(v) {
			return object(field.Schema, v)
		}
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = plain(item, element(field))
		}
		return items
	default:
		return v
	}
}

// element is the field of one element of a repeated field.
func element(field *bigquery.FieldSchema) *bigquery.FieldSchema {
	if field == nil {
		return nil
	}
	one := *field
	one.Repeated = false
	return &one
}

// members is a JSON object that keeps the order of its fields.
type members struct {
	schema bigquery.Schema
	row    []bigquery.Value
}

func object(schema bigquery.Schema, row []bigquery.Value) members { return members{schema, row} }

// MarshalJSON implements json.Marshaler.
func (m members) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	for i, v := range m.row {
		out.WriteByte("{,"[min(i, 1)])
		if err := encoder.Encode(m.schema[i].Name); err != nil {
			return nil, err
		}
		out.WriteByte(':')
		if err := encoder.Encode(plain(v, m.schema[i])); err != nil {
			return nil, err
		}
	}
	if len(m.row) == 0 {
		out.WriteByte('{')
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

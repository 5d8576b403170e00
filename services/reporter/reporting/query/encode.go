package query

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
)

// Part is a list of an answer, by its key.
type Part struct {
	Key string
	*Result
}

// Encode is head's JSON object with the rows of the parts after its own members.
func Encode(head any, parts ...Part) ([]byte, error) {
	text, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("encode the answer's head: %w", err)
	}
	var body bytes.Buffer
	body.Write(text[:len(text)-1]) // its closing brace comes last
	for _, p := range parts {
		fmt.Fprintf(&body, ",%q:", p.Key)
		if err := appendRows(&body, p.Result); err != nil {
			return nil, fmt.Errorf("encode %s: %w", p.Key, err)
		}
	}
	body.WriteString("}\n")
	return body.Bytes(), nil
}

// appendRows writes rows as an array of objects whose keys are the columns: the
// statement's select list is the API's contract.
func appendRows(buf *bytes.Buffer, r *Result) error {
	keys := make([][]byte, len(r.Columns))
	for i, name := range r.Columns {
		key, err := json.Marshal(name)
		if err != nil {
			return fmt.Errorf("encode column %q: %w", name, err)
		}
		keys[i] = append(key, ':')
	}
	buf.WriteByte('[')
	for n, row := range r.Rows {
		if len(row) != len(keys) {
			return fmt.Errorf("row %d has %d cells for %d columns", n, len(row), len(keys))
		}
		if n > 0 {
			buf.WriteByte(',')
		}
		buf.WriteByte('{')
		for i, cell := range row {
			if i > 0 {
				buf.WriteByte(',')
			}
			buf.Write(keys[i])
			if err := appendCell(buf, cell); err != nil {
				return fmt.Errorf("encode column %q of row %d: %w", r.Columns[i], n, err)
			}
		}
		buf.WriteByte('}')
	}
	buf.WriteByte(']')
	return nil
}

// appendCell writes one value. A float is refused: no statement yields one
// unless money has lost its exactness on the way.
func appendCell(buf *bytes.Buffer, cell any) error {
	var plain any
	switch v := cell.(type) {
	case nil, bool, int64, string, []byte:
		plain = v // bytes become base64
	case *big.Rat:
		plain = Decimal(v)
	case time.Time:
		plain = v.UTC() // encodes as RFC 3339
	case civil.Date:
		plain = v.String()
	default:
		return fmt.Errorf("unexpected type %T", cell)
	}
	text, err := json.Marshal(plain) // escapes <, > and & as well
	if err != nil {
		return err
	}
	buf.Write(text)
	return nil
}

// Decimal is a NUMERIC in full, with at least two decimals: "12.50".
func Decimal(r *big.Rat) string {
	text := strings.TrimRight(bigquery.NumericString(r), "0")
	whole, fraction, _ := strings.Cut(text, ".")
	for len(fraction) < 2 {
		fraction += "0"
	}
	return whole + "." + fraction
}

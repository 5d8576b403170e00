package daily

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"google.golang.org/api/iterator"
)

// table is a report's rows in memory: about a kilobyte each.
type table struct {
	columns []string
	rows    [][]bigquery.Value
}

// append reads all rows of a result and tells how many they were.
func (t *table) append(rows *bigquery.RowIterator) (int, error) {
	before := len(t.rows)
	for {
		var row []bigquery.Value
		err := rows.Next(&row)
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			return 0, err
		}
		t.rows = append(t.rows, row)
	}
	if t.columns == nil { // the schema is known only after the first Next
		for _, field := range rows.Schema {
			t.columns = append(t.columns, field.Name)
		}
	}
	return len(t.rows) - before, nil
}

// record is one row whose cells go by their columns' names.
type record map[string]bigquery.Value

// records gives the rows one after another; a record is valid until the next.
func (t *table) records(yield func(record) bool) {
	r := make(record, len(t.columns))
	for _, row := range t.rows {
		for i, name := range t.columns {
			r[name] = row[i]
		}
		if !yield(r) {
			return
		}
	}
}

// text is a STRING; "" for NULL.
func (r record) text(column string) string { s, _ := r[column].(string); return s }

// whole is an INT64; 0 for NULL.
func (r record) whole(column string) int64 { n, _ := r[column].(int64); return n }

// number is a NUMERIC; nil for NULL.
func (r record) number(column string) *big.Rat { n, _ := r[column].(*big.Rat); return n }

// date is a DATE.
func (r record) date(column string) civil.Date { d, _ := r[column].(civil.Date); return d }

// exact is a value in plain text: decimals in full, without needless zeros.
func exact(value bigquery.Value) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case int64, bool, civil.Date:
		return fmt.Sprint(v), nil
	case *big.Rat:
		text := strings.TrimRight(bigquery.NumericString(v), "0")
		return strings.TrimSuffix(text, "."), nil
	}
	// A float among them would be money that has lost its exactness on the way.
	return "", fmt.Errorf("unexpected type %T", value)
}

package daily

import (
	"fmt"
	"math/big"
	"strings"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
)

// record is one row whose cells go by their columns' names.
type record map[string]bigquery.Value

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

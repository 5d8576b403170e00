package harness

import (
	"fmt"
	"math/big"
	"strings"
	"time"
)

// valueText is a BigQuery value in plain text; NUMERIC without needless zeros.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case *big.Rat:
		s := v.FloatString(9)
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	default:
		return fmt.Sprint(v)
	}
}

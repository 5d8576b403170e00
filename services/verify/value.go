package verify

import (
	"fmt"
	"math/big"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// scan reads the columns of a row into pointers, by the pointers' types. A NULL
// leaves the zero value, except that a *text can tell.
func scan(row []bigquery.Value, into ...any) error {
	if len(row) != len(into) {
		return fmt.Errorf("a row has %d columns, want %d", len(row), len(into))
	}
	for i, to := range into {
		if row[i] == nil {
			continue
		}
		ok := false
		switch to := to.(type) {
		case *string:
			*to, ok = row[i].(string)
		case *text:
			to.value, ok = row[i].(string)
			to.known = ok
		case *given:
			*to.text, ok = row[i].(string)
			if *to.text == "" {
				*to.text = "(an empty text)"
			}
		case *int64:
			*to, ok = row[i].(int64)
		case *bool:
			*to, ok = row[i].(bool)
		case *time.Time:
			*to, ok = row[i].(time.Time)
			*to = to.UTC()
		case *civil.Date:
			*to, ok = row[i].(civil.Date)
		case *reference.Amount:
			*to, ok = amountOf(row[i])
		case *reference.Level:
			to.Units, ok = row[i].(int64)
			to.Is = ok
		case *reference.Stated:
			to.Amount, ok = amountOf(row[i])
			to.Is = ok
		}
		if !ok {
			return fmt.Errorf("column %d: a %T cannot be read as %T: %v", i, row[i], to, row[i])
		}
	}
	return nil
}

// text is a STRING that may be NULL.
type text struct {
	value string
	known bool
}

// given is a STRING that is NULL where the source gave nothing, and never empty.
type given struct{ text *string }

func maybe(text *string) *given { return &given{text} }

// amountOf reads a NUMERIC, which has at most nine decimals.
func amountOf(v bigquery.Value) (reference.Amount, bool) {
	r, ok := v.(*big.Rat)
	if !ok {
		return 0, false
	}
	if num, denom := r.Num(), r.Denom(); num.IsInt64() && denom.IsInt64() {
		const billion = 1_000_000_000
		n, d := num.Int64(), denom.Int64()
		if factor := billion / d; billion%d == 0 && n <= 1<<62/factor && n >= -(1<<62)/factor {
			return reference.Amount(n * factor), true
		}
	}
	return 0, false
}

// dayText is a DATE as the model has it; empty if it is NULL.
func dayText(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// midnight is a day as the model has it.
func midnight(d civil.Date) time.Time { return d.In(time.UTC) }

// compare notes the differences between what the model wants and what a table
// holds; each visit removes what it found from want, so that the rest is missing.
func compare[K comparable, V comparable](found *findings, want map[K]V, key K, got V) {
	expected, ok := want[key]
	switch {
	case !ok:
		found.add("%v: stored, but not wanted or stored twice: %+v", key, got)
	case expected != got:
		found.add("%v: stored %+v, want %+v", key, got, expected)
	}
	delete(want, key)
}

func missing[K comparable, V any](found *findings, want map[K]V) {
	for key, v := range want {
		found.add("%v: missing: %+v", key, v)
	}
}

package billing

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

// sampled is how many rows of a large table are weighed, about.
const sampled = 20_000

// weights are the bytes of each column over some rows of a table.
type weights struct {
	total, rows int64 // rows of the table, and those that were weighed
	bytes       map[string]int64
}

// of is what so many rows weigh of the columns that are needed.
func (w weights) of(rows int64, needed func(column string) bool) (sum int64) {
	if w.rows == 0 {
		return 0
	}
	for column, bytes := range w.bytes {
		if needed(column) {
			// In parts: a product of both may be more than there are numbers.
			sum += rows/w.rows*bytes + rows%w.rows*bytes/w.rows
		}
	}
	return sum
}

// weigh weighs a table, again once it has twice as many rows, or half of them, or a temporary one of
// that name has other columns.
func (m *Meter) weigh(ctx context.Context, conn *engine.Conn, ref dialect.TableRef, total int64, read map[string]bool) (weights, error) {
	m.mu.Lock()
	known := m.weights[ref]
	m.mu.Unlock()
	if known.total > 0 && total < 2*known.total && total > known.total/2 && known.has(read) {
		return known, nil
	}
	columns, err := conn.Describe("SELECT * FROM " + ref.SQL())
	if err != nil {
		return known, err
	}
	known = weights{total: total, bytes: make(map[string]int64, len(columns))}
	names, sums := make([]string, len(columns)), []string{"count(*)"}
	for i, c := range columns {
		names[i] = strings.ToLower(c.Name)
		sums = append(sums, fmt.Sprintf("CAST(coalesce(sum(%s), 0) AS BIGINT)", width("row__."+engine.QuoteIdent(c.Name), c.Type, 0)))
	}
	text := fmt.Sprintf("SELECT %s FROM %s AS row__", strings.Join(sums, ", "), ref.SQL())
	if total > 2*sampled {
		text += fmt.Sprintf(" USING SAMPLE system(%s PERCENT)", strconv.FormatFloat(100*sampled/float64(total), 'f', 6, 64))
	}
	numbers, err := integers(ctx, conn, text)
	if err != nil {
		return known, err
	}
	known.rows = numbers[0]
	for i, name := range names {
		known.bytes[name] = numbers[i+1]
	}
	if known.rows == 0 {
		return known, nil // a sample may find none; the next time it is asked again
	}
	m.mu.Lock()
	m.weights[ref] = known
	m.mu.Unlock()
	return known, nil
}

// has tells whether none of the columns is missing.
func (w weights) has(columns map[string]bool) bool {
	for name := range columns {
		if _, ok := w.bytes[name]; !ok {
			return false
		}
	}
	return true
}

// width is the expression of how many bytes BigQuery counts for a value; NULL counts for none.
func width(value string, t engine.Type, depth int) string {
	if t.Repeated {
		t.Repeated = false
		element := fmt.Sprintf("e%d", depth)
		return fmt.Sprintf("coalesce(list_sum(list_transform(%s, lambda %s: CAST(%s AS BIGINT))), 0)", value, element, width(element, t, depth+1))
	}
	switch t.Kind {
	case engine.Record:
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = width(value+"."+engine.QuoteIdent(f.Name), f.Type, depth)
		}
		return "(" + strings.Join(fields, " + ") + ")"
	case engine.String:
		return "coalesce(2 + strlen(" + value + "), 0)"
	case engine.Bytes:
		return "coalesce(2 + octet_length(" + value + "), 0)"
	case engine.JSON:
		return "coalesce(strlen(CAST(" + value + " AS VARCHAR)), 0)"
	case engine.Numeric, engine.Interval:
		return fixed(value, 16)
	case engine.Bool:
		return fixed(value, 1)
	default:
		return fixed(value, 8)
	}
}

func fixed(value string, size int) string {
	return fmt.Sprintf("CASE WHEN %s IS NULL THEN 0 ELSE %d END", value, size)
}

// integers are those of the only row of a query of the meter's own.
func integers(ctx context.Context, conn *engine.Conn, text string) (numbers []int64, err error) {
	err = conn.Aside(func() error {
		return conn.Query(ctx, text, func(rows *engine.Rows) error {
			if _, err := rows.Next(); err != nil {
				return err
			}
			for i := range rows.Columns {
				cell, _ := rows.Text(i)
				n, err := strconv.ParseInt(cell, 10, 64)
				if err != nil {
					return err
				}
				numbers = append(numbers, n)
			}
			return nil
		})
	})
	return numbers, err
}

package schema_test

import (
	"regexp"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/sql"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// shareFilled is how the audit counts the rows that fill a column, or the beginning of a table's.
var shareFilled = regexp.MustCompile(`'((?:fact|dim)_\w+)'|\('(\w+)'(?: AS column_name)?, (\w+\([^\n]*?)\)(?: AS filled\))?,?\n`)

// TestWhatCannotBeUnfilled holds the audit's shares to the schema: of columns that are required and no text it counts the
// rows, which costs nothing, and of all others what is in them.
func TestWhatCannotBeUnfilled(t *testing.T) {
	t.Parallel()
	statement, err := sql.Find("reports/data_quality_30_completeness")
	if err != nil {
		t.Fatal(err)
	}
	columns := make(map[string]schema.Column)
	counted := make(map[bool]int)
	of := "" // the table
	for _, m := range shareFilled.FindAllStringSubmatch(statement.Text, -1) {
		if m[1] != "" {
			table, known, err := schema.Find(m[1])
			if err != nil || !known {
				t.Fatalf("%s: %v, %v", m[1], known, err)
			}
			of = m[1]
			clear(columns)
			for _, c := range table.Columns {
				columns[c.Name] = c
			}
			continue
		}
		column, known := columns[m[2]]
		if !known {
			t.Errorf("no column %s", m[2])
		}
		isCertain := column.Mode == "REQUIRED" && (column.Type != "STRING" || of == "fact_orders" && m[2] == "file_id") // whose id the pipeline makes
		if isRows := m[3] == "COUNT(*)"; isRows != isCertain {
			t.Errorf("%s, %s %s, is counted by %s", m[2], column.Mode, column.Type, m[3])
		}
		counted[isCertain]++
	}
	if counted[true] != 18 || counted[false] != 27 {
		t.Errorf("%d columns that cannot be unfilled and %d others, want 18 and 27", counted[true], counted[false])
	}
}

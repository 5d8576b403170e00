package query

import "strings"

// totalsPrefix begins the names of the columns that say the same in each row: the sums
// over all rows that there are, listed or not.
const totalsPrefix = "all_"

// TakeTotals takes the columns of totals out of r and gives each group's once: groups are
// the rows that have one value in the column by, or all if by is "".
func (r *Result) TakeTotals(by string) *Result {
	totals := &Result{}
	var kept, taken []int
	for i, name := range r.Columns {
		if strings.HasPrefix(name, totalsPrefix) {
			taken = append(taken, i)
		} else {
			kept = append(kept, i)
		}
	}
	group := r.Column(by)
	if group >= 0 {
		taken = append([]int{group}, taken...)
	}
	for _, i := range taken {
		totals.Columns = append(totals.Columns, strings.TrimPrefix(r.Columns[i], totalsPrefix))
	}
	seen := make(map[any]bool)
	for _, row := range r.Rows {
		if len(totals.Columns) == 0 {
			break
		}
		var value any
		if group >= 0 {
			value = row[group]
		}
		if !seen[value] {
			seen[value] = true
			totals.Rows = append(totals.Rows, pick(row, taken))
		}
	}
	for i, row := range r.Rows {
		r.Rows[i] = pick(row, kept)
	}
	columns := make([]string, len(kept))
	for i, at := range kept {
		columns[i] = r.Columns[at]
	}
	r.Columns = columns
	return totals
}

// pick gives the cells at the places.
func pick(row []any, places []int) []any {
	cells := make([]any, len(places))
	for i, at := range places {
		cells[i] = row[at]
	}
	return cells
}

package sql

import "testing"

func TestInlineDates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, stmt string
		params     map[string][]int32
		want       string
		wantErr    string
	}{
		{
			name:   "sorted and distinct",
			stmt:   "DELETE FROM f WHERE d IN UNNEST(@order_dates) AND x = @x",
			params: map[string][]int32{"order_dates": {20759, 20758, 20759}},
			want:   "DELETE FROM f WHERE d IN (DATE '2026-11-01', DATE '2026-11-02') AND x = @x",
		},
		{
			name:   "twice, and any layout",
			stmt:   "a in\nunnest ( @a_dates ) OR b NOT IN UNNEST(@a_dates)",
			params: map[string][]int32{"a_dates": {0}},
			want:   "a IN (DATE '1970-01-01') OR b NOT IN (DATE '1970-01-01')",
		},
		{
			name:   "none",
			stmt:   "WHERE d IN UNNEST(@a_dates)",
			params: map[string][]int32{"a_dates": nil},
			want:   "WHERE d BETWEEN DATE '9999-12-31' AND DATE '0001-01-01'",
		},
		{
			name:   "ends of the calendar",
			stmt:   "d IN UNNEST(@a_dates)",
			params: map[string][]int32{"a_dates": {2932896, -719162, -1}},
			want:   "d IN (DATE '0001-01-01', DATE '1969-12-31', DATE '9999-12-31')",
		},
		{
			name:   "strings and comments stay",
			stmt:   "-- @param a_dates ARRAY<DATE>\nSELECT 'IN UNNEST(@a_dates)' /* IN UNNEST(@a_dates) */ # @b_dates\nFROM t",
			params: map[string][]int32{"a_dates": {0}},
			want:   "-- @param a_dates ARRAY<DATE>\nSELECT 'IN UNNEST(@a_dates)' /* IN UNNEST(@a_dates) */ # @b_dates\nFROM t",
		},
		{
			name: "other parameters and functions stay",
			stmt: "x IN UNNEST(@file_ids) AND d IN UNNEST([DATE '2026-01-01'])",
			want: "x IN UNNEST(@file_ids) AND d IN UNNEST([DATE '2026-01-01'])",
		},
		{
			name:    "unknown",
			stmt:    "SELECT 1\nWHERE d IN UNNEST(@b_dates)",
			params:  map[string][]int32{"a_dates": {0}},
			wantErr: "sql: line 2: no dates given for @b_dates",
		},
		{
			name:    "left over",
			stmt:    "SELECT d FROM UNNEST(@a_dates) AS d",
			params:  map[string][]int32{"a_dates": {0}},
			wantErr: "sql: line 1: @a_dates must stand in IN UNNEST(@a_dates): only there a literal list can replace it",
		},
		{
			name:    "left over at the start",
			stmt:    "@a_dates",
			params:  map[string][]int32{"a_dates": {0}},
			wantErr: "sql: line 1: @a_dates must stand in IN UNNEST(@a_dates): only there a literal list can replace it",
		},
		{
			name:    "inside an expression",
			stmt:    "d IN UNNEST(@a_dates || [x])",
			params:  map[string][]int32{"a_dates": {0}},
			wantErr: "sql: line 1: @a_dates must stand in IN UNNEST(@a_dates): only there a literal list can replace it",
		},
		{
			name:    "other case",
			stmt:    "d IN UNNEST(@A_DATES)",
			params:  map[string][]int32{"a_dates": {0}},
			wantErr: "sql: line 1: no dates given for @A_DATES",
		},
		{
			name:    "key without suffix",
			stmt:    "SELECT 1",
			params:  map[string][]int32{"dates": {0}},
			wantErr: `sql: parameter "dates": the name of a list of dates must end in _dates`,
		},
		{
			name:    "before the calendar",
			stmt:    "SELECT 1",
			params:  map[string][]int32{"a_dates": {-719163}},
			wantErr: `sql: parameter "a_dates": days -719163 to -719163 since 1970-01-01 leave the range of DATE, -719162 to 2932896`,
		},
		{
			name:    "after the calendar",
			stmt:    "SELECT 1",
			params:  map[string][]int32{"a_dates": {0, 2932897}},
			wantErr: `sql: parameter "a_dates": days 0 to 2932897 since 1970-01-01 leave the range of DATE, -719162 to 2932896`,
		},
		{
			name:    "no SQL",
			stmt:    "SELECT 'a",
			wantErr: "sql: line 1: Unclosed string literal",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := inlined(test.stmt, test.params)
			if got != test.want || message(err) != test.wantErr {
				t.Errorf("got  %q, error %q\nwant %q, error %q", got, message(err), test.want, test.wantErr)
			}
		})
	}
}

// inlined reads a statement and gives its text with dates.
func inlined(stmt string, dates map[string][]int32) (string, error) {
	s, err := Parse("", stmt)
	if err != nil {
		return "", err
	}
	return s.InlineDates(dates)
}

func TestInlineDatesLeavesItsArgumentAlone(t *testing.T) {
	t.Parallel()
	days := []int32{2, 1, 2}
	if _, err := inlined("d IN UNNEST(@a_dates)", map[string][]int32{"a_dates": days}); err != nil {
		t.Fatal(err)
	}
	if days[0] != 2 || days[1] != 1 || days[2] != 2 {
		t.Errorf("argument became %v", days)
	}
}

func BenchmarkInlineDates(b *testing.B) {
	const stmt = `-- Touches the days of a transaction.
DELETE FROM fact_orders AS f WHERE f.order_date IN UNNEST(@order_dates) AND f.file_id IN (SELECT file_id FROM touched)`
	params := map[string][]int32{"order_dates": {20758, 20759, 20760, 20761, 20762, 20763, 20764}}
	s, err := Parse("", stmt)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.InlineDates(params); err != nil {
			b.Fatal(err)
		}
	}
}

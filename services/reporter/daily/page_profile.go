package daily

import (
	"encoding/json"
	"math/big"
	"strings"
)

// profileSection shows what each column holds, a table after another.
type profileSection struct {
	note
	Tables  []*profiledTable
	Unusual []*profiledColumn
}

// profiledTable is a table with its columns.
type profiledTable struct {
	Name    string
	Rows    int64
	Columns []*profiledColumn
}

// profiledColumn is a row of the report.
type profiledColumn struct {
	Table, Name, Smallest, Median, Largest string
	Personal                               bool
	Filled                                 *big.Rat
	Distinct                               int64
	Top                                    []profiledValue
	Reasons                                []string // why it is unusual
}

// profiledValue is one of the most frequent values.
type profiledValue struct {
	Value       string `json:"value"`
	Occurrences int64  `json:"occurrences"`
	UsualShare  string `json:"usual_share"`
	Change      string `json:"change"`
}

// shownValues is how many of the ten values the page has.
const shownValues = 3

func newProfile(made run) *profileSection { return &profileSection{note: noteOf(made)} }

func (s *profileSection) add(r record) {
	table := r.text("table_name")
	if len(s.Tables) == 0 || s.Tables[len(s.Tables)-1].Name != table {
		s.Tables = append(s.Tables, &profiledTable{Name: table, Rows: r.whole("row_count")})
	}
	personal, _ := r["is_personal"].(bool)
	c := &profiledColumn{
		Table: table, Name: r.text("column_name"), Smallest: r.text("smallest"), Median: r.text("p50"), Largest: r.text("largest"),
		Personal: personal, Filled: r.number("filled_share"), Distinct: r.whole("distinct_values"),
	}
	var values []profiledValue
	if err := json.Unmarshal([]byte(r.text("top_values")), &values); err != nil {
		values = nil // none are shown
	}
	c.Reasons = reasons(r, values)
	for _, v := range values {
		if v.Occurrences > 0 && len(c.Top) < shownValues {
			c.Top = append(c.Top, v)
		}
	}
	of := s.Tables[len(s.Tables)-1]
	of.Columns = append(of.Columns, c)
	if len(c.Reasons) > 0 {
		s.Unusual = append(s.Unusual, c)
	}
}

// reasons says why a column is unusual, figure by figure.
func reasons(r record, values []profiledValue) (all []string) {
	for _, what := range strings.Fields(r.text("unusual")) {
		switch what {
		case "rows":
			all = append(all, whole(r.whole("row_count"))+" rows, usually "+whole(r.whole("usual_rows")))
		case "filled":
			all = append(all, percent(r.number("filled_share"), false)+" filled, usually "+percent(r.number("usual_filled_share"), false))
		case "distinct":
			all = append(all, whole(r.whole("distinct_values"))+" different values, usually "+whole(r.whole("usual_distinct_values")))
		case "mean":
			all = append(all, "mean of "+money(r.number("mean"))+", usually "+money(r.number("usual_mean")))
		case "values":
			all = append(all, changedValues(r.whole("filled"), values)...)
		}
	}
	return all
}

func changedValues(filled int64, values []profiledValue) (all []string) {
	for _, v := range values {
		share := dash
		if filled > 0 {
			share = percent(big.NewRat(v.Occurrences, filled), false)
		}
		usual := dash
		if r, ok := new(big.Rat).SetString(v.UsualShare); ok {
			usual = percent(r, false)
		}
		switch v.Change {
		case "new":
			all = append(all, "“"+v.Value+"” is new: "+share)
		case "gone":
			all = append(all, "“"+v.Value+"” is gone, usually "+usual)
		case "more", "less":
			all = append(all, "“"+v.Value+"” is "+v.Change+" frequent: "+share+", usually "+usual)
		}
	}
	return all
}

func (s *profileSection) finish() {}

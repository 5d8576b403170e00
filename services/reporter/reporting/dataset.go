package reporting

import (
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

const day = 24 * time.Hour

// dataset is one path of the API and the statements behind it.
type dataset struct {
	path string
	// parts are the statements, by the key under which their rows stand in the answer.
	parts []part
	// grain is what from and to are widened to.
	grain time.Duration
	// limit is the default of the parameter limit, 0: the dataset takes none.
	limit, maxLimit int
	// pageTime and pageID are the columns of "rows" that order the pages, newest
	// first; empty: the dataset has one page.
	pageTime, pageID string
}

type part struct {
	key, statement string
	// enrich, if set, adds what the warehouse does not know.
	enrich func(*Result)
}

// rowsKey names the part that limit and page_token apply to.
const rowsKey = "rows"

// datasets are all that the API serves besides the event stream.
var datasets = []dataset{
	{
		path:  "summary",
		grain: time.Hour,
		parts: []part{{key: rowsKey, statement: "dashboard/summary"}},
	},
	{
		path:  "orders-per-hour",
		grain: time.Hour,
		parts: []part{{key: rowsKey, statement: "dashboard/orders_per_hour"}},
	},
	{
		path:  "category-revenue",
		grain: day, // of its table
		limit: 100, maxLimit: 1000,
		parts: []part{{key: rowsKey, statement: "dashboard/category_revenue"}},
	},
	{
		path:  "top-products",
		grain: time.Hour,
		limit: 10, maxLimit: 100,
		parts: []part{{key: rowsKey, statement: "dashboard/top_products"}},
	},
	{
		path:  "aov-by-tier",
		grain: time.Hour,
		limit: 100, maxLimit: 1000,
		parts: []part{{key: rowsKey, statement: "dashboard/aov_by_tier"}},
	},
	{
		path:  "geography",
		grain: time.Hour,
		limit: 100, maxLimit: 1000,
		parts: []part{{key: rowsKey, statement: "dashboard/geography"}},
	},
	{
		path:  "files",
		grain: time.Hour,
		limit: 50, maxLimit: 500,
		pageTime: "loaded_at", pageID: "file_id",
		parts: []part{{key: rowsKey, statement: "dashboard/files"}},
	},
	{
		path:  "quality",
		grain: time.Hour,
		limit: 50, maxLimit: 500,
		pageTime: "check_timestamp", pageID: "check_id",
		parts: []part{
			{key: "rules", statement: "dashboard/quality_rules", enrich: explainRules},
			{key: rowsKey, statement: "dashboard/quality_findings"},
		},
	},
	{
		path:  "dead-letters",
		grain: time.Hour,
		parts: []part{{key: rowsKey, statement: "dashboard/dead_letters"}},
	},
}

// explainRules adds the catalog's words to each rule.
func explainRules(r *Result) {
	rule := r.column("check_type")
	if rule < 0 {
		return
	}
	r.Columns = append(r.Columns, "meaning", "remedy")
	for i, row := range r.Rows {
		id, _ := row[rule].(string)
		known, ok := rules.Lookup(rules.ID(id))
		if !ok {
			r.Rows[i] = append(row, nil, nil)
			continue
		}
		r.Rows[i] = append(row, known.Meaning, known.Remedy)
	}
}

package dataset

import (
	"slices"
	"strings"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// option is a parameter that may be left out.
type option struct {
	given bool
	text  string
}

// param is the option for a statement: NULL when it was left out.
func (o option) param() bigquery.NullString {
	return bigquery.NullString{StringVal: o.text, Valid: o.given}
}

// filters are the parameters that narrow a dataset; each dataset names its own.
type filters struct {
	category, region, state, tier, status option // of orders
	kind, verdict, search                 option // of files
	rule, severity, file                  option // of findings
	rankBy, step, compare                 option // not filters, but chosen like them
}

// The words of parameters that take one of a few.
const (
	rankByRevenue          = "revenue"
	rankByTotalRevenue     = "total_revenue"
	rankByCompletedRevenue = "completed_revenue"

	comparePrevious = "previous"
	compareWeekdays = "weekdays"
	compareYear     = "year"
	compareNone     = "none"
)

// parameter is a filter's name in a query, where it is kept, and what it may say.
type parameter struct {
	name  string
	field func(*filters) *option
	words []string // what it may say; nil: any text
}

// parameters are all filters of all datasets.
var parameters = []parameter{
	{name: "category", field: func(f *filters) *option { return &f.category }},
	{name: "region", field: func(f *filters) *option { return &f.region }},
	{name: "state", field: func(f *filters) *option { return &f.state }},
	{name: "tier", field: func(f *filters) *option { return &f.tier }},
	{name: "status", field: func(f *filters) *option { return &f.status }, words: []string{"completed", "pending", "failed", "refunded", "partially_refunded", "cancelled", "other"}},
	{name: "kind", field: func(f *filters) *option { return &f.kind }, words: []string{"orders", "products", "customers", "unknown"}},
	{name: "verdict", field: func(f *filters) *option { return &f.verdict }, words: []string{"loaded", "quarantined"}},
	{name: "search", field: func(f *filters) *option { return &f.search }},
	{name: "rule", field: func(f *filters) *option { return &f.rule }},
	{name: "severity", field: func(f *filters) *option { return &f.severity }, words: []string{"info", "warning", "error"}},
	{name: "file", field: func(f *filters) *option { return &f.file }},
	{name: "rank_by", field: func(f *filters) *option { return &f.rankBy }, words: []string{rankByRevenue, rankByTotalRevenue, rankByCompletedRevenue}},
	{name: "step", field: func(f *filters) *option { return &f.step }, words: []string{"minute", "hour", "day"}},
	{name: "compare", field: func(f *filters) *option { return &f.compare }, words: []string{comparePrevious, compareWeekdays, compareYear, compareNone}},
}

// orderFilters are the filters of every dataset of orders.
var orderFilters = []string{"category", "region", "state", "tier", "status"}

// maxFilter is the longest text that a filter may hold, in bytes: as long as the
// longest text that the parser lets into the warehouse.
const maxFilter = 4096

// set takes the text of a parameter.
func (p parameter) set(f *filters, text string) *answer.Problem {
	switch {
	case p.words != nil && !slices.Contains(p.words, text):
		return answer.Invalid(p.name, "%s must be one of %s.", p.name, strings.Join(p.words, ", "))
	case len(text) > maxFilter:
		return answer.Invalid(p.name, "%s must not be longer than %d bytes.", p.name, maxFilter)
	case strings.ToValidUTF8(text, "") != text || strings.ContainsRune(text, 0):
		return answer.Invalid(p.name, "%s must be UTF-8 text without NUL characters.", p.name)
	}
	*p.field(f) = option{given: true, text: text}
	return nil
}

// ofOrders tells whether the orders are narrowed, so that no aggregate holds
// the answer.
func (f filters) ofOrders() bool {
	return f.category.given || f.region.given || f.state.given || f.tier.given || f.status.given
}

// comparison is the word of the period that is compared with.
func (f filters) comparison() string {
	if f.compare.given {
		return f.compare.text
	}
	return comparePrevious
}

// addTo adds the values of all filters for the statements.
func (f filters) addTo(params query.Params) {
	for _, p := range parameters {
		params[p.name] = p.field(&f).param()
	}
	params["rank_by"] = rankByRevenue
	if f.rankBy.given {
		params["rank_by"] = f.rankBy.text
	}
}

package dataset

import (
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

const day = 24 * time.Hour

// dataset is one path of the API and the statements behind it.
type dataset struct {
	// path is a pattern of http.ServeMux below /api/v1/.
	path string
	// lookup, if set, is a statement that finds the one row which the path names, or a report.
	// Its columns are parameters of the parts; without a row the answer is 404, for the reason missing, or
	// its lists are empty if that is nil.
	lookup  string
	missing *answer.Problem
	// asOf tells that the dataset is of an earlier moment, which the request names and the lookup knows the reach of.
	asOf bool
	// parts are the statements, by the key under which their rows stand in the answer.
	parts []part
	// grain is what from and to are widened to; 0: the dataset takes none.
	grain time.Duration
	// period is the default length, if it is not 31 days that end with today.
	period time.Duration
	// filters names the other parameters.
	filters []string
	// limit is the default of the parameter limit, 0: the dataset takes none.
	limit, maxLimit int
	// order is how the rows of "rows" are paged.
	order pageOrder
}

type part struct {
	key, statement string
	// instead, if set, names another statement for a request that the first
	// cannot answer; "" keeps the first.
	instead func(request) string
	// before, if set, asks for the period that the request's is compared with instead, and of that for as much as has
	// passed of the request's, up to the second or the hour.
	before time.Duration
	// totals tells that each row has the sums over all rows, listed or not, in columns all_*;
	// they stand once in the answer, under totalsKey, one row for each value of the column
	// totalsBy if that is set.
	totals   bool
	totalsBy string
	// enrich, if set, adds what the warehouse does not know.
	enrich func(*query.Result)
}

// pageOrder names the columns of "rows" that order its pages: newest first by a
// time and an id, or ascending by a number. The zero value: there is one page.
type pageOrder struct {
	time, id, number string
}

// floor is when the day or the hour of the shop's clock, or the minute, that holds t began.
func (d *dataset) floor(zone calendar.Zone, t time.Time) time.Time {
	switch d.grain {
	case day:
		return zone.Start(zone.Date(t))
	case time.Hour:
		return zone.HourStart(t)
	default:
		return t.Truncate(d.grain)
	}
}

// ceil is t, or when what holds it ends.
func (d *dataset) ceil(zone calendar.Zone, t time.Time) time.Time {
	floor := d.floor(zone, t)
	switch {
	case !floor.Before(t):
		return t
	case d.grain == day: // of 23 to 25 hours
		return zone.End(zone.Date(t))
	default:
		return floor.Add(d.grain)
	}
}

// asked are the parts that a request asks for.
func (d *dataset) asked(r request) []part {
	if r.filters.comparison() != compareNone {
		return d.parts
	}
	return slices.DeleteFunc(slices.Clone(d.parts), func(p part) bool { return p.before > 0 })
}

func (d *dataset) paged() bool { return d.order != pageOrder{} }

// firstPage is the cursor before all rows.
func (d *dataset) firstPage() answer.Cursor {
	if d.order.number != "" {
		return answer.Cursor{Number: -1}
	}
	return answer.TimeCursor(answer.EndOfTime, "")
}

// parameters are the names that a query may hold.
func (d *dataset) parameters() []string {
	names := slices.Clone(d.filters)
	if d.grain > 0 {
		names = append(names, "from", "to")
	}
	if d.asOf {
		names = append(names, "moment")
	}
	if d.limit > 0 {
		names = append(names, "limit")
	}
	if d.paged() {
		names = append(names, "page_token")
	}
	return names
}

// rowsKey names the part that limit and page_token apply to.
const rowsKey = "rows"

// totalsKey names the sums over all rows of a list, listed or not.
const totalsKey = "totals"

// previousKey names the same of the period that is compared with.
const previousKey = "previous"

// comparedFilters are those of a dataset that tells of two periods.
var comparedFilters = append(slices.Clone(orderFilters), "compare")

// rankedFilters are those of a dataset that is ordered by revenue.
var rankedFilters = append(slices.Clone(orderFilters), "rank_by")

// datasets are all that the API answers from the warehouse.
var datasets = []dataset{
	{
		path:  "summary",
		grain: time.Hour, filters: comparedFilters,
		parts: []part{
			{key: rowsKey, statement: "dashboard/summary", instead: summaryOfFacts},
			{key: previousKey, statement: "dashboard/summary", instead: summaryOfFacts, before: time.Second},
		},
	},
	{
		path:  "orders-per-hour",
		grain: time.Hour, filters: comparedFilters,
		parts: []part{
			{key: rowsKey, statement: "dashboard/orders_per_hour", instead: hoursOfFacts},
			{key: previousKey, statement: "dashboard/orders_per_hour", instead: hoursOfFacts, before: time.Hour},
		},
	},
	{
		path:  "category-revenue",
		grain: time.Hour, filters: rankedFilters,
		limit: 100, maxLimit: 1000,
		order: pageOrder{number: "place"},
		parts: []part{{key: rowsKey, totals: true, statement: "dashboard/category_revenue", instead: unlessOfDays("dashboard/category_revenue_filtered")}},
	},
	{
		path:  "top-products",
		grain: time.Hour, filters: rankedFilters,
		limit: 10, maxLimit: 1000,
		order: pageOrder{number: "place"},
		parts: []part{{key: rowsKey, totals: true, statement: "dashboard/top_products", instead: unlessOfDays("dashboard/top_products_filtered")}},
	},
	{
		path:  "aov-by-tier",
		grain: time.Hour, filters: rankedFilters,
		limit: 100, maxLimit: 1000,
		order: pageOrder{number: "place"},
		parts: []part{{key: rowsKey, totals: true, statement: "dashboard/aov_by_tier", instead: unlessOfDays("dashboard/aov_by_tier_filtered")}},
	},
	{
		path:  "geography",
		grain: time.Hour, filters: rankedFilters,
		limit: 100, maxLimit: 1000,
		parts: []part{{key: rowsKey, totals: true, totalsBy: "level", statement: "dashboard/geography", instead: unlessOfDays("dashboard/geography_filtered")}},
	},
	{
		path:   "as-of",
		lookup: "dashboard/as_of_reach", asOf: true,
		grain: time.Hour, filters: orderFilters,
		parts: []part{{key: rowsKey, statement: "dashboard/as_of"}},
	},
	{
		path:   asOfOrders,
		lookup: "dashboard/as_of_reach", asOf: true,
		grain: time.Hour, filters: orderFilters,
		limit: 50, maxLimit: 1000,
		order: pageOrder{number: "place"},
		parts: []part{{key: rowsKey, totals: true, statement: "dashboard/as_of_orders"}},
	},
	{
		path:   "customers",
		lookup: "dashboard/cohorts_report",
		grain:  time.Hour,
		parts: []part{
			{key: rowsKey, statement: "dashboard/customers"},
			{key: "days", statement: "dashboard/customers_days"},
		},
	},
	{
		path:  "order-life",
		grain: time.Hour,
		parts: []part{{key: rowsKey, statement: "dashboard/order_life"}},
	},
	{
		path:   "order-times",
		lookup: "dashboard/cohorts_report",
		grain:  time.Hour,
		parts:  []part{{key: rowsKey, statement: "dashboard/order_times"}},
	},
	{
		path:  "filter-values",
		grain: time.Hour,
		limit: 100, maxLimit: 1000,
		parts: []part{{key: rowsKey, statement: "dashboard/filter_values"}},
	},
	{
		path:  "files",
		grain: time.Minute, filters: []string{"search", "kind", "verdict"},
		limit: 50, maxLimit: 500,
		order: pageOrder{time: "loaded_at", id: "file_id"},
		parts: []part{{key: rowsKey, statement: "dashboard/files"}},
	},
	{
		path:   "files/{file_id}",
		lookup: "dashboard/file", missing: errNotFound,
		parts: []part{
			{key: rowsKey, statement: "dashboard/file"},
			{key: "history", statement: "dashboard/file_history"},
			{key: "rules", statement: "dashboard/file_rules", enrich: explainRules},
		},
	},
	{
		path:   "files/{file_id}/refused",
		lookup: "dashboard/file", missing: errNotFound,
		limit: 50, maxLimit: 500,
		order: pageOrder{number: "record_index"},
		parts: []part{{key: rowsKey, statement: "dashboard/file_refused"}},
	},
	{
		path:   "files/{file_id}/records/{record_index}",
		lookup: "dashboard/file", missing: errNotFound,
		parts: []part{
			{key: rowsKey, statement: "dashboard/record", enrich: cut("payload", MaxPayload)},
			{key: "findings", statement: "dashboard/record_findings", enrich: explainRules},
		},
	},
	{
		path:   "orders/{order_id}",
		lookup: "trace/order", missing: errNoOrder,
		parts: []part{
			{key: rowsKey, statement: "trace/stations"},
			{key: "facts", statement: "trace/facts"},
			{key: "figures", statement: "trace/aggregates"},
			{key: "findings", statement: "trace/findings"},
		},
	},
	{
		path:   "products/{product_id}",
		lookup: "dashboard/product_known", missing: errNoProduct,
		grain: day,
		limit: 20, maxLimit: 500,
		order: pageOrder{time: "order_timestamp", id: "order_id"},
		parts: []part{
			{key: "product", statement: "dashboard/product"},
			{key: "days", statement: "dashboard/product_days"},
			{key: "stock", statement: "dashboard/product_stock"},
			{key: rowsKey, statement: "dashboard/product_orders"},
		},
	},
	{
		path:   "customers/{customer_id}",
		lookup: "dashboard/customer_known", missing: errNoCustomer,
		limit: 20, maxLimit: 500,
		order: pageOrder{time: "order_timestamp", id: "order_id"},
		parts: []part{
			{key: "customer", statement: "dashboard/customer"},
			{key: "churn", statement: "dashboard/customer_churn"},
			{key: rowsKey, statement: "dashboard/customer_orders"},
		},
	},
	{
		path:  "quality",
		grain: time.Minute, filters: []string{"rule", "severity", "file", "step"},
		limit: 50, maxLimit: 500,
		order: pageOrder{time: "check_timestamp", id: "check_id"},
		parts: []part{
			{key: "rules", statement: "dashboard/quality_rules", enrich: explainRules},
			{key: "timeline", statement: "dashboard/quality_timeline"},
			{key: rowsKey, statement: "dashboard/quality_findings"},
		},
	},
	{
		path:  "dead-letters",
		grain: time.Minute,
		parts: []part{{key: rowsKey, statement: "dashboard/dead_letters", enrich: cut("sample_data", maxSample)}},
	},
	{
		path:  "system",
		grain: time.Minute, period: time.Hour, filters: []string{"step"},
		parts: []part{
			{key: rowsKey, statement: "dashboard/system_totals"},
			{key: "lags", statement: "dashboard/stage_lags"},
			{key: "throughput", statement: "dashboard/stage_throughput"},
		},
	},
}

// unlessOfDays names a statement that reads the facts, for a request that the days' aggregates
// cannot answer: one that is filtered or cuts a day.
func unlessOfDays(other string) func(request) string {
	return func(r request) string { return onlyIf(r.filters.ofOrders() || !r.wholeDays(), other) }
}

// summaryOfFacts names the summary of facts, for a request that is filtered or does not begin with
// a day; where the last day ends, the other can tell.
func summaryOfFacts(r request) string {
	return onlyIf(r.filters.ofOrders() || !r.fromMidnight(), "dashboard/summary_filtered")
}

// hoursOfFacts names the statement that reads the facts, for a request that is filtered.
func hoursOfFacts(r request) string {
	return onlyIf(r.filters.ofOrders(), "dashboard/orders_per_hour_filtered")
}

func onlyIf(condition bool, statement string) string {
	if condition {
		return statement
	}
	return ""
}

// How much of original bytes goes to a browser: enough to see what is wrong.
const (
	MaxPayload = 64 << 10
	maxSample  = 4 << 10
)

// explainRules adds the catalog's words to each rule.
func explainRules(r *query.Result) {
	rule := r.Column("check_type")
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

// cut shortens a column of bytes and adds the column <name>_bytes with their
// number before.
func cut(column string, most int) func(*query.Result) {
	return func(r *query.Result) {
		at := r.Column(column)
		if at < 0 {
			return
		}
		r.Columns = append(r.Columns, column+"_bytes")
		for i, row := range r.Rows {
			data, _ := row[at].([]byte)
			row = append(row, int64(len(data)))
			if len(data) > most {
				row[at] = data[:most]
			}
			r.Rows[i] = row
		}
	}
}

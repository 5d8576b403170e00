package reporting

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
)

// parseListQuery reads a request for the list of dates.
func parseListQuery(r *http.Request) (reportQuery, error) {
	q, p := parseReportQuery(r.URL.RawQuery, defaultDates, maxDates, "limit", "page_token")
	if p != nil {
		return reportQuery{}, p
	}
	return q, nil
}

// parseRowsQuery reads a request for the rows of the report that the path names.
func parseRowsQuery(r *http.Request) (reportQuery, error) {
	q, p := parseReportQuery(r.URL.RawQuery, defaultReportRows, maxReportRows, "date", "limit", "page_token")
	if p != nil {
		return reportQuery{}, p
	}
	if q.date.IsValid() && q.after.date.IsValid() && q.date != q.after.date {
		return reportQuery{}, invalid("page_token", "page_token belongs to another date.")
	}
	report, known := daily.Lookup(r.PathValue("report"))
	if !known {
		return reportQuery{}, errNoReport
	}
	q.report = report.ID
	return q, nil
}

// parseReportQuery reads the query of a request for reports. Like every endpoint
// it refuses what it does not know.
func parseReportQuery(rawQuery string, defaultLimit, maxLimit int, allowed ...string) (reportQuery, *problem) {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return reportQuery{}, &problem{code: "invalid_query", message: "The query string is not well formed."}
	}
	for name, given := range values {
		if !slices.Contains(allowed, name) {
			return reportQuery{}, invalid(clip(name), "This endpoint has no such parameter.")
		}
		if len(given) > 1 {
			return reportQuery{}, invalid(name, "The parameter %s may be given once.", name)
		}
	}
	q := reportQuery{limit: defaultLimit}
	if values.Has("date") {
		if q.date, err = civil.ParseDate(values.Get("date")); err != nil || q.date.Year < 1 {
			return reportQuery{}, invalid("date", "date must be a date such as 2026-11-01.")
		}
	}
	if values.Has("limit") {
		if q.limit, err = strconv.Atoi(values.Get("limit")); err != nil || q.limit < 1 || q.limit > maxLimit {
			return reportQuery{}, invalid("limit", "limit must be a whole number from 1 to %d.", maxLimit)
		}
	}
	if values.Has("page_token") {
		var ok bool
		if q.after, ok = parseReportCursor(values.Get("page_token")); !ok {
			return reportQuery{}, invalid("page_token", "page_token must be the next_page_token of an earlier answer.")
		}
	}
	return q, nil
}

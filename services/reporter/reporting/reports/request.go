package reports

import (
	"net/http"
	"strconv"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
)

// errNoReport says that a report does not exist, or not for the date.
var errNoReport = &answer.Problem{Status: http.StatusNotFound, Code: "not_found", Message: "There is no such report for this date."}

// request is what a client asks of the reports, checked. It is comparable and
// serves as a key.
type request struct {
	report string     // "": the list of dates
	date   civil.Date // zero: not given
	limit  int
	after  cursor // zero: the first page
	runs   int64  // when runsTable last changed
}

// cursor is where a page starts: behind this date, or behind this row of it.
type cursor struct {
	date     civil.Date
	position int64
}

// String is the cursor as an opaque token.
func (c cursor) String() string {
	return answer.TimeCursor(c.date.In(time.UTC), strconv.FormatInt(c.position, 10)).String()
}

func parseCursor(token string) (cursor, bool) {
	c, ok := answer.ParseCursor(token)
	if !ok {
		return cursor{}, false
	}
	position, err := strconv.ParseInt(c.ID, 10, 64)
	return cursor{civil.DateOf(c.Time()), position}, err == nil && position >= 0
}

// parseList reads a request for the list of dates.
func parseList(r *http.Request) (request, error) {
	q, p := parseQuery(r.URL.RawQuery, defaultDates, MaxDates, "limit", "page_token")
	if p != nil {
		return request{}, p
	}
	return q, nil
}

// parseRows reads a request for the rows of the report that the path names.
func parseRows(r *http.Request) (request, error) {
	q, p := parseQuery(r.URL.RawQuery, defaultReportRows, maxReportRows, "date", "limit", "page_token")
	if p != nil {
		return request{}, p
	}
	if q.date.IsValid() && q.after.date.IsValid() && q.date != q.after.date {
		return request{}, answer.Invalid("page_token", "page_token belongs to another date.")
	}
	report, known := daily.Lookup(r.PathValue("report"))
	if !known {
		return request{}, errNoReport
	}
	q.report = report.ID
	return q, nil
}

// parseQuery reads the query of a request for reports. Like every endpoint
// it refuses what it does not know.
func parseQuery(rawQuery string, defaultLimit, maxLimit int, allowed ...string) (request, *answer.Problem) {
	values, fault := answer.ParseQuery(rawQuery, allowed...)
	if fault != nil {
		return request{}, fault
	}
	var q request
	if values.Has("date") {
		date, err := civil.ParseDate(values.Get("date"))
		if err != nil || date.Year < 1 {
			return request{}, answer.Invalid("date", "date must be a date such as 2026-11-01.")
		}
		q.date = date
	}
	if q.limit, fault = answer.Limit(values, defaultLimit, maxLimit); fault != nil {
		return request{}, fault
	}
	if q.after, fault = answer.Page(values, cursor{}, parseCursor); fault != nil {
		return request{}, fault
	}
	return q, nil
}

package dataset

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// defaultDays end with today, of the shop's clock, unless the request says otherwise.
const defaultDays = 31

// oldestDate is before all daily reports.
var oldestDate = civil.Date{Year: 1970, Month: time.January, Day: 1}

// request is what a client asks of a dataset, checked and normalized, so that
// equal questions have equal requests. It is comparable and serves as a key.
type request struct {
	path        string
	fileID      string // from the path, as is recordIndex
	recordIndex int64
	orderID     string // from the path, as are the next two
	productID   string
	customerID  string
	moment      time.Time // UTC; zero for a dataset that is not of an earlier one
	anyMoment   bool      // nobody has asked for this one
	from, to    time.Time // UTC, to is exclusive; zero for a dataset without a period
	zone        calendar.Zone
	filters     filters
	limit       int
	cursor      answer.Cursor
}

// parser reads requests of the API.
type parser struct {
	now       time.Time
	maxPeriod time.Duration
	zone      calendar.Zone // the shop's
}

// parse reads the path and the query of a request.
func (p parser) parse(d *dataset, pathValue func(string) string, rawQuery string) (request, *answer.Problem) {
	values, fault := answer.ParseQuery(rawQuery, d.parameters()...)
	if fault != nil {
		return request{}, fault
	}
	r := request{path: d.path, zone: p.zone}
	for _, step := range []func() *answer.Problem{
		func() *answer.Problem { return r.readPath(d, pathValue) },
		func() *answer.Problem { return p.readPeriod(&r, d, values) },
		func() *answer.Problem { return p.readMoment(&r, d, values) },
		func() *answer.Problem { return r.readFilters(values) },
		func() *answer.Problem { return r.readPage(d, values) },
	} {
		if fault := step(); fault != nil {
			return request{}, fault
		}
	}
	return r, nil
}

// pathIDs are the ids that a path may hold.
var pathIDs = []struct {
	name, meaning string
	field         func(*request) *string
}{
	{"file_id", "the id of a file, as the ledger has it", func(r *request) *string { return &r.fileID }},
	{"order_id", "the id of an order, as its source gives it", func(r *request) *string { return &r.orderID }},
	{"product_id", "the id of a product, as its source gives it", func(r *request) *string { return &r.productID }},
	{"customer_id", "the id of a customer, as its source gives it", func(r *request) *string { return &r.customerID }},
}

func (r *request) readPath(d *dataset, pathValue func(string) string) *answer.Problem {
	for _, id := range pathIDs {
		if !strings.Contains(d.path, "{"+id.name+"}") {
			continue
		}
		text := pathValue(id.name)
		if text == "" || len(text) > maxFilter || strings.ToValidUTF8(text, "") != text || strings.ContainsRune(text, 0) {
			return answer.Invalid(id.name, "%s must be %s.", id.name, id.meaning)
		}
		*id.field(r) = text
	}
	if strings.Contains(d.path, "{record_index}") {
		n, err := strconv.ParseInt(pathValue("record_index"), 10, 64)
		if err != nil || n < 0 {
			return answer.Invalid("record_index", "record_index must be a whole number from 0.")
		}
		r.recordIndex = n
	}
	return nil
}

func (r *request) readFilters(values url.Values) *answer.Problem {
	for _, p := range parameters {
		if !values.Has(p.name) {
			continue
		}
		if fault := p.set(&r.filters, values.Get(p.name)); fault != nil {
			return fault
		}
	}
	return nil
}

func (r *request) readPage(d *dataset, values url.Values) (fault *answer.Problem) {
	if r.limit, fault = answer.Limit(values, d.limit, d.maxLimit); fault != nil {
		return fault
	}
	r.cursor, fault = answer.Page(values, d.firstPage(), answer.ParseCursor)
	return fault
}

// readPeriod reads from and to. Without them the period is d's default, and ends
// with today, or now if it is shorter than a day.
func (p parser) readPeriod(r *request, d *dataset, values url.Values) *answer.Problem {
	if d.grain == 0 {
		return nil
	}
	var fault *answer.Problem
	r.to = p.zone.End(p.zone.Date(p.now))
	if d.period > 0 {
		r.to = p.now.UTC().Truncate(d.grain).Add(d.grain)
	}
	if values.Has("to") {
		if r.to, fault = parseInstant("to", values.Get("to"), p.zone.End); fault != nil {
			return fault
		}
	}
	r.from = p.zone.DaysBefore(r.to, defaultDays)
	if d.period > 0 {
		r.from = r.to.Add(-d.period)
	}
	if values.Has("from") {
		if r.from, fault = parseInstant("from", values.Get("from"), p.zone.Start); fault != nil {
			return fault
		}
	}
	r.from = d.floor(p.zone, r.from)
	r.to = d.ceil(p.zone, r.to)
	if !r.from.Before(r.to) {
		return answer.Invalid("from", "from must lie before to.")
	}
	if r.to.Sub(r.from) > p.maxPeriod {
		return answer.Invalid("from", "The period from %s to %s is longer than %d days.",
			r.from.Format(time.RFC3339), r.to.Format(time.RFC3339), p.maxPeriod/day)
	}
	return nil
}

// parseInstant reads an RFC 3339 time, or a date, which stands for the instant that ofDate gives.
func parseInstant(parameter, text string, ofDate func(civil.Date) time.Time) (time.Time, *answer.Problem) {
	// An offset's plus sign that a client left unescaped arrives as a blank.
	t, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "+", 1))
	if err != nil {
		date, dateErr := civil.ParseDate(text)
		if dateErr != nil {
			return time.Time{}, answer.Invalid(parameter, "%s must be an RFC 3339 time such as 2026-11-01T12:00:00Z, or a date such as 2026-11-01.", parameter)
		}
		t = ofDate(date)
	}
	t = t.UTC()
	if !readable(t) {
		return time.Time{}, answer.Invalid(parameter, "%s must lie in the years 1900 to 9998.", parameter)
	}
	return t, nil
}

// readable tells whether a time lies in the years that a request may name.
func readable(t time.Time) bool { return t.Year() >= 1900 && t.Year() <= 9998 }

// wholeDays tells whether the period begins and ends at midnight.
func (r request) wholeDays() bool {
	return r.fromMidnight() && r.to.Equal(r.zone.Start(r.zone.Date(r.to)))
}

// fromMidnight tells whether the period begins with a day of the shop's clock.
func (r request) fromMidnight() bool { return r.from.Equal(r.zone.Start(r.zone.Date(r.from))) }

// before is the request for the period that r's is compared with. Of a period that lies partly ahead, only as
// much of the other is compared, up to a step's end.
func (r request) before(now time.Time, step time.Duration) request {
	length, days := r.to.Sub(r.from), r.daysBack()
	if now.Before(r.to) && now.After(r.from) {
		r.to = earlier(r.to, r.passed(now, step))
	}
	if days > 0 { // of 23 to 25 hours
		r.from, r.to = r.zone.DaysBefore(r.from, days), r.zone.DaysBefore(r.to, days)
	} else {
		r.from, r.to = r.from.Add(-length), r.to.Add(-length)
	}
	return r
}

// yearDays is a year of comparison: 52 weeks, so that weekdays meet the same weekdays.
const yearDays = 364

// daysBack is by how many days the period that r's is compared with lies before it; 0 for one that cuts days and is
// compared with what is just before it. Periods that overlapped would be compared with themselves.
func (r request) daysBack() int {
	days := 7
	switch r.filters.comparison() {
	case compareYear:
		days = yearDays
	case compareWeekdays:
	default:
		if !r.wholeDays() {
			return 0
		}
		return r.zone.Date(r.to).DaysSince(r.zone.Date(r.from))
	}
	for r.zone.DaysBefore(r.to, days).After(r.from) {
		days += 7
	}
	return days
}

// passed is now, or the end of the hour of the shop's clock that it is in.
func (r request) passed(now time.Time, step time.Duration) time.Time {
	if step == time.Hour {
		if start := r.zone.HourStart(now); start.Before(now) {
			return start.Add(time.Hour)
		}
	}
	return now.UTC().Truncate(time.Second)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// firstStep is when the first step of a timeline begins: days with the shop's, hours with its hours.
func (r request) firstStep() time.Time {
	switch step := r.step(); step {
	case day:
		return r.zone.Start(r.zone.Date(r.from))
	case time.Hour:
		return r.zone.HourStart(r.from)
	default:
		return r.from.Truncate(step)
	}
}

// steps are the lengths that step may have.
var steps = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": day}

// step is the length of the steps of a timeline, chosen for about a hundred of
// them unless the request says otherwise.
func (r request) step() time.Duration {
	if s, ok := steps[r.filters.step.text]; ok {
		return s
	}
	switch length := r.to.Sub(r.from); {
	case length <= 6*time.Hour:
		return time.Minute
	case length <= 8*day:
		return time.Hour
	default:
		return day
	}
}

// params are the values for the statements.
func (r request) params() query.Params {
	params := query.Params{
		"from_time":    r.from,
		"to_time":      r.to,
		"from_date":    r.zone.Date(r.from),
		"to_date":      r.zone.Date(r.to.Add(-time.Microsecond)),
		"oldest_date":  oldestDate,
		"before_time":  r.cursor.Time(),
		"before_id":    r.cursor.ID,
		"after_index":  r.cursor.Number,
		"page_size":    int64(r.limit),
		"file_id":      r.fileID,
		"record_index": r.recordIndex,
		"order_id":     r.orderID,
		"product_id":   r.productID,
		"customer_id":  r.customerID,
		"step_from":    r.firstStep(),
		"step_seconds": int64(r.step() / time.Second),
		"hours":        !r.wholeDays(), // the dates alone do not tell what is asked for
		"moment":       r.moment,
		"changes":      r.changesAlone(),
	}
	r.filters.addTo(params)
	return params
}

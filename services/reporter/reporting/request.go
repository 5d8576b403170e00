package reporting

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/civil"
)

// defaultPeriod ends with today (UTC) unless the request says otherwise.
const defaultPeriod = 31 * day

// endOfTime is behind every timestamp that BigQuery can hold.
var endOfTime = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)

// problem is a fault of the request, for the one who made it.
type problem struct {
	code, message, parameter string
}

func (p *problem) Error() string { return p.message }

func invalid(parameter, format string, args ...any) *problem {
	return &problem{code: "invalid_parameter", message: fmt.Sprintf(format, args...), parameter: parameter}
}

// request is what a client asks of a dataset, checked and normalized, so that
// equal questions have equal requests. It is comparable and serves as a key.
type request struct {
	path     string
	from, to time.Time // UTC, to is exclusive
	limit    int
	before   cursor
}

// cursor is where a page starts: behind this row, newest first.
type cursor struct {
	time time.Time
	id   string
}

// parseRequest reads the query of a request. It refuses what it does not know,
// so that a misspelt parameter cannot pass for a default.
func parseRequest(d *dataset, rawQuery string, now time.Time, maxPeriod time.Duration) (request, *problem) {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return request{}, &problem{code: "invalid_query", message: "The query string is not well formed."}
	}
	for name, given := range values {
		known := name == "from" || name == "to" ||
			name == "limit" && d.limit > 0 ||
			name == "page_token" && d.pageID != ""
		if !known {
			return request{}, invalid(clip(name), "This endpoint has no such parameter.")
		}
		if len(given) > 1 {
			return request{}, invalid(name, "The parameter %s may be given once.", name)
		}
	}
	r := request{path: d.path, limit: d.limit, before: cursor{time: endOfTime}}
	if p := r.parsePeriod(values, now, d.grain, maxPeriod); p != nil {
		return request{}, p
	}
	if text := values.Get("limit"); values.Has("limit") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > d.maxLimit {
			return request{}, invalid("limit", "limit must be a whole number from 1 to %d.", d.maxLimit)
		}
		r.limit = n
	}
	if values.Has("page_token") {
		before, ok := parseCursor(values.Get("page_token"))
		if !ok {
			return request{}, invalid("page_token", "page_token must be the next_page_token of an earlier answer.")
		}
		r.before = before
	}
	return r, nil
}

func (r *request) parsePeriod(values url.Values, now time.Time, grain, maxPeriod time.Duration) *problem {
	var p *problem
	r.to = now.UTC().Truncate(day).Add(day)
	if values.Has("to") {
		if r.to, p = parseInstant("to", values.Get("to"), day); p != nil {
			return p
		}
	}
	r.from = r.to.Add(-defaultPeriod)
	if values.Has("from") {
		if r.from, p = parseInstant("from", values.Get("from"), 0); p != nil {
			return p
		}
	}
	r.from = r.from.Truncate(grain)
	if floor := r.to.Truncate(grain); floor.Before(r.to) {
		r.to = floor.Add(grain)
	}
	if !r.from.Before(r.to) {
		return invalid("from", "from must lie before to.")
	}
	if r.to.Sub(r.from) > maxPeriod {
		return invalid("from", "The period from %s to %s is longer than %d days.",
			r.from.Format(time.RFC3339), r.to.Format(time.RFC3339), maxPeriod/day)
	}
	return nil
}

// parseInstant reads an RFC 3339 time, or a date; the date stands for its
// midnight plus dateOffset.
func parseInstant(parameter, text string, dateOffset time.Duration) (time.Time, *problem) {
	// An offset's plus sign that a client left unescaped arrives as a blank.
	t, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "+", 1))
	if err != nil {
		date, dateErr := civil.ParseDate(text)
		if dateErr != nil {
			return time.Time{}, invalid(parameter, "%s must be an RFC 3339 time such as 2026-11-01T12:00:00Z, or a date such as 2026-11-01.", parameter)
		}
		t = date.In(time.UTC).Add(dateOffset)
	}
	t = t.UTC()
	if t.Year() < 1900 || t.Year() > 9998 {
		return time.Time{}, invalid(parameter, "%s must lie in the years 1900 to 9998.", parameter)
	}
	return t, nil
}

// params are the values for the statements. One row more than the page holds
// tells whether there is another page.
func (r request) params() Params {
	return Params{
		"from_time":   r.from,
		"to_time":     r.to,
		"from_date":   civil.DateOf(r.from),
		"to_date":     civil.DateOf(r.to.Add(-time.Microsecond)),
		"before_time": r.before.time,
		"before_id":   r.before.id,
		"page_size":   int64(r.limit),
	}
}

// maxToken bounds a page token; an id is a few dozen bytes.
const maxToken = 512

// String is the cursor as an opaque token.
func (c cursor) String() string {
	text := strconv.FormatInt(c.time.UnixMicro(), 10) + " " + c.id
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

func parseCursor(token string) (cursor, bool) {
	if len(token) > maxToken {
		return cursor{}, false
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return cursor{}, false
	}
	micros, id, ok := strings.Cut(string(text), " ")
	n, err := strconv.ParseInt(micros, 10, 64)
	if !ok || err != nil || id == "" || strings.ToValidUTF8(id, "") != id {
		return cursor{}, false
	}
	t := time.UnixMicro(n).UTC()
	if t.Year() < 1 || t.After(endOfTime) {
		return cursor{}, false
	}
	return cursor{time: t, id: id}, true
}

// clip shortens a client's own words before they go back to it.
func clip(s string) string {
	if len(s) > 64 {
		s = s[:64]
	}
	return strings.ToValidUTF8(s, "")
}

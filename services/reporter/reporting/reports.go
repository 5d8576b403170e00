package reporting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
)

const (
	reportsPath = apiRoot + "reports"

	defaultDates, maxDates           = 30, 366
	defaultReportRows, maxReportRows = 100, 1000
)

// reports serves what the daily runs have made: the list of dates, the rows of a
// report, and the files. Answers are not kept: they change when a run ends, of which
// nobody tells the reporter, and cost a few rows of small partitions.
type reports struct {
	answers *answers
	files   Files
	log     *slog.Logger
}

func (s *reports) register(mux *http.ServeMux) {
	mux.Handle("GET "+reportsPath, secure(s.json("reports", s.list)))
	mux.Handle("GET "+reportsPath+"/{report}", secure(s.json("report", s.rows)))
	for _, path := range []string{reportsPath, reportsPath + "/{report}"} {
		mux.Handle(path, secure(http.HandlerFunc(refuseMethod)))
	}
	mux.Handle("GET /reports/{date}/{file}", secure(http.HandlerFunc(s.serveFile)))
}

// errNoReport says that a report does not exist, or not for the date.
var errNoReport = &problem{code: "not_found", message: "There is no such report for this date."}

// json answers with what compute encodes. A problem that it returns is the client's.
func (s *reports) json(name string, compute func(context.Context, *http.Request) ([]byte, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.answers.timeout)
		defer cancel()
		body, err := compute(ctx, r)
		var p *problem
		switch {
		case err == nil:
			s.answers.metrics.requested(ctx, name, "computed")
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.Header().Set("Cache-Control", "no-cache")
			_, _ = w.Write(body) // fails only when the client has gone
		case r.Context().Err() != nil: // the client has gone
		case errors.Is(err, errNoReport):
			s.answers.metrics.requested(ctx, name, "refused")
			writeProblem(w, http.StatusNotFound, errNoReport)
		case errors.As(err, &p):
			s.answers.metrics.requested(ctx, name, "refused")
			writeProblem(w, http.StatusBadRequest, p)
		default:
			s.answers.metrics.requested(ctx, name, "failed")
			s.log.ErrorContext(ctx, "report query failed", "dataset", name, "error", err)
			w.Header().Set("Retry-After", "5")
			writeProblem(w, http.StatusServiceUnavailable, &problem{code: "warehouse_unavailable", message: "The warehouse did not answer. Try again in a moment."})
		}
	})
}

// madeReport is a row of report_runs.
type madeReport struct {
	date       civil.Date
	report     daily.Report
	rows       int64
	through    time.Time
	parameters string
}

func (m madeReport) complete() bool { return !m.through.Before(daily.EndOf(m.date)) }

// made reads the runs that a statement yields; of a report that this release does
// not know it tells nothing.
func (s *reports) made(ctx context.Context, statement string, params Params) ([]madeReport, error) {
	result, err := s.answers.query(ctx, statement, params)
	if err != nil {
		return nil, err
	}
	var list []madeReport
	for _, row := range result.Rows {
		report, known := daily.Lookup(result.text(row, "report"))
		if !known {
			continue
		}
		m := madeReport{
			report: report, through: result.timestamp(row, "data_through"), parameters: result.text(row, "parameters"),
		}
		m.date, _ = row[result.column("report_date")].(civil.Date)
		m.rows, _ = row[result.column("row_count")].(int64)
		list = append(list, m)
	}
	return list, nil
}

// list answers with a page of dates, newest first.
func (s *reports) list(ctx context.Context, r *http.Request) ([]byte, error) {
	q, p := parseReportQuery(r.URL.RawQuery, maxDates, "limit", "page_token")
	if p != nil {
		return nil, p
	}
	limit, to := defaultDates, civil.DateOf(endOfTime)
	if q.limit > 0 {
		limit = q.limit
	}
	if q.after != nil {
		to = q.after.date.AddDays(-1)
	}
	// One date more than the page holds tells whether there is another page.
	made, err := s.made(ctx, "reports/read_runs", Params{
		"from_date": firstDate, "to_date": to, "page_size": int64(limit) + 1,
	})
	if err != nil {
		return nil, err
	}
	return s.encodeList(made, limit)
}

// rows answers with a page of a report.
func (s *reports) rows(ctx context.Context, r *http.Request) ([]byte, error) {
	q, p := parseReportQuery(r.URL.RawQuery, maxReportRows, "date", "limit", "page_token")
	if p != nil {
		return nil, p
	}
	report, known := daily.Lookup(r.PathValue("report"))
	if !known {
		return nil, errNoReport
	}
	limit, from, to, after := defaultReportRows, firstDate, civil.DateOf(endOfTime), int64(0)
	if q.limit > 0 {
		limit = q.limit
	}
	if q.date.IsValid() {
		from, to = q.date, q.date
	}
	if q.after != nil {
		if q.date.IsValid() && q.date != q.after.date {
			return nil, invalid("page_token", "page_token belongs to another date.")
		}
		from, to, after = q.after.date, q.after.date, q.after.position
	}
	made, err := s.made(ctx, "reports/read_newest_run", Params{"report": report.ID, "from_date": from, "to_date": to})
	if err != nil {
		return nil, err
	}
	if len(made) == 0 {
		return nil, errNoReport
	}
	result, err := s.answers.query(ctx, report.RowsStatement(), Params{
		"report_date": made[0].date, "after_position": after, "page_size": int64(limit) + 1,
	})
	if err != nil {
		return nil, err
	}
	return s.encodeRows(made[0], result, limit)
}

// firstDate is the first that BigQuery can hold.
var firstDate = civil.Date{Year: 1, Month: 1, Day: 1}

// reportQuery is what a client asks of the reports, checked.
type reportQuery struct {
	date  civil.Date // zero: not given
	limit int        // 0: not given
	after *reportCursor
}

// reportCursor is where a page starts: behind this date, or behind this row of it.
type reportCursor struct {
	date     civil.Date
	position int64
}

// String is the cursor as an opaque token.
func (c reportCursor) String() string {
	return timeCursor(c.date.In(time.UTC), strconv.FormatInt(c.position, 10)).String()
}

func parseReportCursor(token string) (*reportCursor, bool) {
	c, ok := parseCursor(token)
	if !ok {
		return nil, false
	}
	position, err := strconv.ParseInt(c.id, 10, 64)
	return &reportCursor{civil.DateOf(c.time()), position}, err == nil && position >= 0
}

// fileAddress is where the reporter serves a file of a date.
func fileAddress(date civil.Date, file string) string {
	return fmt.Sprintf("/reports/%s/%s", date, file)
}

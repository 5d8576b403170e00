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

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
)

const (
	reportsPath = apiRoot + "reports"

	defaultDates, maxDates           = 30, 366
	defaultReportRows, maxReportRows = 100, 1000
)

// reportsShare is the reports' part of the bytes that are kept, one in so many.
const reportsShare = 4

// runsTable has a row of every report, written in the transaction that writes the
// report, also when it is made again.
const runsTable = "report_runs"

// reports serves what the daily runs have made: the list of dates, the rows of a
// report, and the files. Nobody tells the reporter when a run ends; but when the
// table of the runs last changed is not billed, and an answer is kept for as long as
// that stays the same, CACHE_TTL at most. Completed files do not change the reports.
type reports struct {
	answers *answers
	cache   *cache[reportQuery]
	files   Files
	log     *slog.Logger
}

func (s *reports) register(routes *service.Routes) {
	handleRead(routes, reportsPath, s.answers.patient(s.json("reports", parseListQuery, s.list)))
	handleRead(routes, reportsPath+"/{report}", s.answers.patient(s.json("report", parseRowsQuery, s.rows)))
	routes.Handle("GET /reports/{date}/{file}", s.answers.patient(s.serveFile))
}

// errNoReport says that a report does not exist, or not for the date.
var errNoReport = &problem{code: "not_found", message: "There is no such report for this date."}

// json answers with what compute encodes. A problem that parse or compute returns is
// the client's.
func (s *reports) json(name string, parse func(*http.Request) (reportQuery, error), compute func(context.Context, reportQuery) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		got, outcome, err := s.answer(ctx, r, parse, compute)
		var p *problem
		switch {
		case err == nil:
			s.answers.metrics.requested(ctx, name, outcome)
			writeAnswer(w, r, got)
		case ctx.Err() != nil: // the client has gone
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
	}
}

// answer is the answer that is kept, or a new one, and which of them.
func (s *reports) answer(ctx context.Context, r *http.Request, parse func(*http.Request) (reportQuery, error), compute func(context.Context, reportQuery) ([]byte, error)) (_ *answer, outcome string, _ error) {
	q, err := parse(r)
	if err != nil {
		return nil, "", err
	}
	if q.runs, err = s.runs(ctx); err != nil {
		return nil, "", err
	}
	got, hit, err := s.cache.get(ctx, q, func(ctx context.Context) (*answer, error) {
		ctx, cancel := context.WithTimeout(ctx, s.answers.timeout)
		defer cancel()
		body, err := compute(ctx, q)
		if err != nil {
			return nil, err
		}
		return newAnswer(body), nil
	})
	if hit {
		return got, "hit", err
	}
	return got, "computed", err
}

// runs tells the state of the reports from another.
func (s *reports) runs(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, s.answers.timeout)
	defer cancel()
	modified, err := s.answers.source.Modified(ctx, runsTable)
	return modified.UnixMilli(), err
}

// madeReport is a row of report_runs.
type madeReport struct {
	date       civil.Date
	ends       time.Time // the date
	report     daily.Report
	rows       int64
	through    time.Time
	parameters string
}

func (m madeReport) complete() bool { return !m.through.Before(m.ends) }

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
		m.ends = s.answers.zone.End(m.date)
		m.rows, _ = row[result.column("row_count")].(int64)
		list = append(list, m)
	}
	return list, nil
}

// list answers with a page of dates, newest first.
func (s *reports) list(ctx context.Context, q reportQuery) ([]byte, error) {
	to := civil.DateOf(endOfTime)
	if q.after.date.IsValid() {
		to = q.after.date.AddDays(-1)
	}
	// One date more than the page holds tells whether there is another page.
	made, err := s.made(ctx, "reports/read_runs", Params{
		"from_date": firstDate, "to_date": to, "page_size": int64(q.limit) + 1,
	})
	if err != nil {
		return nil, err
	}
	return s.encodeList(made, q.limit)
}

// rows answers with a page of a report.
func (s *reports) rows(ctx context.Context, q reportQuery) ([]byte, error) {
	report, known := daily.Lookup(q.report)
	if !known {
		return nil, errNoReport
	}
	from, to := firstDate, civil.DateOf(endOfTime)
	if q.date.IsValid() {
		from, to = q.date, q.date
	}
	if q.after.date.IsValid() {
		from, to = q.after.date, q.after.date
	}
	made, err := s.made(ctx, "reports/read_newest_run", Params{"report": report.ID, "from_date": from, "to_date": to})
	if err != nil {
		return nil, err
	}
	if len(made) == 0 {
		return nil, errNoReport
	}
	result, err := s.answers.query(ctx, report.RowsStatement(), Params{
		"report_date": made[0].date, "after_position": q.after.position, "page_size": int64(q.limit) + 1,
	})
	if err != nil {
		return nil, err
	}
	return s.encodeRows(made[0], result, q.limit)
}

// firstDate is the first that BigQuery can hold.
var firstDate = civil.Date{Year: 1, Month: 1, Day: 1}

// reportQuery is what a client asks of the reports, checked. It is comparable and
// serves as a key.
type reportQuery struct {
	report string     // "": the list of dates
	date   civil.Date // zero: not given
	limit  int
	after  reportCursor // zero: the first page
	runs   int64        // when runsTable last changed
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

func parseReportCursor(token string) (reportCursor, bool) {
	c, ok := parseCursor(token)
	if !ok {
		return reportCursor{}, false
	}
	position, err := strconv.ParseInt(c.id, 10, 64)
	return reportCursor{civil.DateOf(c.time()), position}, err == nil && position >= 0
}

// fileAddress is where the reporter serves a file of a date.
func fileAddress(date civil.Date, file string) string {
	return fmt.Sprintf("/reports/%s/%s", date, file)
}

package reports

import (
	"context"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

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
func (s *Reports) made(ctx context.Context, statement string, params query.Params) ([]madeReport, error) {
	result, err := s.Asker.Query(ctx, statement, params)
	if err != nil {
		return nil, err
	}
	var list []madeReport
	for _, row := range result.Rows {
		report, known := daily.Lookup(result.Text(row, "report"))
		if !known {
			continue
		}
		m := madeReport{
			report: report, through: result.Timestamp(row, "data_through"), parameters: result.Text(row, "parameters"),
		}
		m.date, _ = row[result.Column("report_date")].(civil.Date)
		m.ends = s.Zone.End(m.date)
		m.rows, _ = row[result.Column("row_count")].(int64)
		list = append(list, m)
	}
	return list, nil
}

// list answers with a page of dates, newest first.
func (s *Reports) list(ctx context.Context, q request) ([]byte, error) {
	to := civil.DateOf(answer.EndOfTime)
	if q.after.date.IsValid() {
		to = q.after.date.AddDays(-1)
	}
	// One date more than the page holds tells whether there is another page.
	made, err := s.made(ctx, "reports/read_runs", query.Params{
		"from_date": firstDate, "to_date": to, "page_size": int64(q.limit) + 1,
	})
	if err != nil {
		return nil, err
	}
	return s.encodeList(made, q.limit)
}

// rows answers with a page of a report.
func (s *Reports) rows(ctx context.Context, q request) ([]byte, error) {
	report, known := daily.Lookup(q.report)
	if !known {
		return nil, errNoReport
	}
	from, to := firstDate, civil.DateOf(answer.EndOfTime)
	if q.date.IsValid() {
		from, to = q.date, q.date
	}
	if q.after.date.IsValid() {
		from, to = q.after.date, q.after.date
	}
	made, err := s.made(ctx, "reports/read_newest_run", query.Params{"report": report.ID, "from_date": from, "to_date": to})
	if err != nil {
		return nil, err
	}
	if len(made) == 0 {
		return nil, errNoReport
	}
	result, err := s.Asker.Query(ctx, report.RowsStatement(), query.Params{
		"report_date": made[0].date, "after_position": q.after.position, "page_size": int64(q.limit) + 1,
	})
	if err != nil {
		return nil, err
	}
	return s.encodeRows(made[0], result, q.limit)
}

// firstDate is the first that BigQuery can hold.
var firstDate = civil.Date{Year: 1, Month: 1, Day: 1}

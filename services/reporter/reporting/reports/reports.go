// Package reports serves what the daily runs have made: the list of dates, the rows of a
// report, the files, and the digest of a day's reports.
package reports

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

const (
	// Path is where the list of dates is.
	Path = answer.Root + "reports"

	// MaxDates is how many dates a page of the list may hold.
	MaxDates                         = 366
	defaultDates                     = 30
	defaultReportRows, maxReportRows = 100, 1000
)

// runsTable has a row of every report, written in the transaction that writes the
// report, also when it is made again.
const runsTable = "report_runs"

// Reports serves the reports. Nobody tells the reporter when a run ends; but when the
// table of the runs last changed is not billed, and an answer is kept for as long as
// that stays the same, KeepFor at most. Completed files do not change the reports.
type Reports struct {
	Asker     *query.Asker
	Files     Files
	Currency  string        // of the amounts
	Zone      calendar.Zone // the shop's
	Timeout   time.Duration // of an answer's queries
	KeepFor   time.Duration // that an answer is kept
	KeepBytes int           // of answers that are kept
	Counter   answer.Counter
	Now       func() time.Time
	Log       *slog.Logger
}

// Register adds the routes of the reports.
func (s *Reports) Register(routes *service.Routes) {
	kept := answer.NewCache[request](s.KeepFor, s.KeepBytes, s.Now)
	s.endpoint("reports", kept, parseList, s.list).Register(routes, Path)
	s.endpoint("report", kept, parseRows, s.rows).Register(routes, Path+"/{report}")
	s.endpoint("morning", kept, parseMorning, s.morning).Register(routes, MorningPath)
	routes.Handle("GET /reports/{date}/{file}", answer.Patient(s.Timeout, http.HandlerFunc(s.serveFile)))
}

func (s *Reports) endpoint(name string, kept *answer.Cache[request], parse func(*http.Request) (request, error), compute func(context.Context, request) ([]byte, error)) *answer.Endpoint[request] {
	return &answer.Endpoint[request]{
		Name: name,
		Parse: func(r *http.Request) (asked request, err error) {
			if asked, err = parse(r); err != nil {
				return request{}, err
			}
			asked.runs, err = s.runs(r.Context())
			return asked, err
		},
		Compute: func(ctx context.Context, asked request) (*answer.Answer, error) {
			body, err := compute(ctx, asked)
			if err != nil {
				return nil, err
			}
			return answer.New(body), nil
		},
		Timeout: s.Timeout, Cache: kept, Counter: s.Counter, Log: s.Log,
	}
}

// runs changes with every report that is made: the time of the last one, in milliseconds since 1970.
func (s *Reports) runs(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	modified, err := s.Asker.Modified(ctx, runsTable)
	return modified.UnixMilli(), err
}

package reports

import (
	"context"
	"net/http"
	"slices"

	"cloud.google.com/go/civil"
	"golang.org/x/sync/errgroup"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// MorningPath is where the digest of a day's reports is.
const MorningPath = answer.Root + "morning"

const (
	morningDates     = 14 // that are looked through for the newest one that is over
	morningTop       = 10 // products and customers
	morningAnomalies = 100
)

// parseMorning reads a request for the digest.
func parseMorning(r *http.Request) (request, error) {
	q, p := parseQuery(r.URL.RawQuery, 1, 1, "date")
	if p != nil {
		return request{}, p
	}
	q.report = "morning" // tells its answers from those of the list
	return q, nil
}

// morning answers with what a shop wants to know of a day first: the newest that is over, if none is named.
func (s *Reports) morning(ctx context.Context, q request) ([]byte, error) {
	from, to := firstDate, civil.DateOf(answer.EndOfTime)
	if q.date.IsValid() {
		from, to = q.date, q.date
	}
	made, err := s.made(ctx, "reports/read_runs", query.Params{"from_date": from, "to_date": to, "page_size": int64(morningDates)})
	if err != nil {
		return nil, err
	}
	if len(made) == 0 {
		return nil, errNoReport
	}
	day := listDate(newestOver(made))
	date, err := civil.ParseDate(day.Date)
	if err != nil {
		return nil, err
	}
	var days, anomalies, stockOuts, customers, health *query.Result
	asking, ctx := errgroup.WithContext(ctx)
	ask := func(into **query.Result, statement string, params query.Params) {
		asking.Go(func() (err error) {
			params["report_date"] = date
			*into, err = s.Asker.Query(ctx, statement, params)
			return err
		})
	}
	ask(&days, "reports/read_morning_days", query.Params{})
	ask(&anomalies, "reports/read_morning_anomalies", query.Params{"page_size": int64(morningAnomalies)})
	ask(&health, "reports/read_morning_health", query.Params{})
	first := func(id string) (string, query.Params) {
		report, _ := daily.Lookup(id)
		return report.RowsStatement(), query.Params{"after_position": int64(0), "page_size": int64(morningTop)}
	}
	statement, params := first(daily.InventoryAlerts)
	ask(&stockOuts, statement, params)
	statement, params = first(daily.ChurnRisk)
	ask(&customers, statement, params)
	if err := asking.Wait(); err != nil {
		return nil, err
	}
	// Both reports begin with these rows.
	stockOuts.Rows = slices.DeleteFunc(stockOuts.Rows, func(row []any) bool { return stockOuts.Text(row, "alert") == "unknown_product" })
	customers.Rows = slices.DeleteFunc(customers.Rows, func(row []any) bool { return customers.Text(row, "segment") != "repeat" })
	return query.Encode(struct {
		reportedDate
		AsOf     string `json:"as_of"`
		Currency string `json:"currency"`
		TimeZone string `json:"time_zone"`
	}{day, s.asOf(), s.Currency, s.Zone.String()},
		query.Part{Key: "days", Result: days}, query.Part{Key: "anomalies", Result: anomalies}, query.Part{Key: "stock_outs", Result: stockOuts},
		query.Part{Key: "customers", Result: customers}, query.Part{Key: "health", Result: health})
}

// newestOver are the runs of the newest date that is over, or of the newest if none is.
func newestOver(made []madeReport) []madeReport {
	var newest []madeReport
	for len(made) > 0 {
		date := made[0].date
		n := slices.IndexFunc(made, func(m madeReport) bool { return m.date != date })
		if n < 0 {
			n = len(made)
		}
		if newest == nil {
			newest = made[:n]
		}
		if !slices.ContainsFunc(made[:n], func(m madeReport) bool { return !m.complete() }) {
			return made[:n]
		}
		made = made[n:]
	}
	return newest
}

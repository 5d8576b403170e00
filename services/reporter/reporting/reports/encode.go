package reports

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// reportedDate is a date in the list of reports.
type reportedDate struct {
	Date        string         `json:"date"`
	DataThrough string         `json:"data_through"`
	Complete    bool           `json:"complete"`
	Page        string         `json:"page"`
	Reports     []listedReport `json:"reports"`
}

type listedReport struct {
	Report string `json:"report"`
	Title  string `json:"title"`
	Rows   int64  `json:"rows"`
	CSV    string `json:"csv"`
}

// encodeList encodes the runs of at most limit dates, given date by date.
func (s *Reports) encodeList(made []madeReport, limit int) ([]byte, error) {
	answer := struct {
		AsOf          string         `json:"as_of"`
		Currency      string         `json:"currency"`
		TimeZone      string         `json:"time_zone"`
		NextPageToken string         `json:"next_page_token,omitempty"`
		Rows          []reportedDate `json:"rows"`
	}{AsOf: s.asOf(), Currency: s.Currency, TimeZone: s.Zone.String(), Rows: []reportedDate{}}
	for len(made) > 0 {
		date := made[0].date
		n := slices.IndexFunc(made, func(m madeReport) bool { return m.date != date })
		if n < 0 {
			n = len(made)
		}
		if len(answer.Rows) == limit {
			last, err := civil.ParseDate(answer.Rows[limit-1].Date)
			if err != nil {
				return nil, err
			}
			answer.NextPageToken = cursor{date: last}.String()
			break
		}
		answer.Rows = append(answer.Rows, listDate(made[:n]))
		made = made[n:]
	}
	return json.Marshal(answer)
}

// listDate tells of the runs of one date, in the order of the reports. The date is
// complete if all that it has is, and knows what the least of it knows.
func listDate(made []madeReport) reportedDate {
	date := made[0].date
	through, complete := made[0].through, true
	entry := reportedDate{Date: date.String(), Page: fileAddress(date, daily.PageFile), Reports: []listedReport{}}
	for _, report := range daily.Reports() {
		for _, m := range made {
			if m.report.ID != report.ID {
				continue
			}
			if m.through.Before(through) {
				through = m.through
			}
			complete = complete && m.complete()
			entry.Reports = append(entry.Reports, listedReport{report.ID, report.Title, m.rows, fileAddress(date, report.CSVFile())})
		}
	}
	entry.DataThrough, entry.Complete = through.UTC().Format(time.RFC3339Nano), complete
	return entry
}

// encodeRows encodes at most limit rows of a report.
func (s *Reports) encodeRows(made madeReport, rows *query.Result, limit int) ([]byte, error) {
	head := struct {
		Date          string `json:"date"`
		Report        string `json:"report"`
		Title         string `json:"title"`
		DataThrough   string `json:"data_through"`
		Complete      bool   `json:"complete"`
		RowCount      int64  `json:"row_count"`
		Parameters    string `json:"parameters"`
		AsOf          string `json:"as_of"`
		Currency      string `json:"currency"`
		TimeZone      string `json:"time_zone"`
		NextPageToken string `json:"next_page_token,omitempty"`
	}{
		made.date.String(), made.report.ID, made.report.Title, made.through.UTC().Format(time.RFC3339Nano), made.complete(),
		made.rows, made.parameters, s.asOf(), s.Currency, s.Zone.String(), "",
	}
	if len(rows.Rows) > limit {
		rows.Rows = rows.Rows[:limit]
		position, ok := rows.Rows[limit-1][rows.Column("position")].(int64)
		if !ok {
			return nil, fmt.Errorf("report %s: a row without a position", made.report.ID)
		}
		head.NextPageToken = cursor{made.date, position}.String()
	}
	return query.Encode(head, query.Part{Key: "rows", Result: rows})
}

func (s *Reports) asOf() string { return s.Now().UTC().Format(time.RFC3339Nano) }

// fileAddress is where the reporter serves a file of a date.
func fileAddress(date civil.Date, file string) string {
	return fmt.Sprintf("/reports/%s/%s", date, file)
}

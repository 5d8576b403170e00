package doctor

import (
	"fmt"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
)

// judgeCalendar compares the days of the warehouse with the shop's clock: files that were read in
// another zone have left hours that this clock does not show on that day.
func (e *examiner) judgeCalendar(rows []map[string]bigquery.Value, _, _ time.Time) {
	const check = "time zone"
	zone := e.opts.TimeZone
	var strange []civil.Date
	for _, row := range rows {
		date, _ := row["order_date"].(civil.Date)
		first, _ := row["first_hour"].(time.Time)
		last, _ := row["last_hour"].(time.Time)
		if !hourOf(zone, date, first) || !hourOf(zone, date, last) {
			strange = append(strange, date)
		}
	}
	if len(strange) == 0 {
		e.ok(check, "every day is one of "+zone.String())
		return
	}
	e.add(check, Warn, fmt.Sprintf("%d of %d days with orders, from %s to %s, are not of %s", len(strange), len(rows), strange[0], strange[len(strange)-1], zone),
		"Give every service and pipelinectl the TIME_ZONE that the files were read in; to move to another, reprocess all of them (pipelinectl's guide, Time zone).")
}

// hourOf tells whether an hour of the clock's day begins at an instant.
func hourOf(zone calendar.Zone, date civil.Date, at time.Time) bool {
	return zone.Date(at) == date && zone.HourStart(at).Equal(at)
}

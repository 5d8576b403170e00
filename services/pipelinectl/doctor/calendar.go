package doctor

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// timeZone finds out whose days the warehouse has, and compares them with what the services are told.
func (e *examiner) timeZone(ctx context.Context) {
	const check = "time zone"
	if e.opts.TimeZone != nil {
		e.zone = *e.opts.TimeZone
	}
	if !e.needs(check, apiBigQuery, "dataset "+e.cfg.Dataset, "table pipeline_fence") {
		return
	}
	zone, known, err := warehouse.Zone(ctx, e.statements())
	switch {
	case err != nil:
		e.add(check, Fail, err.Error(), remedyProvision)
	case !known:
		e.add(check, Skip, "it is that of the first orders, and none are loaded yet", "")
	case e.opts.TimeZone != nil && e.zone.String() != zone.String():
		e.add(check, Fail, fmt.Sprintf("the days of the warehouse are those of %s, and the services are said to have %s", zone, e.zone),
			"Give every service TIME_ZONE="+zone.String()+"; to move the warehouse instead, see pipelinectl's guide, Time zone.")
	default:
		e.ok(check, zone.String())
	}
	if known {
		e.zone = zone
	}
}

// judgeCalendar compares the days of the warehouse with its clock: files that were read by another
// have left hours that this clock does not show on that day.
func (e *examiner) judgeCalendar(rows []map[string]bigquery.Value, _, _ time.Time) {
	const check = "days"
	var strange []civil.Date
	for _, row := range rows {
		date, _ := row["order_date"].(civil.Date)
		first, _ := row["first_hour"].(time.Time)
		last, _ := row["last_hour"].(time.Time)
		if !hourOf(e.zone, date, first) || !hourOf(e.zone, date, last) {
			strange = append(strange, date)
		}
	}
	if len(strange) == 0 {
		e.ok(check, "every day with orders is one of "+e.zone.String())
		return
	}
	e.add(check, Warn, fmt.Sprintf("%d of %d days with orders, from %s to %s, are not of %s", len(strange), len(rows), strange[0], strange[len(strange)-1], e.zone),
		"Read the files of these days again (pipelinectl reprocess), by a parser that has TIME_ZONE="+e.zone.String()+" (pipelinectl's guide, Time zone).")
}

// hourOf tells whether an hour of the clock's day begins at an instant.
func hourOf(zone calendar.Zone, date civil.Date, at time.Time) bool {
	return zone.Date(at) == date && zone.HourStart(at).Equal(at)
}

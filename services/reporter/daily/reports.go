package daily

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Report is one of the daily reports.
type Report struct {
	// ID names the report in paths, files and report_runs, such as "churn-risk".
	ID string
	// Title is for a person.
	Title string

	// variables are those of Config that change what the report says.
	variables func(*Config) string
	// learn finds what the report's statements take besides variables out of the facts; nil: nothing.
	learn func(context.Context, *tables, civil.Date, time.Time) (learned, error)
}

// learned is what a report was made with besides variables.
type learned interface {
	Params() map[string]any
	fmt.Stringer // as report_runs keeps it, behind the variables; empty: nothing
}

// The reports, by id.
const (
	RevenueTrends   = "revenue-trends"
	InventoryAlerts = "inventory-alerts"
	ChurnRisk       = "churn-risk"
	Cohorts         = "cohorts"
	Forecast        = "forecast"
	Profile         = "profile"
	DataQuality     = "data-quality"
)

// Reports lists the reports in the order in which they are made and shown; the inventory's uses the forecast.
func Reports() []Report {
	return []Report{
		{ID: ChurnRisk, Title: "Customer churn risk", variables: func(c *Config) string {
			return fmt.Sprintf("CHURN_AFTER_DAYS=%d CHURN_VALUE_DAYS=%d", c.ChurnAfterDays, c.ChurnValueDays)
		}, learn: learnRhythm},
		{ID: Cohorts, Title: "Customer cohorts", variables: func(*Config) string { return "" }, learn: learnDays("reports/learn_cohorts", "life_dates")},
		{ID: Forecast, Title: "Forecast", variables: func(c *Config) string {
			return fmt.Sprintf("TREND_MAX_SERIES=%d FORECAST_MODEL=%s", c.TrendMaxSeries, c.ForecastModel)
		}, learn: learnForecast},
		{ID: InventoryAlerts, Title: "Inventory alerts", variables: func(c *Config) string {
			return fmt.Sprintf("COVER_CRITICAL_DAYS=%d COVER_WARNING_DAYS=%d", c.CoverCriticalDays, c.CoverWarningDays)
		}, learn: learnDays("reports/learn_inventory_alerts", "catalog_dates")},
		{ID: RevenueTrends, Title: "Revenue trends", variables: func(c *Config) string {
			return fmt.Sprintf("TREND_MAX_SERIES=%d", c.TrendMaxSeries)
		}, learn: learnDays("reports/learn_revenue_trends", "folded_dates")},
		{ID: Profile, Title: "Data profile", variables: func(*Config) string { return "" }, learn: learnProfile},
		{ID: DataQuality, Title: "Data quality audit", variables: func(c *Config) string {
			return fmt.Sprintf("COMPLETENESS_MIN=%v ORDERS_MAX_AGE_HOURS=%d CATALOGS_MAX_AGE_HOURS=%d",
				c.CompletenessMin, c.OrdersMaxAgeHours, c.CatalogsMaxAgeHours)
		}, learn: learnAudit},
	}
}

// Lookup finds a report by its id.
func Lookup(id string) (Report, bool) {
	for _, r := range Reports() {
		if r.ID == id {
			return r, true
		}
	}
	return Report{}, false
}

// statement is the report's id as the names of its statements and table have it.
func (r Report) statement() string { return strings.ReplaceAll(r.ID, "-", "_") }

// RowsStatement names the statement that reads the report's rows a page at a time.
func (r Report) RowsStatement() string { return "reports/read_" + r.statement() }

// CSVFile is the report's file in the folder of its date.
func (r Report) CSVFile() string { return r.ID + ".csv" }

// PageFile is the page with all reports of a date.
const PageFile = "index.html"

// IsFile tells whether a folder of reports may hold a file of that name.
func IsFile(name string) bool {
	if name == PageFile {
		return true
	}
	id, isCSV := strings.CutSuffix(name, ".csv")
	_, known := Lookup(id)
	return isCSV && known
}

// ObjectName is where a file of a date lies in the bucket.
func ObjectName(date civil.Date, file string) string {
	return topology.Reports + date.String() + "/" + file
}

// span is a day of the shop's clock, as the statements take it.
type span struct {
	DaysBefore int64     `bigquery:"days_before"` // the report's date
	Start      time.Time `bigquery:"day_start"`
	End        time.Time `bigquery:"day_end"`
}

func spanOf(zone calendar.Zone, date civil.Date, daysBefore int) span {
	day := date.AddDays(-daysBefore)
	return span{int64(daysBefore), zone.Start(day), zone.End(day)}
}

// weekdays are the date and the same weekday in the 8 weeks before.
func weekdays(zone calendar.Zone, date civil.Date) []span {
	var days []span
	for week := range 9 {
		days = append(days, spanOf(zone, date, 7*week))
	}
	return days
}

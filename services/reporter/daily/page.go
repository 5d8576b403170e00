package daily

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
)

// The page of a date is one file that needs nothing else: no script, no request.
// Every text of it goes through html/template, which escapes by where it stands.

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

// newPageTemplate parses the page.
func newPageTemplate() (*template.Template, error) {
	t, err := template.New("page").Funcs(template.FuncMap{
		"money": money, "decimal": decimal, "percent": percent, "whole": whole, "count": func(n int) string { return whole(int64(n)) }, "day": shortDay, "label": label,
		"unit": measure, "series": newSeriesTable,
	}).Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("parse the page: %w", err)
	}
	return t, nil
}

// page is what the template shows.
type page struct {
	Date     civil.Date
	Through  time.Time
	Complete bool
	Currency string
	Zone     calendar.Zone
	Style    template.CSS
	// StyleHash lets a browser that gets the file from anywhere apply this style
	// sheet and refuse whatever else the file might ask for.
	StyleHash string
	Missing   []string // titles of reports that the date lacks
	Trends    *trendsSection
	Stock     *stockSection
	Churn     *churnSection
	Cohorts   *cohortsSection
	Forecast  *forecastSection
	Profile   *profileSection
	Quality   *qualitySection
}

func newPage(date civil.Date, currency string, zone calendar.Zone) *page {
	hash := sha256.Sum256([]byte(pageStyle))
	return &page{
		Date: date, Currency: currency, Zone: zone, Complete: true, Through: zone.End(date),
		Style: template.CSS(pageStyle), StyleHash: base64.StdEncoding.EncodeToString(hash[:]), //nolint:gosec // our own file
	}
}

// section is what a page shows of a report. It takes the report's rows one by one,
// in their order, and keeps what there is room for. A record is valid until add returns.
type section interface {
	add(record)
	// finish is called after the last row.
	finish()
}

func newSection(made run) section {
	switch made.Report {
	case RevenueTrends:
		return newTrends(made)
	case InventoryAlerts:
		return newStock(made)
	case ChurnRisk:
		return newChurn(made)
	case Cohorts:
		return newCohorts(made)
	case Forecast:
		return newForecast(made)
	case Profile:
		return newProfile(made)
	default:
		return newQuality(made)
	}
}

// show puts a finished section on the page.
func (p *page) show(made run, s section) {
	// The reports of a running day are made one after another: the page speaks
	// for what all of them know.
	if made.DataThrough.Before(p.Through) {
		p.Complete, p.Through = false, made.DataThrough
	}
	switch s := s.(type) {
	case *trendsSection:
		p.Trends = s
	case *stockSection:
		p.Stock = s
	case *churnSection:
		p.Churn = s
	case *cohortsSection:
		p.Cohorts = s
	case *forecastSection:
		p.Forecast = s
	case *profileSection:
		p.Profile = s
	case *qualitySection:
		p.Quality = s
	}
}

// note is the head of a section.
type note struct {
	Rows       int64
	Parameters string
	File       string
}

func noteOf(made run) note {
	r, _ := Lookup(made.Report)
	return note{made.Rows, made.Parameters, r.CSVFile()}
}

// Parameter is the value of one of the variables that the report was made with.
func (n note) Parameter(name string) string {
	for part := range strings.FieldsSeq(n.Parameters) {
		if value, ok := strings.CutPrefix(part, name+"="); ok {
			return value
		}
	}
	return ""
}

func shortDay(d civil.Date) string { return d.In(time.UTC).Format("Mon 2 Jan") }

// Long is the date as the page's title has it.
func (p *page) Long() string { return p.Date.In(time.UTC).Format("Monday, 2 January 2006") }

// AsOf says up to when files and findings are counted.
func (p *page) AsOf() string {
	return p.Through.In(p.Zone.Location()).Format("2 January 2006, 15:04:05 MST")
}

// more tells of rows that the page leaves to the file.
func more(shown int, all int64) string {
	if int64(shown) >= all {
		return ""
	}
	return fmt.Sprintf("The first %s of %s; the others are in the file.", whole(int64(shown)), whole(all))
}

// seriesTable is what the template "series" shows.
type seriesTable struct {
	Caption, Head string
	List          []trendSeries
}

func newSeriesTable(caption, head string, list []trendSeries) seriesTable {
	return seriesTable{caption, head, list}
}

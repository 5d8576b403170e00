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
	Style    template.CSS
	// StyleHash lets a browser that gets the file from anywhere apply this style
	// sheet and refuse whatever else the file might ask for.
	StyleHash string
	Missing   []string // titles of reports that the date lacks
	Trends    *trendsSection
	Stock     *stockSection
	Churn     *churnSection
	Quality   *qualitySection
}

// newPage takes from the tables what a page has room for.
func newPage(date civil.Date, currency string, runs map[string]run, tables map[string]*table) *page {
	hash := sha256.Sum256([]byte(pageStyle))
	p := &page{
		Date: date, Currency: currency, Complete: true, Through: EndOf(date),
		Style: template.CSS(pageStyle), StyleHash: base64.StdEncoding.EncodeToString(hash[:]), //nolint:gosec // our own file
	}
	for _, r := range Reports() {
		made, ok := runs[r.ID]
		if !ok {
			p.Missing = append(p.Missing, r.Title)
			continue
		}
		// The reports of a running day are made one after another: the page speaks
		// for what all of them know.
		if made.DataThrough.Before(p.Through) {
			p.Complete, p.Through = false, made.DataThrough
		}
		t := tables[r.ID]
		switch r.ID {
		case RevenueTrends:
			p.Trends = newTrends(t, made)
		case InventoryAlerts:
			p.Stock = newStock(t, made)
		case ChurnRisk:
			p.Churn = newChurn(t, made)
		case DataQuality:
			p.Quality = newQuality(t, made)
		}
	}
	return p
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

// AsOf says what moment the page speaks of.
func (p *page) AsOf() string { return p.Through.UTC().Format("2 January 2006, 15:04:05 MST") }

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

package daily

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
)

// trendsSection shows the revenue of the whole, by region and by category.
type trendsSection struct {
	note
	// Today is the report date's own row of the total; nil without orders.
	Today      *trendDay
	Chart      chart
	Weeks      []trendWeek // of the total, newest first
	Regions    []trendSeries
	Categories []trendSeries
	Events     []trendEvent // newest first
	Rest       int          // events that are only in the file

	made      civil.Date
	days      []point    // of the total
	anomalies []trendDay // all of the last anomalyDays
}

type trendDay struct {
	Day                       civil.Date
	Region, Category          string
	Orders, Units             int64
	Revenue, Completed        *big.Rat
	Change, Expected, Average *big.Rat
	Anomaly                   string
	Scope                     string // Total, or what the series is of
}

// trendEvent is what made a day unusual: what befalls the total befalls most regions and
// categories too, which is one event and not as many.
type trendEvent struct {
	trendDay
	Regions, Categories int // that are unusual in the same way, besides the one that is named
}

// With says what else was unusual.
func (e trendEvent) With() string {
	var parts []string
	if e.Regions > 0 {
		parts = append(parts, plural.Of(e.Regions, "region"))
	}
	switch e.Categories {
	case 0:
	case 1:
		parts = append(parts, "1 category")
	default:
		parts = append(parts, fmt.Sprintf("%d categories", e.Categories))
	}
	return strings.Join(parts, ", ")
}

type trendWeek struct {
	Start, End         civil.Date
	Orders             int64
	Revenue, Completed *big.Rat
	Change             *big.Rat
}

type trendSeries struct {
	Name   string
	Latest trendWeek
	Share  *big.Rat // of the week's total
	Bar    string   // Share as a width out of 100
	Spark  string
	points []point
}

const scopeRegion = "Region"

const (
	shownWeeks  = 8
	shownSeries = 12
	shownEvents = 15
	// anomalyDays is how long an anomaly is news to the page.
	anomalyDays = 28
)

func newTrends(made run) *trendsSection { return &trendsSection{note: noteOf(made), made: made.Date} }

func (s *trendsSection) add(r record) {
	level := r.text("level")
	if level == "region_category" {
		return // left to the file
	}
	if r.text("granularity") == "week" {
		s.addWeek(level, r)
		return
	}
	d := trendDay{
		Day: r.date("period_start"), Region: r.text("region"), Category: r.text("category"),
		Orders: r.whole("orders"), Units: r.whole("units"), Revenue: r.number("revenue"), Completed: r.number("completed_revenue"),
		Change: r.number("change_ratio"), Expected: r.number("expected_revenue"), Average: r.number("moving_average_7"),
		Anomaly: r.text("anomaly"),
	}
	p := point{d.Day, d.Revenue, d.Average, d.Anomaly}
	switch level {
	case "total":
		d.Scope = "Total"
		s.days = append(s.days, p)
		if d.Day == s.made {
			s.Today = &d
		}
	case "region":
		d.Scope = scopeRegion
		addPoint(s.Regions, p)
	default:
		d.Scope = "Category"
		addPoint(s.Categories, p)
	}
	if d.Anomaly != "" && s.made.DaysSince(d.Day) < anomalyDays {
		s.anomalies = append(s.anomalies, d)
	}
}

func (s *trendsSection) finish() {
	slices.Reverse(s.days)
	s.Chart = newChart(s.days)
	s.Regions, s.Categories = s.ranked(s.Regions), s.ranked(s.Categories)
	slices.SortStableFunc(s.anomalies, func(a, b trendDay) int { return b.Day.Compare(a.Day) })
	events := eventsOf(s.anomalies)
	s.Events = events[:min(len(events), shownEvents)]
	s.Rest = len(events) - len(s.Events)
}

// eventsOf gathers the anomalies of a day that point the same way under the first of them,
// which is the total's if that is one; the report has the total before regions, and
// those before categories.
func eventsOf(anomalies []trendDay) []trendEvent {
	var events []trendEvent
	for _, a := range anomalies {
		i := slices.IndexFunc(events, func(e trendEvent) bool { return e.Day == a.Day && e.Anomaly == a.Anomaly })
		switch {
		case i < 0:
			events = append(events, trendEvent{trendDay: a})
		case a.Scope == scopeRegion:
			events[i].Regions++
		default:
			events[i].Categories++
		}
	}
	return events
}

// addWeek takes a week of a series; the first of each is the newest.
func (s *trendsSection) addWeek(level string, r record) {
	w := trendWeek{
		Start: r.date("period_start"), End: r.date("period_end"), Orders: r.whole("orders"),
		Revenue: r.number("revenue"), Completed: r.number("completed_revenue"), Change: r.number("change_ratio"),
	}
	switch list := &s.Regions; level {
	case "total":
		if len(s.Weeks) < shownWeeks {
			s.Weeks = append(s.Weeks, w)
		}
	case "category":
		list = &s.Categories
		fallthrough
	default:
		name := r.text(level)
		if n := len(*list); n == 0 || (*list)[n-1].Name != name {
			*list = append(*list, trendSeries{Name: name, Latest: w})
		}
	}
}

func addPoint(list []trendSeries, p point) {
	if n := len(list); n > 0 {
		list[n-1].points = append(list[n-1].points, p)
	}
}

// ranked orders series by the newest week's revenue and draws those that are shown.
func (s *trendsSection) ranked(list []trendSeries) []trendSeries {
	slices.SortStableFunc(list, func(a, b trendSeries) int { return b.Latest.Revenue.Cmp(a.Latest.Revenue) })
	list = list[:min(len(list), shownSeries)]
	for i := range list {
		l := &list[i]
		slices.Reverse(l.points)
		l.Spark = spark(l.points)
		l.Bar = "0"
		if len(s.Weeks) > 0 && s.Weeks[0].Revenue.Sign() > 0 {
			l.Share = new(big.Rat).Quo(l.Latest.Revenue, s.Weeks[0].Revenue)
			l.Bar = at(drawn(l.Share) * 100)
		}
	}
	return list
}

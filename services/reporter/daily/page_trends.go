package daily

import (
	"math/big"
	"slices"

	"cloud.google.com/go/civil"
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
	Anomalies  []trendDay
	Rest       int // anomalies that are only in the file
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

const (
	shownWeeks     = 8
	shownSeries    = 12
	shownAnomalies = 15
	// anomalyDays is how long an anomaly is news to the page.
	anomalyDays = 28
)

func newTrends(t *table, made run) *trendsSection {
	s := &trendsSection{note: noteOf(made)}
	var days []point // of the total
	var all []trendDay
	for r := range t.records {
		level := r.text("level")
		if level == "region_category" {
			break // the last level in the report's order: left to the file
		}
		if r.text("granularity") == "week" {
			s.addWeek(level, r)
			continue
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
			days = append(days, p)
			if d.Day == made.Date {
				s.Today = &d
			}
		case "region":
			d.Scope = "Region"
			addPoint(s.Regions, p)
		default:
			d.Scope = "Category"
			addPoint(s.Categories, p)
		}
		if d.Anomaly != "" && made.Date.DaysSince(d.Day) < anomalyDays {
			all = append(all, d)
		}
	}
	slices.Reverse(days)
	s.Chart = newChart(days)
	s.Regions, s.Categories = s.ranked(s.Regions), s.ranked(s.Categories)
	slices.SortStableFunc(all, func(a, b trendDay) int { return b.Day.Compare(a.Day) })
	s.Anomalies = all[:min(len(all), shownAnomalies)]
	s.Rest = len(all) - len(s.Anomalies)
	return s
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

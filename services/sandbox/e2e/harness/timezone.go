package harness

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// CheckShown asks the dashboard for a day of the shop's clock, by each way that it counts orders.
func (p *Pipeline) CheckShown(t *testing.T, day string, orders float64, revenue string) {
	t.Helper()
	period := "?from=" + day + "&to=" + day
	for _, filter := range []string{"", "&status=completed"} {
		row := p.Ask(t, "summary"+period+filter, "rows")[0]
		if row["orders"] != orders || row["revenue"] != revenue {
			t.Errorf("summary of %s%s: %v", day, filter, row)
		}
		var sum float64
		for _, hour := range p.Ask(t, "orders-per-hour"+period+filter, "rows") {
			count, _ := hour["total_orders"].(float64)
			sum += count
		}
		if sum != orders {
			t.Errorf("hours of %s%s: %v orders", day, filter, sum)
		}
		if rows := p.Ask(t, "category-revenue"+period+filter, "rows"); len(rows) != 1 || rows[0]["revenue"] != revenue {
			t.Errorf("categories of %s%s: %v", day, filter, rows)
		}
	}
	var answer struct {
		TimeZone string `json:"time_zone"`
	}
	if p.AskInto(t, "summary"+period, &answer); answer.TimeZone != p.Policy.TimeZone.String() {
		t.Errorf("the answer names the zone %q", answer.TimeZone)
	}
	for _, page := range []string{"/", "/files", "/quality", "/dead-letters", "/reports", "/system"} {
		if text := p.page(t, page); !strings.Contains(text, p.Policy.TimeZone.String()) {
			t.Errorf("the page %s does not name the zone", page)
		}
	}
}

// CheckCalendar has doctor tell whether the warehouse's days are of a zone.
func (p *Pipeline) CheckCalendar(t *testing.T, zone string, want doctor.Status) {
	t.Helper()
	opts := doctor.Default()
	var err error
	if opts.TimeZone, err = calendar.Load(zone); err != nil {
		t.Fatal(err)
	}
	for _, f := range MustExamine(t, p.Endpoints, opts) {
		if f.Check == "time zone" {
			if f.Status != want {
				t.Errorf("time zone %s: %+v", zone, f)
			}
			return
		}
	}
	t.Error("doctor does not look at the time zone")
}

// page is what the dashboard serves.
func (p *Pipeline) page(t *testing.T, path string) string {
	t.Helper()
	response, err := http.Get(p.Dashboard + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// CheckReports makes the reports of days that are over and holds them against the model.
func (p *Pipeline) CheckReports(t *testing.T, landed *Landed, days ...string) {
	t.Helper()
	zone, err := calendar.Load(p.Policy.TimeZone.String())
	if err != nil {
		t.Fatal(err)
	}
	files := p.inputs(t, landed)
	want, err := reference.Compute(files, p.Policy)
	if err != nil {
		t.Fatal(err)
	}
	runner := p.Daily(t, time.Now, func(c *daily.Config) { c.TimeZone, c.TrendMaxSeries = zone, 6 })
	for _, day := range days {
		date, err := civil.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		if err := runner.Make(t.Context(), date, nil); err != nil {
			t.Fatal(err)
		}
		for id, sheet := range wantReportsAt(want, files, date.In(time.UTC), p.Policy.TimeZone) {
			p.compareReport(t, id, date, sheet)
		}
		if page := p.Object(t, daily.ObjectName(date, daily.PageFile)); !strings.Contains(page, zone.String()) {
			t.Errorf("the page of %s does not name the zone", day)
		}
	}
}

package orders

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/reportcheck"
)

// placed is an order of the customer C-1 placed at a time as its source writes it.
func placed(id, at, price string) string {
	return strings.Replace(harness.Order(id, 1, "P-1", "C-1", price), "2026-11-01T11:00:00Z", at, 1)
}

// placedAgain is a version of such an order, as of an hour of 2 November.
func placedAgain(id, at, price string, hour int) string {
	return strings.Replace(placed(id, at, price), `"items"`, fmt.Sprintf(`"updated_at":"2026-11-02T%02d:00:00Z","items"`, hour), 1)
}

// inZone starts a shop whose clock is that of a zone.
func inZone(t *testing.T, name string) *harness.Pipeline {
	t.Helper()
	config := harness.NewConfig(t.TempDir(), "all")
	zone, err := calendar.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	config.Variables["TIME_ZONE"] = name
	p := harness.StartWith(t, config)
	p.Policy.TimeZone = zone.Location()
	return p
}

const (
	clockQuery = "SELECT order_id, order_timestamp, order_date, order_hour, utc_offset_seconds FROM fact_orders ORDER BY order_timestamp, order_id"
	hoursQuery = "SELECT metric_hour, order_date, total_orders, total_revenue FROM agg_hourly_metrics ORDER BY 1"
	daysQuery  = "SELECT metric_date, orders, revenue FROM agg_category_revenue ORDER BY 1"
)

// TestShopDay lands orders around the midnight of shops and around changes of their clocks, with
// and without offsets, and moves orders over the midnight.
func TestShopDay(t *testing.T) {
	t.Parallel()
	t.Run("America/New_York", func(t *testing.T) {
		t.Parallel()
		p := inZone(t, "America/New_York")
		var files harness.Landed
		files.Add(t, p, "products/p.csv", harness.ProductFile(t, 1))
		files.Add(t, p, "orders/a.json", []byte(placed("late", "2026-11-01T23:30:00-05:00", "10.00")+
			placed("early", "2026-11-01T00:30:00-04:00", "20.00")+
			placed("next", "2026-11-02T00:00:00", "1.00")+ // no offset: New York
			placed("twice", "2026-11-01T01:30:00", "2.00")+
			placed("again", "2026-11-01T01:30:00-05:00", "3.00")+
			placed("gap", "2026-03-08T02:30:00", "4.00")+
			placed("before", "2026-03-08T01:59:59.999999", "5.00")))
		p.AwaitFiles(t, len(files.Sources))
		p.Check(t, "facts", clockQuery, "before|2026-03-08T06:59:59.999999Z|2026-03-08|1|-18000\n"+
			"gap|2026-03-08T07:30:00Z|2026-03-08|3|-14400\n"+
			"early|2026-11-01T04:30:00Z|2026-11-01|0|-14400\n"+
			"twice|2026-11-01T05:30:00Z|2026-11-01|1|-14400\n"+
			"again|2026-11-01T06:30:00Z|2026-11-01|1|-18000\n"+
			"late|2026-11-02T04:30:00Z|2026-11-01|23|-18000\n"+
			"next|2026-11-02T05:00:00Z|2026-11-02|0|-18000\n")
		p.Check(t, "hours", hoursQuery, "2026-03-08T06:00:00Z|2026-03-08|1|5\n2026-03-08T07:00:00Z|2026-03-08|1|4\n"+
			"2026-11-01T04:00:00Z|2026-11-01|1|20\n2026-11-01T05:00:00Z|2026-11-01|1|2\n2026-11-01T06:00:00Z|2026-11-01|1|3\n"+
			"2026-11-02T04:00:00Z|2026-11-01|1|10\n2026-11-02T05:00:00Z|2026-11-02|1|1\n")
		p.Check(t, "days", daysQuery, "2026-03-08|2|9\n2026-11-01|4|35\n2026-11-02|1|1\n")
		harness.VerifyAll(t, p, files.Sources)
		checkShown(t, p, "2026-11-01", 4, "35.00")
		checkShown(t, p, "2026-03-08", 2, "9.00")
		checkReports(t, p, &files, "2026-11-01", "2026-03-08")
		checkCalendar(t, p, "America/New_York", doctor.OK, doctor.OK)
		checkCalendar(t, p, "UTC", doctor.Fail, doctor.OK)
	})
	t.Run("Asia/Kolkata", func(t *testing.T) {
		t.Parallel()
		p := inZone(t, "Asia/Kolkata")
		var files harness.Landed
		files.Add(t, p, "products/p.csv", harness.ProductFile(t, 1))
		files.Add(t, p, "orders/a.json", []byte(placedAgain("moves", "2026-11-01T23:45:00+05:30", "1.00", 1)+
			placedAgain("moves_back", "2026-11-02T00:15:00", "2.00", 1)+
			placedAgain("goes", "2026-11-01T18:29:59Z", "8.00", 1)+
			placed("last", "2026-11-01T18:29:59Z", "4.00")))
		p.AwaitFiles(t, len(files.Sources))
		p.Check(t, "hours", hoursQuery, "2026-11-01T17:30:00Z|2026-11-01|3|13\n2026-11-01T18:30:00Z|2026-11-02|1|2\n")
		p.Check(t, "days", daysQuery, "2026-11-01|3|13\n2026-11-02|1|2\n")
		harness.VerifyAll(t, p, files.Sources)

		// Later versions, a version that comes too late, and the first file read again.
		files.Add(t, p, "orders/b.json", []byte(placedAgain("moves", "2026-11-02T00:05:00+05:30", "1.00", 3)+
			placedAgain("moves_back", "2026-11-01T23:55:00", "2.00", 3)+
			placedAgain("goes", "2026-12-01T00:00:00", "8.00", 3)))
		files.Add(t, p, "orders/c.json", []byte(placedAgain("moves", "2026-11-03T00:05:00+05:30", "1.00", 2)))
		p.AwaitFiles(t, len(files.Sources))
		moved := func(when string) {
			t.Helper()
			p.Check(t, when+": hours", hoursQuery, "2026-11-01T17:30:00Z|2026-11-01|2|6\n2026-11-01T18:30:00Z|2026-11-02|1|1\n2026-11-30T18:30:00Z|2026-12-01|1|8\n")
			p.Check(t, when+": days", daysQuery, "2026-11-01|2|6\n2026-11-02|1|1\n2026-12-01|1|8\n")
			harness.VerifyAll(t, p, files.Sources)
		}
		moved("versions")
		checkShown(t, p, "2026-11-02", 1, "1.00")
		checkReports(t, p, &files, "2026-11-01", "2026-11-02")
		checkCalendar(t, p, "", doctor.OK, doctor.OK)
		checkCalendar(t, p, "Asia/Kathmandu", doctor.Fail, doctor.OK)
		for _, name := range []string{"orders/a.json", "orders/b.json"} {
			p.BringBack(t, 1, "reprocess", p.FileID(t, name))
			moved(name + " read again")
		}
	})
}

// checkShown asks the dashboard for a day of the shop's clock, by each way that it counts orders.
func checkShown(t *testing.T, p *harness.Pipeline, day string, orders float64, revenue string) {
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
		if _, text := p.Fetch(t, page); !strings.Contains(string(text), p.Policy.TimeZone.String()) {
			t.Errorf("the page %s does not name the zone", page)
		}
	}
}

// checkCalendar has doctor tell whether the warehouse is a zone's, and whether its days are those of its own. An
// empty zone is the warehouse's.
func checkCalendar(t *testing.T, p *harness.Pipeline, zone string, ofZone, days doctor.Status) {
	t.Helper()
	opts := doctor.Default()
	if zone != "" {
		given, err := calendar.Load(zone)
		if err != nil {
			t.Fatal(err)
		}
		opts.TimeZone = &given
	}
	found := make(map[string]doctor.Status)
	for _, f := range harness.MustExamine(t, p.Endpoints, opts) {
		found[f.Check] = f.Status
	}
	if found["time zone"] != ofZone || found["days"] != days {
		t.Errorf("time zone %q: %q, and its days: %q", zone, found["time zone"], found["days"])
	}
}

// checkReports makes the reports of days that are over, compares them with the oracle's, and looks for the zone on their pages.
func checkReports(t *testing.T, p *harness.Pipeline, landed *harness.Landed, days ...string) {
	t.Helper()
	zone, err := calendar.Load(p.Policy.TimeZone.String())
	if err != nil {
		t.Fatal(err)
	}
	runner := p.Daily(t, time.Now, func(c *daily.Config) { c.TimeZone, c.TrendMaxSeries = zone, 6 })
	for _, day := range days {
		date, err := civil.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		reportcheck.Make(t, p, runner, landed, date.In(time.UTC))
		if page := p.Object(t, daily.ObjectName(date, daily.PageFile)); !strings.Contains(page, zone.String()) {
			t.Errorf("the page of %s does not name the zone", day)
		}
	}
}

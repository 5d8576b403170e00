package dataset

import (
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
)

// TestPeriodsOfTheShopsClock reads periods in zones with half hours and on days of 23 and 25 hours.
func TestPeriodsOfTheShopsClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		zone, now, path, query string
		from, to               string
		firstDay, lastDay      string
		beforeFrom, beforeTo   string
		whole                  bool
	}{
		{"America/New_York", "2026-11-02T04:30:00Z", "summary", "from=2026-11-01&to=2026-11-01",
			"2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", "2026-11-01", "2026-11-01", "2026-10-31T04:00:00Z", "2026-11-01T03:30:00Z", true},
		{"America/New_York", "2026-11-02T04:30:00Z", "summary", "", // today is still 1 November
			"2026-10-02T04:00:00Z", "2026-11-02T05:00:00Z", "2026-10-02", "2026-11-01", "2026-09-01T04:00:00Z", "2026-10-02T03:30:00Z", true},
		{"America/New_York", "2026-12-01T00:00:00Z", "summary", "from=2026-03-08&to=2026-03-08",
			"2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", "2026-03-08", "2026-03-08", "2026-03-07T05:00:00Z", "2026-03-08T05:00:00Z", true},
		{"Asia/Kolkata", "2026-12-01T00:00:00Z", "orders-per-hour", "from=2026-11-02&to=2026-11-02",
			"2026-11-01T18:30:00Z", "2026-11-02T18:30:00Z", "2026-11-02", "2026-11-02", "2026-10-31T18:30:00Z", "2026-11-01T18:30:00Z", true},
		{"Asia/Kolkata", "2026-12-01T00:00:00Z", "orders-per-hour", "from=2026-11-02T00:10:00Z&to=2026-11-02T01:40:00Z",
			"2026-11-01T23:30:00Z", "2026-11-02T02:30:00Z", "2026-11-02", "2026-11-02", "2026-11-01T20:30:00Z", "2026-11-01T23:30:00Z", false},
		{"UTC", "2026-12-01T00:00:00Z", "orders-per-hour", "from=2026-11-02&to=2026-11-02",
			"2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", "2026-11-02", "2026-11-02", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", true},
	} {
		zone, now := clock(t, tt.zone, tt.now)
		var d *dataset
		for i := range datasets {
			if datasets[i].path == tt.path {
				d = &datasets[i]
			}
		}
		r, fault := parser{now: now, maxPeriod: 366 * day, zone: zone}.parse(d, func(string) string { return "" }, tt.query)
		if fault != nil {
			t.Fatalf("%s %s: %v", tt.zone, tt.query, fault)
		}
		before, params := r.before(now, time.Second), r.params()
		for what, pair := range map[string][2]any{
			"from": {tt.from, r.from.Format(time.RFC3339)}, "to": {tt.to, r.to.Format(time.RFC3339)},
			"first day": {tt.firstDay, zone.Date(r.from).String()}, "whole days": {tt.whole, r.wholeDays()},
			"from before": {tt.beforeFrom, before.from.Format(time.RFC3339)}, "to before": {tt.beforeTo, before.to.Format(time.RFC3339)},
			"from_date": {zone.Date(r.from), params["from_date"]}, "to_date": {zone.Date(r.to.Add(-1)), params["to_date"]},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s %q: %s is %v, want %v", tt.zone, tt.query, what, pair[1], pair[0])
			}
		}
		if last := zone.Date(r.to.Add(-1)).String(); last != tt.lastDay {
			t.Errorf("%s %q: last day %s, want %s", tt.zone, tt.query, last, tt.lastDay)
		}
	}
}

// TestComparedPeriods tells which period is compared with, over changes of the clock and for periods longer than a year.
func TestComparedPeriods(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		zone, now, query string
		step             time.Duration
		from, to         string
	}{
		// New York's clock was put back on 1 November 2026 and 2 November 2025.
		{"America/New_York", "2026-12-01T00:00:00Z", "from=2026-11-01&to=2026-11-01&compare=previous", time.Second, "2026-10-31T04:00:00Z", "2026-11-01T04:00:00Z"},
		{"America/New_York", "2026-12-01T00:00:00Z", "from=2026-11-01&to=2026-11-01&compare=weekdays", time.Second, "2026-10-25T04:00:00Z", "2026-10-26T04:00:00Z"},
		{"America/New_York", "2026-12-01T00:00:00Z", "from=2026-11-01&to=2026-11-01&compare=year", time.Second, "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"},
		{"America/New_York", "2026-12-01T00:00:00Z", "from=2026-11-02&to=2026-11-08&compare=weekdays", time.Second, "2026-10-26T04:00:00Z", "2026-11-02T05:00:00Z"},
		{"America/New_York", "2026-12-01T00:00:00Z", "from=2026-11-02&to=2026-11-09&compare=weekdays", time.Second, "2026-10-19T04:00:00Z", "2026-10-27T04:00:00Z"},
		// Part of the day: as much as has passed, by the second and by the hour.
		{"America/New_York", "2026-11-02T15:10:20Z", "from=2026-11-02&to=2026-11-02&compare=weekdays", time.Second, "2026-10-26T04:00:00Z", "2026-10-26T14:10:20Z"},
		{"America/New_York", "2026-11-02T15:10:20Z", "from=2026-11-02&to=2026-11-02&compare=weekdays", time.Hour, "2026-10-26T04:00:00Z", "2026-10-26T15:00:00Z"},
		{"Asia/Kolkata", "2026-11-02T15:10:20Z", "from=2026-11-02&to=2026-11-02&compare=year", time.Hour, "2025-11-02T18:30:00Z", "2025-11-03T15:30:00Z"},
		// Hours that cut days keep their time of day.
		{"America/New_York", "2026-12-01T00:00:00Z", "from=2026-11-02T06:00:00Z&to=2026-11-02T08:00:00Z&compare=weekdays", time.Second, "2026-10-26T05:00:00Z", "2026-10-26T07:00:00Z"},
		{"UTC", "2026-12-01T00:00:00Z", "from=2026-11-02T06:00:00Z&to=2026-11-09T08:00:00Z&compare=weekdays", time.Second, "2026-10-19T06:00:00Z", "2026-10-26T08:00:00Z"},
		// 366 days are longer than 52 weeks.
		{"UTC", "2027-12-01T00:00:00Z", "from=2026-01-01&to=2027-01-01&compare=year", time.Second, "2024-12-26T00:00:00Z", "2025-12-27T00:00:00Z"},
	} {
		zone, now := clock(t, tt.zone, tt.now)
		r, fault := parser{now: now, maxPeriod: 366 * day, zone: zone}.parse(&datasets[0], func(string) string { return "" }, tt.query)
		if fault != nil {
			t.Fatalf("%s %s: %v", tt.zone, tt.query, fault)
		}
		before := r.before(now, tt.step)
		if from, to := before.from.Format(time.RFC3339), before.to.Format(time.RFC3339); from != tt.from || to != tt.to {
			t.Errorf("%s %s by %v: compared with %s to %s, want %s to %s", tt.zone, tt.query, tt.step, from, to, tt.from, tt.to)
		}
	}
}

// clock is a shop's zone and a moment there.
func clock(t *testing.T, name, moment string) (calendar.Zone, time.Time) {
	t.Helper()
	zone, err := calendar.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	now, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		t.Fatal(err)
	}
	return zone, now
}

package calendar

import (
	"testing"
	"time"

	"cloud.google.com/go/civil"
)

func load(t *testing.T, name string) Zone {
	t.Helper()
	z, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestLoad(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Etc/UTC", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe"} {
		if z, err := Load(name); err != nil || z.String() != name {
			t.Errorf("%s: %v, %v", name, z, err)
		}
	}
	for _, name := range []string{"", "Local", "Mars/Olympus", "+05:00", " UTC", "utc ", "../etc/passwd", "America/New_York\n"} {
		if z, err := Load(name); err == nil || !z.IsUTC() {
			t.Errorf("%q: %v", name, z)
		}
	}
}

// TestInstants holds what the clocks of zones show at instants, and when they showed that.
func TestInstants(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ zone, at, day, hour string }{
		{"UTC", "2026-11-02T04:30:00Z", "2026-11-02", "2026-11-02T04:00:00Z"},
		{"America/New_York", "2026-11-02T04:30:00Z", "2026-11-01", "2026-11-02T04:00:00Z"},
		{"America/New_York", "2026-11-02T05:00:00Z", "2026-11-02", "2026-11-02T05:00:00Z"},
		{"America/New_York", "2026-11-01T05:59:59Z", "2026-11-01", "2026-11-01T05:00:00Z"}, // 01:59:59, first
		{"America/New_York", "2026-11-01T06:00:00Z", "2026-11-01", "2026-11-01T06:00:00Z"}, // 01:00, again
		{"Asia/Kolkata", "2026-11-01T18:29:59Z", "2026-11-01", "2026-11-01T17:30:00Z"},
		{"Asia/Kolkata", "2026-11-01T18:30:00Z", "2026-11-02", "2026-11-01T18:30:00Z"},
		{"Asia/Kathmandu", "2026-11-01T18:14:59Z", "2026-11-01", "2026-11-01T17:15:00Z"},
		{"Asia/Kathmandu", "2026-11-01T18:15:00Z", "2026-11-02", "2026-11-01T18:15:00Z"},
		{"Pacific/Kiritimati", "2026-11-01T10:00:00Z", "2026-11-02", "2026-11-01T10:00:00Z"},
		{"Etc/GMT+12", "2026-11-01T11:59:59Z", "2026-10-31", "2026-11-01T11:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T15:10:00Z", "2026-04-05", "2026-04-04T14:30:00Z"}, // 01:40, again: its hour is counted from the later offset
		{"Africa/Monrovia", "1971-06-01T00:10:00Z", "1971-05-31", "1971-05-31T23:44:30Z"},     // 44 minutes and 30 seconds behind
	} {
		z := load(t, tt.zone)
		at := instant(t, tt.at)
		if day := z.Date(at).String(); day != tt.day {
			t.Errorf("%s at %s: day %s, want %s", tt.zone, tt.at, day, tt.day)
		}
		if hour := z.HourStart(at).Format(time.RFC3339); hour != tt.hour {
			t.Errorf("%s at %s: hour from %s, want %s", tt.zone, tt.at, hour, tt.hour)
		}
	}
}

func TestTimesWithoutOffset(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ zone, wall, want string }{
		{"UTC", "2026-03-08T02:30:00Z", "2026-03-08T02:30:00Z"},
		{"America/New_York", "2026-03-08T01:59:59Z", "2026-03-08T06:59:59Z"},
		{"America/New_York", "2026-03-08T02:30:00Z", "2026-03-08T07:30:00Z"}, // in the gap: as if the clock had not been put forward
		{"America/New_York", "2026-03-08T03:00:00Z", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-11-01T00:59:59Z", "2026-11-01T04:59:59Z"},
		{"America/New_York", "2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z"}, // twice: the first
		{"America/New_York", "2026-11-01T02:00:00Z", "2026-11-01T07:00:00Z"},
		{"Asia/Kolkata", "2026-11-02T00:00:00Z", "2026-11-01T18:30:00Z"},
		{"Asia/Kathmandu", "2026-11-02T00:00:00Z", "2026-11-01T18:15:00Z"},
		{"Australia/Lord_Howe", "2026-04-05T01:40:00Z", "2026-04-04T14:40:00Z"},
		{"Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T22:00:00Z"}, // a day that was left out
		{"Pacific/Apia", "2011-12-31T00:00:00Z", "2011-12-30T10:00:00Z"},
	} {
		z := load(t, tt.zone)
		wall := instant(t, tt.wall).Unix()
		if got := time.Unix(wall-z.OffsetOf(wall), 0).UTC().Format(time.RFC3339); got != tt.want {
			t.Errorf("%s in %s: %s, want %s", tt.wall, tt.zone, got, tt.want)
		}
	}
}

// TestEveryInstantIsRead reads back what clocks show through two years of changes.
func TestEveryInstantIsRead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "America/New_York", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Chatham", "America/Havana", "Europe/Dublin"} {
		z := load(t, name)
		for at := instant(t, "2025-01-01T00:07:00Z").Unix(); at < instant(t, "2027-01-01T00:00:00Z").Unix(); at += 900 {
			wall := at + z.OffsetAt(at)
			read := wall - z.OffsetOf(wall)
			if read > at || read+z.OffsetAt(read) != wall {
				t.Fatalf("%s: %s is read as %s", name, time.Unix(at, 0).UTC(), time.Unix(read, 0).UTC())
			}
		}
	}
}

// TestDays counts the hours of days; each day ends where the next begins, and holds its instants.
func TestDays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		zone, day, start string
		hours            float64
	}{
		{"UTC", "2026-11-01", "2026-11-01T00:00:00Z", 24},
		{"America/New_York", "2026-11-01", "2026-11-01T04:00:00Z", 25},
		{"America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", 23},
		{"Asia/Kolkata", "2026-11-01", "2026-10-31T18:30:00Z", 24},
		{"Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", 24.5},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", 23}, // begins at 01:00
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", 25},    // 00:00 comes twice
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", 24},
	} {
		z := load(t, tt.zone)
		day, err := civil.ParseDate(tt.day)
		if err != nil {
			t.Fatal(err)
		}
		start, end := z.Start(day), z.End(day)
		if got := start.Format(time.RFC3339); got != tt.start || end.Sub(start).Hours() != tt.hours {
			t.Errorf("%s of %s: from %s for %v, want from %s for %v h", tt.day, tt.zone, got, end.Sub(start), tt.start, tt.hours)
		}
		if z.Date(start) != day || z.Date(start.Add(-1)) == day || z.Date(end.Add(-1)) != day || z.Date(end) == day {
			t.Errorf("%s of %s: its bounds are of %s, %s, %s and %s", tt.day, tt.zone, z.Date(start.Add(-1)), z.Date(start), z.Date(end.Add(-1)), z.Date(end))
		}
	}
}

func BenchmarkOffsetAt(b *testing.B) {
	z, err := Load("America/New_York")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		z.OffsetAt(1_793_500_000)
	}
}

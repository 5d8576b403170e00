// Package calendar reads a shop's clock: which day and hour an instant belongs to, and which
// instant a time without an offset means. The rules of all time zones are compiled in, so that
// it reads the same on a machine without them.
package calendar

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // images hold no zone files

	"cloud.google.com/go/civil"
)

// Zone is the time zone of the shop's clock. The zero value is UTC. It may be copied and used
// concurrently.
type Zone struct {
	location *time.Location // nil: UTC
}

// UTC is the zone of a shop that names none.
var UTC = Zone{}

// Load finds a zone by its IANA name, such as America/New_York.
func Load(name string) (Zone, error) {
	switch {
	case name == "UTC":
		return UTC, nil
	case name == "" || name == "Local" || strings.TrimSpace(name) != name:
		return UTC, fmt.Errorf("%q is no IANA name of a time zone, such as America/New_York or UTC", name)
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return UTC, fmt.Errorf("%q is no IANA name of a time zone, such as America/New_York or UTC", name)
	}
	return Zone{location}, nil
}

// Decode reads the zone's name from a variable.
func (z *Zone) Decode(name string) (err error) {
	*z, err = Load(name)
	return err
}

// String is the zone's IANA name.
func (z Zone) String() string { return z.Location().String() }

// IsUTC tells whether the shop's clock shows UTC under the name UTC.
func (z Zone) IsUTC() bool { return z.location == nil }

// Location is the zone as package time has it.
func (z Zone) Location() *time.Location {
	if z.location == nil {
		return time.UTC
	}
	return z.location
}

// OffsetAt is how many seconds the shop's clock is ahead of UTC at an instant, in seconds since
// 1970.
func (z Zone) OffsetAt(unix int64) int64 {
	if z.location == nil {
		return 0
	}
	_, offset := time.Unix(unix, 0).In(z.location).Zone()
	return int64(offset)
}

// a change of the clock lies within so many seconds of any time that it makes doubtful
const nearChange = 24 * 60 * 60

// OffsetOf is how many seconds the shop's clock was ahead of UTC when it showed the given time,
// in seconds from 1970-01-01T00:00:00 on that clock. A time that the clock showed twice or never,
// because it was put back or forward, is read with the offset before the change: of the two
// the first; and a time in the gap as far behind the gap's end as it lies behind its start.
func (z Zone) OffsetOf(wall int64) int64 {
	if z.location == nil {
		return 0
	}
	before, after := z.OffsetAt(wall-nearChange), z.OffsetAt(wall+nearChange)
	if before == after || z.OffsetAt(wall-before) == before || z.OffsetAt(wall-after) != after {
		return before
	}
	return after
}

// Date is the shop's day of an instant.
func (z Zone) Date(t time.Time) civil.Date { return civil.DateOf(t.In(z.Location())) }

// Start is the instant at which the shop's day begins. A day has 23 to 25 hours where the
// clock is changed.
func (z Zone) Start(date civil.Date) time.Time {
	wall := date.In(time.UTC).Unix()
	start := time.Unix(wall-z.OffsetOf(wall), 0).UTC()
	if z.location == nil {
		return start
	}
	// Where midnight does not exist, the day begins with the change of the clock.
	if change, _ := start.In(z.location).ZoneBounds(); !change.IsZero() && z.Date(change) == date {
		return change.UTC()
	}
	return start
}

// End is the first instant behind the shop's day.
func (z Zone) End(date civil.Date) time.Time { return z.Start(date.AddDays(1)) }

// DaysBefore is the instant at which the shop's clock showed the time of t, so many days earlier.
func (z Zone) DaysBefore(t time.Time, days int) time.Time {
	wall := t.Unix() + z.OffsetAt(t.Unix()) - int64(days)*24*60*60
	return time.Unix(wall-z.OffsetOf(wall), int64(t.Nanosecond())).UTC()
}

// HourStart is the instant at which the shop's hour of t begins: at which its clock, with the
// offset of t, showed the full hour.
func (z Zone) HourStart(t time.Time) time.Time {
	offset := time.Duration(z.OffsetAt(t.Unix())) * time.Second
	return t.UTC().Add(offset).Truncate(time.Hour).Add(-offset)
}

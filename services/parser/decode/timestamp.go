package decode

import (
	"math/bits"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
)

// A time is what ISO 8601-1 has, in its extended and its basic form: a date, then optionally T
// and hours, minutes and seconds; the last ones may be left out, and the last one given may come
// with a fraction behind a point or comma, of which microseconds are kept; then optionally an
// offset from UTC, without which it is the shop's. A date alone is its midnight, and 24:00 the
// next one. Beyond the standard, the T may be a space (RFC 3339), a date may have an offset (XML
// Schema), a space may stand before the offset, and the offset may be UTC or GMT in letters: so
// do exports of BigQuery and Shopify write.
//
// The warehouse has no leap seconds. 23:59:60 UTC is read as the second after it, without its
// fraction: BigQuery reads it so. At any other time of the day 60 seconds are refused.

const (
	microsPerSecond = 1_000_000
	microsPerMinute = 60 * microsPerSecond
	microsPerHour   = 60 * microsPerMinute
	secondsPerDay   = 24 * 60 * 60
	microsPerDay    = secondsPerDay * microsPerSecond
)

// parseTimestamp gives microseconds since 1970 of a time; zone is that of one without an offset.
func parseTimestamp(s string, zone calendar.Zone) (int64, bool) {
	t, ok := parseTime(s)
	if !ok {
		return 0, false
	}
	if !t.zoned {
		t.offset = zone.OffsetOf(floorSeconds(t.local)) * microsPerSecond
	}
	micros := t.local - t.offset
	return micros, !t.leap || micros%microsPerDay == 0
}

// floorSeconds gives whole seconds, the earlier ones of what lies between two.
func floorSeconds(micros int64) int64 {
	seconds := micros / microsPerSecond
	if micros%microsPerSecond < 0 {
		seconds--
	}
	return seconds
}

// localTime is a time as it is written.
type localTime struct {
	local  int64 // microseconds of the clock since its 1970-01-01T00:00
	offset int64 // microseconds that the clock is ahead of UTC
	zoned  bool  // the offset is given
	leap   bool  // the time is the end of a leap second
}

func parseTime(s string) (t localTime, ok bool) {
	days, s, ok := cutDate(s)
	if !ok {
		return t, false
	}
	t.local = int64(days) * microsPerDay
	if s == "" {
		return t, true
	}
	switch {
	case s[0] == 'T', s[0] == 't', s[0] == ' ':
		if s, ok = t.cutClock(s[1:]); !ok {
			return t, false
		}
	case s != "Z" && s != "z" && (len(s) != len("+hh:mm") || s[3] != ':'):
		return t, false
	}
	if s != "" {
		t.zoned = true
		t.offset, ok = parseOffset(strings.TrimPrefix(s, " "))
	}
	return t, ok
}

// cutClock adds the time of the day that s begins with, and gives what follows.
func (t *localTime) cutClock(s string) (rest string, ok bool) {
	hour, minute, second := two(s), 0, 0
	if hour < 0 {
		return "", false
	}
	unit := int64(microsPerHour) // of the last part
	s = s[2:]
	colon := strings.HasPrefix(s, ":")
	if next, ok := cutPart(s, &minute, colon); ok {
		s, unit = next, microsPerMinute
		if next, ok := cutPart(s, &second, colon); ok {
			s, unit = next, microsPerSecond
		}
	}
	if hour > 24 || minute > 59 || second > 60 {
		return "", false
	}
	var part int64
	if s, part, ok = cutFraction(s, unit); !ok {
		return "", false
	}
	if second == 60 {
		t.leap, part = true, 0
	}
	part += int64(hour)*microsPerHour + int64(minute)*microsPerMinute + int64(second)*microsPerSecond
	t.local += part
	return s, part <= microsPerDay && (hour < 24 || part == microsPerDay)
}

// cutPart reads two digits, in the extended form behind a colon.
func cutPart(s string, part *int, colon bool) (rest string, ok bool) {
	if colon {
		if s == "" || s[0] != ':' {
			return "", false
		}
		s = s[1:]
	}
	n := two(s)
	if n < 0 {
		return "", false
	}
	*part = n
	return s[2:], true
}

// cutFraction reads a decimal fraction of a unit if s begins with one, and gives its whole
// microseconds.
func cutFraction(s string, unit int64) (rest string, micros int64, ok bool) {
	if s == "" || s[0] != '.' && s[0] != ',' {
		return s, 0, true
	}
	n := digits(s[1:])
	var of, all uint64 = 0, 1
	for _, c := range []byte(s[1 : 1+min(n, 18)]) {
		of, all = of*10+uint64(c-'0'), all*10
	}
	high, low := bits.Mul64(of, uint64(unit))
	whole, _ := bits.Div64(high, low, all)
	return s[1+n:], int64(whole), n > 0
}

// parseOffset gives the microseconds that the clock is ahead of UTC.
func parseOffset(s string) (int64, bool) {
	if s == "Z" || s == "z" || strings.EqualFold(s, "UTC") || strings.EqualFold(s, "GMT") {
		return 0, true
	}
	if minus := "\u2212"; strings.HasPrefix(s, minus) { // which ISO 8601 prefers to a hyphen
		s = "-" + s[len(minus):]
	}
	if s == "" || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	hour, minute := two(s[1:]), 0
	switch {
	case len(s) == len("+hh:mm") && s[3] == ':':
		minute = two(s[4:])
	case len(s) == len("+hhmm"):
		minute = two(s[3:])
	case len(s) != len("+hh"):
		return 0, false
	}
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return 0, false
	}
	offset := int64(hour)*microsPerHour + int64(minute)*microsPerMinute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

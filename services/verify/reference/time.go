package reference

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	timeText  = regexp.MustCompile(`(?i)^([\dW-]{7,10})(?:[T ]([\d:]+)(?:[.,](\d+))?(?: ?(Z|UTC|GMT|[+\x{2212}-]\d{2}(?::?\d{2})?))?|(Z|[+-]\d{2}:\d{2}))?$`)
	clockText = regexp.MustCompile(`^(\d{2})(?::(\d{2})(?::(\d{2}))?|(\d{2})(\d{2})?)?$`)
	weekText  = regexp.MustCompile(`^(\d{4})(-?)W(\d{2})(-?)([1-7])$`)
)

// parseTime reads ISO 8601 to the microsecond; the shop's clock showed what names no offset.
func parseTime(text string, clock *time.Location) (time.Time, bool) {
	if t, ok := usualTime(text, clock); ok {
		return t, true
	}
	m := timeText.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, false
	}
	day, ok := parseDay(m[1])
	if !ok {
		return day, false
	}
	hours, leap, ok := parseClock(m[2], m[3])
	if !ok {
		return day, false
	}
	offset, ok := parseOffset(m[4] + m[5])
	t := day.Add(hours - offset)
	if m[4]+m[5] == "" {
		t = shown(t, clock)
	}
	return t.In(clock), ok && (!leap || t.Equal(t.Truncate(24*time.Hour)))
}

// usualTime reads the usual spelling, with an offset or without.
func usualTime(text string, clock *time.Location) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		if t, err = time.Parse("2006-01-02T15:04:05", text); err == nil {
			t = shown(t, clock)
		}
	}
	return t.Truncate(time.Microsecond).In(clock), err == nil && t.Year() > 0
}

// shown is when a clock showed what UTC's shows at wall: the first time, if it did so twice. What
// it never showed is counted on from the last that it did.
func shown(wall time.Time, clock *time.Location) time.Time {
	var before *time.Duration
	for step := -36 * time.Hour; step <= 36*time.Hour; step += time.Hour {
		_, seconds := wall.Add(step).In(clock).Zone()
		ahead := time.Duration(seconds) * time.Second
		if before == nil {
			before = &ahead
		}
		if _, then := wall.Add(-ahead).In(clock).Zone(); then == seconds {
			return wall.Add(-ahead)
		}
	}
	return wall.Add(-*before)
}

// parseDay reads a day of a month, of a year or of a week.
func parseDay(text string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02", "20060102", "2006-002", "2006002"} {
		if day, err := time.Parse(layout, text); err == nil {
			return day, day.Year() > 0
		}
	}
	m := weekText.FindStringSubmatch(text)
	if m == nil || m[2] != m[4] {
		return time.Time{}, false
	}
	year, _ := strconv.Atoi(m[1])
	week, _ := strconv.Atoi(m[3])
	for day := time.Date(year-1, 12, 28, 0, 0, 0, 0, time.UTC); day.Year() <= min(year+1, 9999); day = day.AddDate(0, 0, 1) {
		y, w := day.ISOWeek()
		if y == year && w == week && strconv.Itoa((int(day.Weekday())+6)%7+1) == m[5] {
			return day, year > 0
		}
	}
	return time.Time{}, false
}

// parseClock reads a time of the day, whose last part may have a fraction.
func parseClock(text, fraction string) (clock time.Duration, leap, ok bool) {
	if text == "" {
		return 0, false, true
	}
	m := clockText.FindStringSubmatch(text)
	if m == nil {
		return 0, false, false
	}
	number := func(text string) time.Duration { n, _ := strconv.Atoi(text); return time.Duration(n) }
	hour, minute, second := number(m[1]), number(m[2]+m[4]), number(m[3]+m[5])
	unit := time.Hour
	switch {
	case m[3]+m[5] != "":
		unit = time.Second
	case m[2]+m[4] != "":
		unit = time.Minute
	}
	clock = hour*time.Hour + minute*time.Minute + second*time.Second
	if second == 60 {
		leap, fraction = true, ""
	}
	if fraction != "" {
		part, _ := new(big.Rat).SetString("0." + fraction)
		part.Mul(part, big.NewRat(int64(unit/time.Microsecond), 1))
		clock += time.Duration(new(big.Int).Quo(part.Num(), part.Denom()).Int64()) * time.Microsecond
	}
	return clock, leap, minute < 60 && second <= 60 && clock <= 24*time.Hour && (hour < 24 || clock == 24*time.Hour)
}

func parseOffset(text string) (time.Duration, bool) {
	text = strings.ToUpper(strings.NewReplacer("\u2212", "-", ":", "").Replace(text))
	if text == "" || text == "UTC" || text == "GMT" {
		text = "Z"
	}
	for _, layout := range []string{"Z0700", "Z07"} {
		if t, err := time.Parse(layout, text); err == nil {
			_, seconds := t.Zone()
			return time.Duration(seconds) * time.Second, true
		}
	}
	return 0, false
}

package model

import (
	"regexp"
	"strings"
	"time"
)

var timeText = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:[.,](\d+))?(Z|z|[+-]\d{2}(?::?\d{2})?)?$`)

// parseTime reads ISO 8601, UTC unless it says otherwise, to the microsecond.
func parseTime(text string) (time.Time, bool) {
	m := timeText.FindStringSubmatch(text)
	if m == nil || strings.HasPrefix(m[1], "0000") {
		return time.Time{}, false
	}
	micros := (m[3] + "000000")[:6]
	offset := strings.ReplaceAll(m[4], ":", "")
	switch len(offset) {
	case 0, 1:
		offset = "+0000"
	case 3:
		offset += "00"
	}
	t, err := time.Parse("2006-01-02T15:04:05.000000-0700", m[1]+"T"+m[2]+"."+micros+offset)
	return t.UTC(), err == nil
}

package source

import (
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the service's image may have no database of time zones
)

// clock is how a mapping writes times.
type clock struct {
	layout string // of package time; empty: ISO 8601
	unix   int64  // how many of its units make a second, if times are counted from 1970
	zone   *time.Location
}

var plainClock = &clock{}

// clock gives that of a place, or else of the mapping.
func (c *compiler) clock(own *times, at string) *clock {
	t := own
	if t == nil {
		if t = c.plan.mapping.Times; t == nil {
			return plainClock
		}
		at = c.at
	}
	k := &clock{}
	switch t.Layout {
	case "":
	case "unix":
		k.unix = 1
	case "unix_ms":
		k.unix = 1000
	default:
		var message string
		if k.layout, message = goLayout(t.Layout); message != "" {
			c.add(at+"/times/layout", "%s", message)
		}
	}
	if t.Zone != "" {
		var err error
		if k.zone, err = time.LoadLocation(t.Zone); err != nil || t.Zone == "Local" {
			c.add(at+"/times/zone", "%q is no time zone of the IANA database, such as America/New_York", t.Zone)
		}
	}
	return k
}

// directives are those of strftime that a layout may use, and what package time calls them.
var directives = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'b': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday",
	'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM", 'z': "-0700", 'T': "15:04:05", 'F': "2006-01-02", '%': "%",
}

// goLayout turns a layout of strftime into one of package time.
func goLayout(layout string) (string, string) {
	var out strings.Builder
	for i := 0; i < len(layout); i++ {
		c := layout[i]
		if c != '%' {
			if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' && c != 'T' && c != 'Z' {
				return "", "the layout has " + strconv.Quote(string(c)) + " outside of a directive; write it with %Y %m %d %H %M %S and the like"
			}
			out.WriteByte(c)
			continue
		}
		if i++; i == len(layout) {
			return "", "the layout ends with %"
		}
		word, ok := directives[layout[i]]
		if !ok {
			return "", "the layout has %" + string(layout[i]) + ", which is none of %Y %y %m %d %e %b %B %a %A %H %I %M %S %p %z %T %F"
		}
		out.WriteString(word)
	}
	return out.String(), ""
}

// appendTime writes a time as ISO 8601; false if it cannot be read. A time that the native
// reader is to judge is written as it is.
func (k *clock) appendTime(dst []byte, text string, date bool) ([]byte, bool) {
	switch {
	case k.unix > 0:
		count, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return dst, false
		}
		t := time.Unix(count/k.unix, count%k.unix*(int64(time.Second)/k.unix))
		return k.append(dst, t, date), t.Year() > 0 && t.Year() < 10_000
	case k.layout != "":
		zone := k.zone
		if zone == nil {
			zone = time.UTC
		}
		t, err := time.ParseInLocation(k.layout, text, zone)
		if err != nil {
			return dst, false
		}
		if k.zone == nil && !date && !strings.Contains(k.layout, "-0700") {
			return t.AppendFormat(dst, "2006-01-02T15:04:05.999999999"), true
		}
		return k.append(dst, t, date), true
	case date && len(text) > len("2006-01-02") && (text[10] == 'T' || text[10] == ' '):
		return append(dst, text[:10]...), true
	case k.zone != nil && !date && !hasOffset(text):
		if k.zone == time.UTC && text != "" && text[len(text)-1] >= '0' && text[len(text)-1] <= '9' {
			return append(append(dst, text...), 'Z'), true
		}
		for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
			if t, err := time.ParseInLocation(layout, text, k.zone); err == nil {
				return k.append(dst, t, date), true
			}
		}
		return dst, false
	}
	return append(dst, text...), true
}

func (k *clock) append(dst []byte, t time.Time, date bool) []byte {
	if date {
		if k.zone != nil {
			t = t.In(k.zone)
		}
		return t.AppendFormat(dst, time.DateOnly)
	}
	return t.UTC().AppendFormat(dst, time.RFC3339Nano)
}

// hasOffset tells whether an ISO 8601 time ends with Z or an offset.
func hasOffset(text string) bool {
	if len(text) < 11 {
		return false
	}
	last := text[len(text)-1]
	return last == 'Z' || last == 'z' || last == 'C' || strings.LastIndexAny(text, "+-") > 10
}

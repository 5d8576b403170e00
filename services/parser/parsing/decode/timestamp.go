package decode

// A time is YYYY-MM-DDThh:mm:ss, then optionally a fraction of any length, of
// which microseconds are kept, and optionally an offset: Z, ±hh:mm, ±hhmm or ±hh.
// Without an offset it is UTC. As in RFC 3339 the T may be a space. Leap seconds
// and 24:00 are refused, since the warehouse has neither.

const (
	microsPerSecond = 1_000_000
	microsPerHour   = 3600 * microsPerSecond
	microsPerDay    = 24 * microsPerHour
)

// parseTimestamp gives microseconds since 1970.
func parseTimestamp(s string) (int64, bool) {
	if len(s) < len("2006-01-02T15:04:05") {
		return 0, false
	}
	days, ok := parseDate(s[:10])
	hour, minute, second := two(s[11:]), two(s[14:]), two(s[17:])
	if !ok || s[10] != 'T' && s[10] != 't' && s[10] != ' ' || s[13] != ':' || s[16] != ':' ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return 0, false
	}
	micros := int64(days)*microsPerDay + int64(hour*3600+minute*60+second)*microsPerSecond
	s = s[19:]
	if s != "" && (s[0] == '.' || s[0] == ',') {
		i := 1
		for place := int64(microsPerSecond / 10); i < len(s) && isDigit(s[i]); i++ {
			micros += int64(s[i]-'0') * place
			place /= 10
		}
		if i == 1 {
			return 0, false
		}
		s = s[i:]
	}
	offset, ok := parseOffset(s)
	return micros - offset, ok
}

// parseOffset gives the microseconds that local time is ahead of UTC.
func parseOffset(s string) (int64, bool) {
	if s == "" || s == "Z" || s == "z" {
		return 0, true
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
	offset := int64(hour*3600+minute*60) * microsPerSecond
	switch s[0] {
	case '+':
		return offset, true
	case '-':
		return -offset, true
	}
	return 0, false
}

// parseDate reads YYYY-MM-DD and gives days since 1970.
func parseDate(s string) (int, bool) {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	century, year, month, day := two(s), two(s[2:]), two(s[5:]), two(s[8:])
	if century < 0 || year < 0 || century+year == 0 || month < 1 || month > 12 {
		return 0, false
	}
	year += century * 100
	if day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	return daysSince1970(year, month, day), true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts years from March, so that a leap day is a year's last.
func daysSince1970(year, month, day int) int {
	if month <= 2 {
		year--
		month += 12
	}
	const daysTo1970 = 719_468 // from 0000-03-01
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - daysTo1970
}

// two reads two digits, or gives -1.
func two(s string) int {
	if len(s) < 2 || !isDigit(s[0]) || !isDigit(s[1]) {
		return -1
	}
	return int(s[0]-'0')*10 + int(s[1]-'0')
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

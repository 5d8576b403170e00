package decode

import "time"

// parseDate reads a date of ISO 8601 alone and gives days since 1970.
func parseDate(s string) (int, bool) {
	days, rest, ok := cutDate(s)
	return days, ok && rest == ""
}

// cutDate reads the date that s begins with: a day of a month, of a week or of a year, each
// with hyphens or without. It gives days since 1970 and what follows.
func cutDate(s string) (days int, rest string, ok bool) {
	century, year := two(s), -1
	if century >= 0 {
		year = two(s[2:])
	}
	if year < 0 || century+year == 0 {
		return 0, "", false
	}
	year += century * 100
	s = s[4:]
	extended := s != "" && s[0] == '-'
	if extended {
		s = s[1:]
	}
	switch n := digits(s); {
	case s != "" && s[0] == 'W':
		return cutWeekDate(year, s[1:], extended)
	case n == 3:
		day := two(s)*10 + int(s[2]-'0')
		return daysSince1970(year, 1, 1) + day - 1, s[3:], day >= 1 && day <= 337+daysIn(year, 2)
	case extended && (n != 2 || len(s) < len("01-02") || s[2] != '-'), !extended && n != 4:
		return 0, "", false
	}
	month := two(s)
	s = s[2:]
	if extended {
		s = s[1:]
	}
	day := two(s)
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, "", false
	}
	return daysSince1970(year, month, day), s[2:], true
}

// cutWeekDate reads a week and its day: week 1 has the year's first Thursday, day 1 is Monday.
func cutWeekDate(year int, s string, extended bool) (days int, rest string, ok bool) {
	week := two(s)
	if week < 1 {
		return 0, "", false
	}
	if s = s[2:]; extended {
		if s == "" || s[0] != '-' {
			return 0, "", false
		}
		s = s[1:]
	}
	if s == "" || s[0] < '1' || s[0] > '7' {
		return 0, "", false
	}
	first := firstMonday(year)
	days = first + 7*(week-1) + int(s[0]-'1')
	exists := week <= 52 || week == 53 && firstMonday(year+1)-first == 53*7
	return days, s[1:], exists && days <= daysSince1970(9999, 12, 31)
}

// firstMonday is the day on which week 1 of a year begins, in days since 1970.
func firstMonday(year int) int {
	fourth := daysSince1970(year, 1, 4) // always in week 1
	return fourth - int((int64(fourth)+3)%7+7)%7
}

// spellDate writes a day as YYYY-MM-DD.
func spellDate(days int) string {
	return time.Unix(int64(days)*secondsPerDay, 0).UTC().Format(time.DateOnly)
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

// digits counts the digits that s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// two reads two digits, or gives -1.
func two(s string) int {
	if len(s) < 2 || !isDigit(s[0]) || !isDigit(s[1]) {
		return -1
	}
	return int(s[0]-'0')*10 + int(s[1]-'0')
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

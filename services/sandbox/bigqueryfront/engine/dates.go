package engine

import (
	"fmt"
	"time"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// DATE_TRUNC keeps the type of what it cuts: dates are days since 1970, the others
// microseconds.
var truncations = []function{
	{"bq_date_trunc", []mapping.Type{mapping.TypeDate, mapping.TypeVarchar}, mapping.TypeDate, func(c *call) (bool, error) {
		part := string(bytesArg(c, 1))
		day, ok := truncateDay(int64(arg[int32](c, 0)), part)
		if !ok {
			return false, fmt.Errorf("DATE_TRUNC does not support the %s date part when the argument is DATE type", part)
		}
		return result(c, int32(day))
	}},
	{"bq_date_trunc", []mapping.Type{mapping.TypeTimestamp, mapping.TypeVarchar}, mapping.TypeTimestamp, truncateTime},
	{"bq_date_trunc", []mapping.Type{mapping.TypeTimestampTZ, mapping.TypeVarchar}, mapping.TypeTimestampTZ, truncateTime},
}

const microsPerDay = 86_400_000_000

var partMicros = map[string]int64{"MICROSECOND": 1, "MILLISECOND": 1000, "SECOND": 1_000_000, "MINUTE": 60_000_000, "HOUR": 3_600_000_000}

func truncateTime(c *call) (bool, error) {
	micros, part := arg[int64](c, 0), string(bytesArg(c, 1))
	if size, ok := partMicros[part]; ok {
		return result(c, floor(micros, size, 0))
	}
	day, ok := truncateDay(floor(micros, microsPerDay, 0)/microsPerDay, part)
	if !ok {
		return false, fmt.Errorf("A valid date part name is required but found %s", part)
	}
	return result(c, day*microsPerDay)
}

func truncateDay(day int64, part string) (int64, bool) {
	t := time.Unix(day*86_400, 0).UTC()
	switch part {
	case "DAY":
		return day, true
	case "WEEK":
		return floor(day, 7, 3), true // 1970-01-04 was a Sunday
	case "ISOWEEK":
		return floor(day, 7, 4), true
	case "MONTH":
		return dayOf(t.Year(), t.Month(), 1), true
	case "QUARTER":
		return dayOf(t.Year(), (t.Month()-1)/3*3+1, 1), true
	case "YEAR":
		return dayOf(t.Year(), time.January, 1), true
	case "ISOYEAR":
		year, _ := t.ISOWeek()
		return floor(dayOf(year, time.January, 4), 7, 4), true // always in the first week
	}
	return 0, false
}

func dayOf(year int, month time.Month, day int) int64 {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86_400
}

// floor cuts n down to a multiple of size from origin on.
func floor(n, size, origin int64) int64 {
	rest := (n - origin) % size
	if rest < 0 {
		rest += size
	}
	return n - rest
}

// dates read text; DuckDB's cast would read over a time of day and what follows it.
var dates = []function{
	{"bq_day", []mapping.Type{mapping.TypeVarchar}, mapping.TypeDate, func(c *call) (bool, error) {
		day, err := time.Parse("2006-1-2", string(bytesArg(c, 0)))
		if err != nil {
			return false, fmt.Errorf("Invalid date: '%s'", bytesArg(c, 0))
		}
		return result(c, int32(day.Unix()/86_400))
	}},
}

// differences count the boundaries of a part between two dates or datetimes, but
// the whole units between two instants.
var differences = []function{
	{"bq_date_diff", []mapping.Type{mapping.TypeDate, mapping.TypeDate, mapping.TypeVarchar}, tInt, func(c *call) (bool, error) {
		part := string(bytesArg(c, 2))
		if _, ok := partMicros[part]; ok {
			return false, fmt.Errorf("DATE_DIFF does not support the %s date part when the arguments are DATE type", part)
		}
		return difference(c, int64(arg[int32](c, 0)), int64(arg[int32](c, 1)), part)
	}},
	{"bq_date_diff", []mapping.Type{mapping.TypeTimestamp, mapping.TypeTimestamp, mapping.TypeVarchar}, tInt, func(c *call) (bool, error) {
		later, earlier, part := arg[int64](c, 0), arg[int64](c, 1), string(bytesArg(c, 2))
		if size, ok := partMicros[part]; ok {
			return result(c, floor(later, size, 0)/size-floor(earlier, size, 0)/size)
		}
		return difference(c, floor(later, microsPerDay, 0)/microsPerDay, floor(earlier, microsPerDay, 0)/microsPerDay, part)
	}},
	{"bq_date_diff", []mapping.Type{mapping.TypeTimestampTZ, mapping.TypeTimestampTZ, mapping.TypeVarchar}, tInt, func(c *call) (bool, error) {
		part := string(bytesArg(c, 2))
		size, ok := partMicros[part]
		if part == "DAY" {
			size, ok = microsPerDay, true
		}
		if !ok {
			return false, fmt.Errorf("TIMESTAMP_DIFF does not support the %s date part", part)
		}
		return result(c, (arg[int64](c, 0)-arg[int64](c, 1))/size)
	}},
}

func difference(c *call, later, earlier int64, part string) (bool, error) {
	to, ok := ordinal(later, part)
	if !ok {
		return false, fmt.Errorf("A valid date part name is required but found %s", part)
	}
	from, _ := ordinal(earlier, part)
	return result(c, to-from)
}

// ordinal numbers the weeks, months and years, each as long as the part, by a day
// of them.
func ordinal(day int64, part string) (int64, bool) {
	t := time.Unix(day*86_400, 0).UTC()
	year := int64(t.Year())
	switch part {
	case "DAY":
		return day, true
	case "WEEK":
		return (floor(day, 7, 3) - 3) / 7, true
	case "ISOWEEK":
		return (floor(day, 7, 4) - 4) / 7, true
	case "MONTH":
		return year*12 + int64(t.Month()), true
	case "QUARTER":
		return year*4 + int64(t.Month()-1)/3, true
	case "YEAR":
		return year, true
	case "ISOYEAR":
		year, _ := t.ISOWeek()
		return int64(year), true
	}
	return 0, false
}

// Package epoch counts days the way BigQuery's DATE does on the wire.
package epoch

import "time"

// Day is the day of t in UTC, in days since 1970-01-01, rounded towards the past.
func Day(t time.Time) int32 {
	const day = 24 * 60 * 60
	seconds := t.Unix()
	days := seconds / day
	if seconds%day < 0 {
		days--
	}
	return int32(days)
}

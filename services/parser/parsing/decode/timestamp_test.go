package decode

import (
	"testing"
	"time"
)

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-11-01T11:21:44":            "2026-11-01T11:21:44Z",
		"2026-11-01 11:21:44z":           "2026-11-01T11:21:44Z",
		"2026-11-01t11:21:44.1":          "2026-11-01T11:21:44.1Z",
		"2026-11-01T11:21:44,126748":     "2026-11-01T11:21:44.126748Z",
		"2026-11-01T11:21:44.1267489999": "2026-11-01T11:21:44.126748Z",
		"2026-11-01T00:21:44+05:30":      "2026-10-31T18:51:44Z",
		"2026-11-01T23:21:44-0800":       "2026-11-02T07:21:44Z",
		"2026-11-01T23:21:44.5+01":       "2026-11-01T22:21:44.5Z",
		"1969-12-31T23:59:59.999999":     "1969-12-31T23:59:59.999999Z",
		"0001-01-01T00:00:00":            "0001-01-01T00:00:00Z",
		"2024-02-29T00:00:00":            "2024-02-29T00:00:00Z",
		"":                               "",
		"2026-11-01":                     "",
		"2026-11-01T11:21":               "",
		"2026-11-01T11:21:44.":           "",
		"2026-11-01T11:21:44.Z":          "",
		"2026-11-01T11:21:44 Z":          "",
		"2026-11-01T11:21:44Zulu":        "",
		"2026-11-01T11:21:44+1":          "",
		"2026-11-01T11:21:44+24:00":      "",
		"2026-11-01T11:21:44*01:00":      "",
		"2026-11-01T11:21:44+0100:":      "",
		"2026-11-01T24:00:00":            "",
		"2026-11-01T11:60:00":            "",
		"2026-11-01T11:21:60":            "",
		"2026-02-29T00:00:00":            "",
		"1900-02-29T00:00:00":            "",
		"2026-13-01T00:00:00":            "",
		"2026-00-01T00:00:00":            "",
		"2026-01-00T00:00:00":            "",
		"0000-01-01T00:00:00":            "",
		"+2026-11-01T11:21:44":           "",
		"２０２６-11-01T11:21:44":            "",
	} {
		micros, ok := parseTimestamp(text)
		if !ok {
			if want != "" {
				t.Errorf("%q is refused", text)
			}
			continue
		}
		if got := time.UnixMicro(micros).UTC().Format(time.RFC3339Nano); got != want {
			t.Errorf("%q is read as %s, want %q", text, got, want)
		}
	}
}

// FuzzTimestamp holds against package time what both accept.
func FuzzTimestamp(f *testing.F) {
	f.Add("2026-11-01T11:21:44.126748+01:00")
	f.Add("0001-01-01T00:00:00Z")
	f.Fuzz(func(t *testing.T, text string) {
		micros, ok := parseTimestamp(text)
		want, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || !ok {
			return // package time also takes an hour of one digit and an offset of 60 minutes
		}
		if got := time.UnixMicro(micros); !got.Equal(want.Truncate(time.Microsecond)) {
			t.Fatalf("%q is read as %v, package time %v", text, got, want)
		}
	})
}

func TestDaysSince1970(t *testing.T) {
	t.Parallel()
	day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for ; day.Year() < 3000; day = day.AddDate(0, 0, 1) {
		if got := daysSince1970(day.Year(), int(day.Month()), day.Day()); int64(got)*86400 != day.Unix() {
			t.Fatalf("%v is day %d", day, got)
		}
	}
}

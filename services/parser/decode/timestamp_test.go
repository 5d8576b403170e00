package decode

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
)

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-11-01T11:21:44":              "2026-11-01T11:21:44Z",
		"2026-11-01 11:21:44z":             "2026-11-01T11:21:44Z",
		"2026-11-01t11:21:44.1":            "2026-11-01T11:21:44.1Z",
		"2026-11-01T11:21:44,126748":       "2026-11-01T11:21:44.126748Z",
		"2026-11-01T11:21:44.1267489999":   "2026-11-01T11:21:44.126748Z",
		"2026-11-01T00:21:44+05:30":        "2026-10-31T18:51:44Z",
		"2026-11-01T23:21:44-0800":         "2026-11-02T07:21:44Z",
		"2026-11-01T23:21:44.5+01":         "2026-11-01T22:21:44.5Z",
		"2026-11-01T23:21:44\u221205:00":   "2026-11-02T04:21:44Z",
		"1969-12-31T23:59:59.999999":       "1969-12-31T23:59:59.999999Z",
		"0001-01-01T00:00:00":              "0001-01-01T00:00:00Z",
		"2024-02-29T00:00:00":              "2024-02-29T00:00:00Z",
		"2026-11-01 11:21:44.126748 UTC":   "2026-11-01T11:21:44.126748Z", // BigQuery
		"2026-11-01 11:21:44.126748+00":    "2026-11-01T11:21:44.126748Z",
		"2026-11-01 06:21:44 -0500":        "2026-11-01T11:21:44Z", // Shopify's CSV
		"2026-11-01T11:21:44 GMT":          "2026-11-01T11:21:44Z",
		"2026-11-01T11:21:44 utc":          "2026-11-01T11:21:44Z",
		"2026-11-01T11:21:44 Z":            "2026-11-01T11:21:44Z",
		"20261101T112144Z":                 "2026-11-01T11:21:44Z",
		"20261101T112144.126748+0100":      "2026-11-01T10:21:44.126748Z",
		"20261101T1121":                    "2026-11-01T11:21:00Z",
		"20261101T11":                      "2026-11-01T11:00:00Z",
		"20261101":                         "2026-11-01T00:00:00Z",
		"2026-11-01":                       "2026-11-01T00:00:00Z",
		"2026-11-01T11:21":                 "2026-11-01T11:21:00Z",
		"2026-11-01T11:21-05:00":           "2026-11-01T16:21:00Z",
		"2026-11-01T11":                    "2026-11-01T11:00:00Z",
		"2026-11-01T11-05":                 "2026-11-01T16:00:00Z",
		"2026-11-01T11,5":                  "2026-11-01T11:30:00Z",
		"2026-11-01T11:21.25":              "2026-11-01T11:21:15Z",
		"2026-11-01T11.000000000277777778": "2026-11-01T11:00:00.000001Z",
		"2026-11-01T24:00:00":              "2026-11-02T00:00:00Z",
		"2026-12-31T24:00":                 "2027-01-01T00:00:00Z",
		"2016-12-31T23:59:60Z":             "2017-01-01T00:00:00Z",
		"2016-12-31T23:59:60.7Z":           "2017-01-01T00:00:00Z",
		"2016-12-31T18:59:60-05:00":        "2017-01-01T00:00:00Z",
		"2026-305T11:21:44":                "2026-11-01T11:21:44Z",
		"2026305T112144Z":                  "2026-11-01T11:21:44Z",
		"2024-366":                         "2024-12-31T00:00:00Z",
		"2026-W44-7T11:21:44":              "2026-11-01T11:21:44Z",
		"2026W447":                         "2026-11-01T00:00:00Z",
		"2020-W53-5":                       "2021-01-01T00:00:00Z",
		"":                                 "",
		"2026":                             "",
		"2026-11":                          "",
		"2026-1-1":                         "",
		"20261101112144":                   "",
		"1762000000":                       "",
		"1762000000000":                    "",
		"11/02/2026":                       "",
		"2026/11/02":                       "",
		"02.11.2026":                       "",
		"2 Nov 2026":                       "",
		"2026-11-01T":                      "",
		"2026-11-01Z":                      "2026-11-01T00:00:00Z", // XML Schema
		"2026-11-01-05:00":                 "2026-11-01T05:00:00Z",
		"2026-11-01-05":                    "",
		"2026-305-05":                      "",
		"2026-11-01UTC":                    "",
		"2026-11-01 ":                      "",
		"2026-11-01T1":                     "",
		"2026-11-01T11:":                   "",
		"2026-11-01T11:2":                  "",
		"2026-11-01T11:2144":               "",
		"2026-11-01T1121:44":               "",
		"2026-11-01T11:21:44.":             "",
		"2026-11-01T11:21:44.Z":            "",
		"2026-11-01T11:21:44  Z":           "",
		"2026-11-01T11:21:44 ":             "",
		"2026-11-01T11:21:44Zulu":          "",
		"2026-11-01T11:21:44 EST":          "",
		"2026-11-01T11:21:44 PM":           "",
		"2026-11-01T11:21:44+1":            "",
		"2026-11-01T11:21:44+24:00":        "",
		"2026-11-01T11:21:44+01:60":        "",
		"2026-11-01T11:21:44*01:00":        "",
		"2026-11-01T11:21:44+0100:":        "",
		"2026-11-01T24:00:01":              "",
		"2026-11-01T24:00:00.000001":       "",
		"2026-11-01T24:01":                 "",
		"2026-11-01T25:00":                 "",
		"2026-11-01T11:60:00":              "",
		"2026-11-01T11:21:60":              "",
		"2026-11-01T11:21:61":              "",
		"2016-12-31T23:59:60-05:00":        "",
		"2026-02-29T00:00:00":              "",
		"1900-02-29T00:00:00":              "",
		"2026-13-01T00:00:00":              "",
		"2026-00-01T00:00:00":              "",
		"2026-01-00T00:00:00":              "",
		"0000-01-01T00:00:00":              "",
		"2026-366":                         "",
		"2026-000":                         "",
		"2026-W54-1":                       "",
		"2026-W00-1":                       "",
		"2021-W53-1":                       "",
		"2026-W44-8":                       "",
		"2026-W44-0":                       "",
		"2026-W44":                         "",
		"2026-W447":                        "",
		"9999-W52-7":                       "",
		"+2026-11-01T11:21:44":             "",
		"２０２６-11-01T11:21:44":              "",
	} {
		micros, ok := parseTimestamp(text, calendar.UTC)
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

// layouts are those of package time that write what ISO 8601 has, as precise as they are.
var layouts = map[string]time.Duration{
	time.RFC3339Nano: time.Microsecond, "2006-01-02T15:04:05,000000Z0700": time.Microsecond, "20060102T150405.000000Z07": time.Microsecond,
	"2006-01-02 15:04:05.999999 -0700": time.Microsecond, "2006-01-02 15:04:05.999999 UTC": time.Microsecond,
	"20060102T150405Z0700": time.Second, "2006-01-02T15:04:05 Z07:00": time.Second, "2006-002T15:04:05": time.Second,
	"2006-01-02T15:04Z07:00": time.Minute, "20060102T1504": time.Minute, "2006-01-02 15": time.Hour, "20060102T15Z07": time.Hour,
	"2006-01-02": 24 * time.Hour, "20060102": 24 * time.Hour, "2006-002": 24 * time.Hour, "2006002": 24 * time.Hour,
}

// TestTimestampsOfPackageTime reads what package time writes, over the whole calendar.
func TestTimestampsOfPackageTime(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{time.UTC, time.FixedZone("", 5*3600), time.FixedZone("", -11*3600)}
	for at := time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC); at.Year() < 9999; at = at.Add(1234*24*time.Hour + 5*time.Hour + 678901234*time.Microsecond) {
		for layout, precision := range layouts {
			for _, zone := range zones {
				if zone != time.UTC && !strings.Contains(layout, "07") {
					continue
				}
				local := at.In(zone)
				_, offset := local.Zone()
				shift := time.Duration(offset) * time.Second
				text, want := local.Format(layout), local.Add(shift).Truncate(precision).Add(-shift)
				if micros, ok := parseTimestamp(text, calendar.UTC); !ok || micros != want.UnixMicro() {
					t.Fatalf("%q is read as %v (%t), want %v", text, time.UnixMicro(micros).UTC(), ok, want)
				}
			}
		}
		year, week := at.ISOWeek()
		day := (int(at.Weekday())+6)%7 + 1
		text := fmt.Sprintf("%04d-W%02d-%d", year, week, day)
		if days, ok := parseDate(text); !ok || spellDate(days) != at.Format(time.DateOnly) {
			t.Fatalf("%q is read as %s (%t), want %s", text, spellDate(days), ok, at.Format(time.DateOnly))
		}
	}
}

// FuzzTimestamp holds against package time what both accept.
func FuzzTimestamp(f *testing.F) {
	f.Add("2026-11-01T11:21:44.126748+01:00")
	f.Add("0001-01-01T00:00:00Z")
	f.Add("20261101T112144,5 Z")
	f.Add("2026-11-01 24:00")
	f.Add("2026-W44-7")
	f.Fuzz(func(t *testing.T, text string) {
		micros, ok := parseTimestamp(text, calendar.UTC)
		if !ok {
			return // package time also takes an hour of one digit and an offset of 60 minutes
		}
		for layout := range layouts {
			want, err := time.Parse(layout, text)
			if err != nil {
				continue
			}
			if got := time.UnixMicro(micros); !got.Equal(want.Truncate(time.Microsecond)) {
				t.Fatalf("%q is read as %v, package time by %s %v", text, got, layout, want)
			}
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

package epoch

import (
	"testing"
	"time"
)

func TestDay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int32{
		"1970-01-01T00:00:00Z":      0,
		"1970-01-01T23:59:59Z":      0,
		"1969-12-31T23:59:59Z":      -1,
		"1969-12-31T00:00:00Z":      -1,
		"1969-12-30T23:59:59Z":      -2,
		"2026-11-01T12:00:00Z":      20758,
		"2026-11-01T23:30:00-01:00": 20759,
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Day(at); got != want {
			t.Errorf("Day(%s) = %d, want %d", text, got, want)
		}
	}
}

package status

import (
	"strings"
	"testing"
	"time"
)

// TestVerdict: a file that waits is spoken of before anybody need act.
func TestVerdict(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		stage string
		age   time.Duration
		want  string
	}{
		{"claimed", time.Minute, "All is well."},
		{"landed", 3 * time.Minute, "Nothing to do yet, but a file has been landed for 3m0s. It is worth a look once it has been for 5m0s."},
		{"claimed", 20 * time.Minute, "Nothing to do yet, but a file has been claimed for 20m0s."},
		{"claimed", 2 * time.Hour, "Look at\n  a file has been claimed for 2h0m0s"},
	} {
		oldest := now.Add(-c.age)
		s := &Status{At: now, Files: []Stage{{Stage: c.stage, Files: 1, Oldest: &oldest}}}
		s.judge()
		if got := s.verdict(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s for %v: %q, want %q", c.stage, c.age, got, c.want)
		}
	}
}

// TestVerdictOnErrors: records that are refused are of every day; a person looks when they are many, as the alert does.
func TestVerdictOnErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		today Today
		want  string
	}{
		{Today{}, "All is well."},
		{Today{QualityErrors: 241, RecentErrors: 241, RecentRecords: 44_000}, "Nothing to do yet, but the dashboard's page Quality has 241 quality errors of today, 241 of them of the last hour's 44000 records."},
		{Today{QualityErrors: 900, RecentErrors: 1, RecentRecords: 1}, "Nothing to do yet"},
		{Today{QualityErrors: 10, RecentErrors: 10, RecentRecords: 20}, "Nothing to do yet"},
		{Today{QualityErrors: 20, RecentErrors: 20, RecentRecords: 1000}, "Nothing to do yet"},
		{Today{QualityErrors: 21, RecentErrors: 21, RecentRecords: 1000}, "Look at\n  21 quality errors in the last hour, in more than 2 of 100 records: the dashboard's page Quality"},
		{Today{RecentErrors: 11}, "Look at\n  11 quality errors in the last hour"}, // midnight has passed, and no file is complete
	} {
		s := &Status{At: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Today: c.today}
		s.judge()
		if got := s.verdict(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.today, got, c.want)
		}
	}
}

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

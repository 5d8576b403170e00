package bench

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPercentiles(t *testing.T) {
	t.Parallel()
	var hundred []time.Duration
	for i := 100; i > 0; i-- {
		hundred = append(hundred, time.Duration(i)*time.Millisecond)
	}
	for _, tt := range []struct {
		durations []time.Duration
		want      Percentiles
	}{
		{nil, Percentiles{}},
		{[]time.Duration{time.Second}, Percentiles{1000, 1000, 1000}},
		{hundred, Percentiles{50, 99, 100}},
	} {
		if diff := cmp.Diff(tt.want, percentiles(tt.durations)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	rss, err := peakRSS("Name:\tsandbox\nVmPeak:\t  99 kB\nVmHWM:\t  2048 kB\nVmRSS:\t 1 kB\n")
	if err != nil || rss != 2<<20 {
		t.Errorf("peak %d, error %v", rss, err)
	}
	cpu, err := cpuSeconds("42 (a) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0")
	if err != nil || cpu != 2 {
		t.Errorf("%g CPU seconds, error %v; want 2", cpu, err)
	}
	for _, bad := range []string{"", "42 (x) S 1 2", "42 (x) S 1 2 3 4 5 6 7 8 9 10 a b"} {
		if _, err := cpuSeconds(bad); err == nil {
			t.Errorf("cpuSeconds(%q): no error", bad)
		}
	}
	if _, err := usageOf(os.Getpid()); err != nil {
		t.Errorf("usage of this process: %v", err)
	}
}

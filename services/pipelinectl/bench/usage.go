package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// usage is what a process has used since it began.
type usage struct {
	peakRSS int64   // bytes
	cpu     float64 // seconds, user and system
}

// ticksPerSecond is the unit of times in /proc; Linux has reported 100 to user
// space since 2.6, whatever the kernel's own tick.
const ticksPerSecond = 100

// usageOf reads a running process's figures; without /proc they are zero.
func usageOf(pid int) (usage, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if errors.Is(err, fs.ErrNotExist) {
		return usage{}, nil
	}
	if err != nil {
		return usage{}, fmt.Errorf("read the memory of the sandbox: %w", err)
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}, fmt.Errorf("read the CPU time of the sandbox: %w", err)
	}
	rss, err := peakRSS(string(status))
	if err != nil {
		return usage{}, err
	}
	cpu, err := cpuSeconds(string(stat))
	return usage{rss, cpu}, err
}

// peakRSS finds "VmHWM:   123456 kB".
func peakRSS(status string) (int64, error) {
	_, rest, found := strings.Cut(status, "VmHWM:")
	fields := strings.Fields(rest)
	if !found || len(fields) < 2 || fields[1] != "kB" {
		return 0, errors.New("the process's status has no VmHWM")
	}
	kib, err := strconv.ParseInt(fields[0], 10, 64)
	return kib << 10, err
}

// cpuSeconds reads utime and stime, the 14th and 15th field. The second one is the
// executable's name in parentheses, which may hold anything.
func cpuSeconds(stat string) (float64, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, errors.New("the process's stat is cut short")
	}
	ticks := int64(0)
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the process's stat: %w", err)
		}
		ticks += n
	}
	return float64(ticks) / ticksPerSecond, nil
}

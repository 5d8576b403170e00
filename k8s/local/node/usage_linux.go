package node

import "syscall"

// peakMemory: Linux counts in KiB.
func peakMemory(u *syscall.Rusage) int64 { return u.Maxrss << 10 }

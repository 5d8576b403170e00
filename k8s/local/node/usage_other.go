//go:build unix && !linux

package node

import "syscall"

// peakMemory: the BSDs and macOS count in bytes.
func peakMemory(u *syscall.Rusage) int64 { return u.Maxrss }

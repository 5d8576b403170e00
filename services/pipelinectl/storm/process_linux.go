package storm

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// child has a process die with the storm, however that ends.
func child() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// canFillDisk tells whether setRoom works here.
const canFillDisk = true

// setRoom lets no file of a process grow beyond so many bytes, as if its disk were full;
// noLimit takes that back.
func setRoom(pid int, size uint64) error {
	var limit unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_FSIZE, nil, &limit); err != nil {
		return err
	}
	limit.Cur = min(size, limit.Max)
	return unix.Prlimit(pid, unix.RLIMIT_FSIZE, &limit, nil)
}

// memory is what a process has in memory, in MiB; 0: not known.
func memory(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	var all, resident int
	if _, err := fmt.Sscan(string(text), &all, &resident); err != nil {
		return 0
	}
	return resident * os.Getpagesize() >> 20
}

const noLimit = unix.RLIM_INFINITY

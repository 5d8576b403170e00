package storm

import (
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

const noLimit = unix.RLIM_INFINITY

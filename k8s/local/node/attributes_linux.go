package node

import "syscall"

// attributes give a process a group of its own, so that an interrupt from the terminal
// reaches the runner alone, which ends the pods in their order, and have it killed when
// the thread that started it is gone, which the runner's death is.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

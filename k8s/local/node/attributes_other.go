//go:build unix && !linux

package node

import "syscall"

// attributes give a process a group of its own, so that an interrupt from the terminal
// reaches the runner alone, which ends the pods in their order. A runner that is killed
// leaves them behind: only Linux ends children with their parent.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

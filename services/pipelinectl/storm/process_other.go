//go:build !linux

package storm

import (
	"errors"
	"syscall"
)

func child() *syscall.SysProcAttr { return nil }

// canFillDisk tells whether setRoom works here: only Linux lets one process limit another.
const canFillDisk = false

func setRoom(int, uint64) error { return errors.ErrUnsupported }

const noLimit = 1<<64 - 1

// memory is not known here.
func memory(int) int { return 0 }

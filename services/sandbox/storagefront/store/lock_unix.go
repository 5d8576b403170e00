//go:build unix

package store

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// dirLock keeps a second server out of a data folder.
type dirLock struct{ file *os.File }

// lockDir locks a data folder. The kernel releases the lock with the process, however it
// dies.
func lockDir(dir string) (*dirLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return &dirLock{f}, nil
}

// Close releases the lock. To close the file is not enough: a process that is being
// started has a copy of it until its program runs.
func (l *dirLock) Close() error {
	return errors.Join(syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN), l.file.Close())
}

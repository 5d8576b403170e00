//go:build unix

package store

import (
	"syscall"
	"testing"
)

// TestLockEndsWithItsOwner: a copy of the file, as a process that is being started has it,
// does not keep the folder locked.
func TestLockEndsWithItsOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	inherited, err := syscall.Dup(int(first.file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(inherited) })
	if _, err := lockDir(dir); err == nil {
		t.Fatal("two have the lock")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := lockDir(dir)
	if err != nil {
		t.Fatalf("the lock outlives its owner: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}

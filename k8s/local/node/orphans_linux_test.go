package node

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestPodsDieWithTheRunner kills a runner with no chance to clean up.
func TestPodsDieWithTheRunner(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self)
	command.Env = []string{"RUNNER=yes", "SELF=" + self, "DIR=" + t.TempDir()}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // it was killed
	await(t, "the pod is gone", func() bool {
		conn, err := net.Dial("tcp", strings.TrimSpace(address))
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
}

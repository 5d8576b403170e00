package service

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// stuck is a service that waits for an answer that never comes.
type stuck struct{ forever chan struct{} }

func (s stuck) Run(context.Context) error {
	<-s.forever
	return errors.New("ended after all")
}

func TestServiceThatDoesNotEndIsLeftBehind(t *testing.T) {
	t.Parallel()
	s := stuck{make(chan struct{})}
	defer close(s.forever)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var log bytes.Buffer
	if err := runUntil(ctx, s, slog.New(slog.NewTextHandler(&log, nil)), 0); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if !strings.Contains(log.String(), "level=WARN") {
		t.Errorf("nobody is told: %q", log.String())
	}
}

// The test's own executable is also the process that is told to end twice.
func TestMain(m *testing.M) {
	if os.Getenv("DEAF") != "" {
		ctx, stop := SignalContext()
		defer stop()
		os.Stdout.WriteString("up\n")
		<-ctx.Done()
		os.Stdout.WriteString("told\n")
		select {}
	}
	os.Exit(m.Run())
}

func TestSecondSignalKills(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, sig := range map[string]syscall.Signal{"interrupt": syscall.SIGINT, "terminate": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), self)
			command.Env = []string{"DEAF=yes"}
			out, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			line := make([]byte, 5)
			for range 2 {
				if _, err := out.Read(line); err != nil {
					t.Fatal(err)
				}
				if err := command.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
			}
			var exit *exec.ExitError
			if err := command.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != sig {
				t.Errorf("it ended with %v, want by %v", err, sig)
			}
		})
	}
}

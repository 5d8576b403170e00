package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/local"
)

const (
	// readyWithin bounds a start; one takes well under ten seconds.
	readyWithin = 2 * time.Minute
	// drainWithin bounds a stop: the services may drain for 25 s.
	drainWithin = 45 * time.Second
)

// sandbox is a sandbox in a process of its own.
type sandbox struct {
	process    *exec.Cmd
	exited     chan struct{} // closed when the process has ended
	exit       error         // how; read after exited
	endpoints  cloud.Config
	dashboard  string // its URL
	readyAfter time.Duration
}

// startSandbox builds the sandbox if need be, starts it on free ports with an
// empty folder, and waits until it is ready.
func startSandbox(ctx context.Context, cfg Config, work string) (_ *sandbox, err error) {
	executable := cfg.Sandbox
	if executable == "" {
		cfg.Progress("building the sandbox", 0, 0)
		executable = filepath.Join(work, local.Sandbox)
		if err := local.Build(ctx, work, cfg.Stderr, local.Sandbox); err != nil {
			return nil, err
		}
	}
	dir := cfg.Dir
	if dir == "" {
		dir = filepath.Join(work, "data")
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("the sandbox's folder %s is not empty: the measure needs a fresh one", dir)
	}
	ports, err := local.FreePorts(1) // the one address that must be known before the sandbox tells the others
	if err != nil {
		return nil, err
	}
	cfg.Progress("starting the sandbox", 0, 0)
	box := &sandbox{process: exec.Command(executable), exited: make(chan struct{})}
	box.process.Env = slices.Concat(os.Environ(), environment(dir, ports[0]), cfg.env)
	box.process.Stderr = cfg.Stderr
	started := time.Now()
	if err := box.process.Start(); err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	go func() {
		box.exit = box.process.Wait()
		close(box.exited)
	}()
	defer func() {
		if err != nil {
			err = errors.Join(err, box.stop())
		}
	}()
	starting, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	if err := local.AwaitReady(starting, "http://127.0.0.1:"+strconv.Itoa(ports[0])+"/readyz", box.exited); err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	box.readyAfter = time.Since(started)
	box.endpoints, box.dashboard, err = local.ReadEndpoints(filepath.Join(dir, local.EndpointsFile))
	return box, err
}

func environment(dir string, readyPort int) []string {
	env := []string{
		"SANDBOX_DATA_DIR=" + dir, "SANDBOX_GENERATE=false", "SANDBOX_REPORTS=false", "SANDBOX_SERVICES=all",
		"SANDBOX_READY_PORT=" + strconv.Itoa(readyPort),
	}
	for _, name := range []string{"PUBSUB", "STORAGE", "BIGQUERY", "BIGQUERY_STORAGE", "DASHBOARD", "WATCHER", "PARSER", "WRITER", "AGGREGATOR"} {
		env = append(env, "SANDBOX_"+name+"_PORT=0")
	}
	return env
}

// stop ends the sandbox with a signal, or by force if it does not drain in time.
func (s *sandbox) stop() error {
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.exited:
		if s.exit != nil {
			return fmt.Errorf("the sandbox did not end cleanly: %w", s.exit)
		}
		return nil
	case <-time.After(drainWithin):
		return errors.Join(errors.New("the sandbox did not drain and was killed"), s.process.Process.Kill())
	}
}

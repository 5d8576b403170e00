package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
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
		executable = filepath.Join(work, "sandbox")
		if err := buildSandbox(ctx, cfg, executable); err != nil {
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
	readyPort, err := freePort()
	if err != nil {
		return nil, err
	}
	cfg.Progress("starting the sandbox", 0, 0)
	box := &sandbox{process: exec.Command(executable), exited: make(chan struct{})}
	box.process.Env = slices.Concat(os.Environ(), environment(dir, readyPort), cfg.env)
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
	if err := box.awaitReady(ctx, "http://127.0.0.1:"+strconv.Itoa(readyPort)+"/readyz"); err != nil {
		return nil, err
	}
	box.readyAfter = time.Since(started)
	box.endpoints, box.dashboard, err = readEndpoints(filepath.Join(dir, "endpoints.env"))
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

// buildSandbox builds in the workspace that the working directory is in.
func buildSandbox(ctx context.Context, cfg Config, executable string) error {
	root, err := workspace()
	if err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", executable, "./services/sandbox")
	build.Dir, build.Stdout, build.Stderr = root, cfg.Stderr, cfg.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the sandbox: %w", err)
	}
	return nil
}

func workspace() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for start := dir; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.work above %s: run it inside the workspace or name the sandbox's executable", start)
		}
	}
}

// freePort finds a port for the readiness endpoint, the one address that must be
// known before the sandbox tells the others. Another process might take the port
// in between; the sandbox then fails to start, and says why.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

func (s *sandbox) awaitReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			ready := response.StatusCode == http.StatusOK
			if response.Body.Close() == nil && ready {
				return nil
			}
		}
		select {
		case <-ticks.C:
		case <-s.exited:
			return fmt.Errorf("the sandbox ended before it was ready: %w", s.exit)
		case <-ctx.Done():
			return fmt.Errorf("wait for the sandbox: %w", ctx.Err())
		}
	}
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

// readEndpoints reads what the sandbox tells about itself.
func readEndpoints(path string) (c cloud.Config, dashboard string, _ error) {
	fields := map[string]*string{
		"PROJECT_ID": &c.ProjectID, "LOCATION": &c.Location, "DATASET": &c.Dataset, "BUCKET": &c.Bucket,
		"PUBSUB_EMULATOR_HOST": &c.PubSubHost, "STORAGE_EMULATOR_HOST": &c.StorageHost,
		"BIGQUERY_EMULATOR_HOST": &c.BigQueryHost, "BIGQUERY_STORAGE_GRPC_ENDPOINT": &c.BigQueryStorageEndpoint,
		"DASHBOARD_URL": &dashboard,
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, "", fmt.Errorf("the sandbox is ready but has not told its addresses: %w", err)
	}
	if err != nil {
		return c, "", err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		if field, ok := fields[key]; ok {
			*field = value
		}
	}
	return c, dashboard, errors.Join(lines.Err(), c.Validate())
}

// Package local builds this workspace's programs and runs them on this machine, for the
// commands that need a pipeline of their own.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
)

// Sandbox is the name of the embedded cloud's program.
const Sandbox = "sandbox"

// EndpointsFile is where a sandbox leaves its addresses, in its data folder.
const EndpointsFile = "endpoints.env"

// Build builds programs of the workspace that the working directory is in, each into a file
// of its name in a folder. output takes what the compiler complains about.
func Build(ctx context.Context, folder string, output io.Writer, names ...string) error {
	root, err := workspace()
	if err != nil {
		return err
	}
	arguments := []string{"build", "-o", folder + string(filepath.Separator)}
	for _, name := range names {
		arguments = append(arguments, "./services/"+name)
	}
	build := exec.CommandContext(ctx, "go", arguments...)
	build.Dir, build.Stdout, build.Stderr = root, output, output
	if err := build.Run(); err != nil {
		return fmt.Errorf("build %v: %w", names, err)
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
			return "", fmt.Errorf("no go.work above %s: run it inside the workspace or name the programs that are built", start)
		}
	}
}

// FreePorts finds so many different ports. Another process might take one in between; the
// program that is to listen there then fails to start, and says why.
func FreePorts(n int) (ports []int, err error) {
	for range n {
		listener, failed := net.Listen("tcp", "127.0.0.1:0")
		if failed != nil {
			return nil, errors.Join(err, fmt.Errorf("find a free port: %w", failed))
		}
		defer func() { err = errors.Join(err, listener.Close()) }() // all at the end, so that none is found twice
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// AwaitReady waits until a URL answers 200, or until its process has ended, with an error then.
func AwaitReady(ctx context.Context, url string, ended <-chan struct{}) error {
	client := &http.Client{Timeout: time.Second}
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if response, err := client.Do(request); err == nil {
			ready := response.StatusCode == http.StatusOK
			if response.Body.Close() == nil && ready {
				return nil
			}
		}
		select {
		case <-ticks.C:
		case <-ended:
			return errors.New("the program ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", url, ctx.Err())
		}
	}
}

// ReadEndpoints reads what a sandbox that is ready tells about itself.
func ReadEndpoints(path string) (c cloud.Config, dashboard string, _ error) {
	fields := map[string]*string{
		"PROJECT_ID": &c.ProjectID, "LOCATION": &c.Location, "DATASET": &c.Dataset, "BUCKET": &c.Bucket,
		"PUBSUB_EMULATOR_HOST": &c.PubSubHost, "STORAGE_EMULATOR_HOST": &c.StorageHost,
		"BIGQUERY_EMULATOR_HOST": &c.BigQueryHost, "BIGQUERY_STORAGE_GRPC_ENDPOINT": &c.BigQueryStorageEndpoint,
		"RESOURCE_MANAGER_EMULATOR_HOST": &c.ResourceManagerHost, "MONITORING_EMULATOR_HOST": &c.MonitoringHost,
		"DASHBOARD_URL": &dashboard,
	}
	values, err := config.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, "", fmt.Errorf("the sandbox is ready but has not told its addresses: %w", err)
	}
	if err != nil {
		return c, "", err
	}
	for name, field := range fields {
		*field = values[name]
	}
	return c, dashboard, c.Validate()
}

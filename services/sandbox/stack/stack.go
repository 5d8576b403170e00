// Package stack is the sandbox: it starts the embedded cloud, provisions it, runs
// the services in this process and lands sample files. The end-to-end tests start
// the same stack on free ports.
//
// The services are the ones that run in production, each built with its own
// configuration and its own clients; they meet only over the wire.
package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http/pprof"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/embedded"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/faults"
)

// Stack is a running sandbox.
type Stack struct {
	config  Config
	log     *slog.Logger
	cloud   *embedded.Cloud
	faults  faults.Injector
	storage *storage.Client
	hosts   map[string]*service.Host // by service and replica, and "sandbox" for its own /readyz
	stops   map[string]func() error  // likewise, without "sandbox"

	start  func(name string) error // starts a service again
	stop   context.CancelFunc
	tasks  sync.WaitGroup
	failed chan error // the first failure of a task

	samples chan []string // the ids of the files that the history is in, once they have landed
}

// sandboxHost names the sandbox's own health server among the hosts.
const sandboxHost = "sandbox"

// Start starts everything and returns when the cloud and all services are ready.
func Start(ctx context.Context, cfg Config, log *slog.Logger) (_ *Stack, err error) {
	s := &Stack{
		config: cfg, log: log, hosts: make(map[string]*service.Host), stops: make(map[string]func() error),
		failed: make(chan error, 1), stop: func() {}, samples: make(chan []string, 1),
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	plan, err := faults.Parse(cfg.Faults)
	if err != nil {
		return nil, fmt.Errorf("read the plan of faults: %w", err)
	}
	if s.cloud, err = embedded.Open(ctx, embedded.Config{
		Dir: cfg.DataDir, ProjectID: ProjectID, Log: log, Faults: &s.faults, BigQueryLatency: cfg.BigQueryLatency,
		Host:       cfg.advertised(),
		PubSubAddr: cfg.listen(cfg.PubSubPort), StorageAddr: cfg.listen(cfg.StoragePort),
		BigQueryAddr: cfg.listen(cfg.BigQueryPort), BigQueryStorageAddr: cfg.listen(cfg.BigQueryStoragePort),
	}); err != nil {
		return nil, err
	}
	endpoints := s.cloud.Endpoints()
	if _, err = provision.Provision(ctx, endpoints, provision.Options{}); err != nil {
		return nil, fmt.Errorf("provision the embedded cloud: %w", err)
	}
	if err = grant(ctx, endpoints); err != nil {
		return nil, err
	}
	// Not before: to provision is a command that a person repeats when it fails.
	s.faults.Set(plan)
	if s.storage, err = endpoints.NewStorage(context.WithoutCancel(ctx)); err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.start = func(name string) error { return s.startService(running, name, 0, endpoints) }
	for _, name := range cfg.services() {
		for n := range cfg.replicas(name) {
			if err := s.startService(running, name, n, endpoints); err != nil {
				return nil, err
			}
		}
	}
	if err := s.startDropFolder(running); err != nil {
		return nil, err
	}
	if err := s.startReadiness(); err != nil {
		return nil, err
	}
	if err := s.writeEndpoints(s.cloud.Advertised()); err != nil {
		return nil, err
	}
	if cfg.Reports && slices.Contains(cfg.services(), topology.Reporter) {
		if err := s.scheduleReports(running, endpoints); err != nil {
			return nil, err
		}
	}
	if cfg.Generate {
		if err := s.startGenerator(running, endpoints); err != nil {
			return nil, err
		}
	}
	return s, s.awaitReady(ctx)
}

// startService starts the nth replica of a service; the first has the service's port.
func (s *Stack) startService(ctx context.Context, name string, n int, endpoints cloud.Config) error {
	log, port, replica := s.log.With("service", name), s.config.port(name), name
	if n > 0 {
		port, replica = 0, fmt.Sprintf("%s-%d", name, n+1)
		log = log.With("replica", replica)
	}
	set, err := readSettings(s.config.Variables, endpoints)
	if err != nil {
		return err
	}
	if set.parser.SourcesDir, err = s.config.sourcesDir(set.parser.SourcesDir); err != nil {
		return err
	}
	host, err := service.Start(name, s.config.listen(port), log, set.tracing(name))
	if err != nil {
		return fmt.Errorf("start the %s: %w", name, err)
	}
	s.hosts[replica] = host
	runner, err := set.build(context.WithoutCancel(ctx), name, host.Runtime(), s.serviceURLs())
	if err != nil {
		return fmt.Errorf("start the %s: %w", name, err)
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	s.stops[replica] = func() error {
		stop()
		<-ended
		return host.Close()
	}
	s.tasks.Go(func() {
		defer close(ended)
		defer stop()
		if err := service.RunUntil(ctx, runner, log); err != nil {
			s.fail(fmt.Errorf("%s: %w", name, err))
		}
	})
	return nil
}

// StopService drains the first replica of a service and ends it, as a deployment
// scaled down to nothing would; the sandbox is not ready until StartService. The two
// are not safe for concurrent use.
func (s *Stack) StopService(name string) error {
	stop, ok := s.stops[name]
	if !ok {
		return fmt.Errorf("no service %q runs here", name)
	}
	delete(s.stops, name)
	delete(s.hosts, name)
	return stop()
}

// StartService starts a service that was stopped, by a configuration with changes.
func (s *Stack) StartService(name string, changes ...func(*Config)) error {
	if _, ok := s.hosts[name]; ok {
		return fmt.Errorf("the %s runs already", name)
	}
	for _, change := range changes {
		change(&s.config)
	}
	if err := s.start(name); err != nil {
		return err
	}
	s.hosts[sandboxHost].Runtime().Ready(name, s.hosts[name].NotReady)
	return nil
}

// serviceURLs are the addresses of the services that listen by now.
func (s *Stack) serviceURLs() map[string]string {
	urls := make(map[string]string, len(s.hosts))
	for name, host := range s.hosts {
		urls[name] = "http://" + host.Addr()
	}
	return urls
}

func (s *Stack) startDropFolder(ctx context.Context) error {
	drop, err := newDropFolder(s.DropDir(), s.Bucket(), s.log)
	if err != nil {
		return err
	}
	s.tasks.Go(func() { drop.run(ctx) })
	return nil
}

// startReadiness serves the sandbox's own /readyz, its /faults, the metrics that
// Cloud Monitoring would have of the embedded cloud, and profiles of all that runs in
// this process under /debug/pprof/.
func (s *Stack) startReadiness() error {
	host, err := service.Start(sandboxHost, s.config.listen(s.config.ReadyPort), s.log, telemetry.Tracing{})
	if err != nil {
		return fmt.Errorf("start the readiness server: %w", err)
	}
	for name, other := range s.hosts {
		host.Runtime().Ready(name, other.NotReady)
	}
	mux := host.Runtime().HTTP
	mux.HandleFunc("/faults", s.faults.Serve)
	mux.HandleFunc("GET /faults/struck", s.faults.ServeStruck)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	s.hosts[sandboxHost] = host
	if err := host.Runtime().Registry.Register(newBacklogs(s.cloud, s.log)); err != nil {
		return fmt.Errorf("register the metrics of the embedded cloud: %w", err)
	}
	return nil
}

func (s *Stack) awaitReady(ctx context.Context) error {
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	for {
		if s.hosts[sandboxHost].NotReady() == nil {
			return nil
		}
		select {
		case <-ticks.C:
		case err := <-s.failed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Stack) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// Wait blocks until ctx is done or a service fails.
func (s *Stack) Wait(ctx context.Context) error {
	select {
	case err := <-s.failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// Close drains the services and stops the cloud.
func (s *Stack) Close() error {
	s.stop()
	s.tasks.Wait()
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(s.hosts)) {
		faults = append(faults, s.hosts[name].Close())
	}
	if s.storage != nil {
		faults = append(faults, s.storage.Close())
	}
	if s.cloud != nil {
		faults = append(faults, s.cloud.Close())
	}
	return errors.Join(faults...)
}

// Endpoints is the configuration that points Google's clients at this sandbox.
func (s *Stack) Endpoints() cloud.Config { return s.cloud.Endpoints() }

// Bucket is the bucket that files land in.
func (s *Stack) Bucket() *storage.BucketHandle { return s.storage.Bucket(s.Endpoints().Bucket) }

// DropDir is the folder whose files are uploaded.
func (s *Stack) DropDir() string { return filepath.Join(s.config.DataDir, "drop") }

// DashboardURL is where the reporter serves, or "" if it does not run here.
func (s *Stack) DashboardURL() string { return s.ServiceURL(topology.Reporter) }

// ServiceURL is where a service serves its health and metrics, or "" if it does not
// run here.
func (s *Stack) ServiceURL(name string) string {
	host, ok := s.hosts[name]
	if !ok {
		return ""
	}
	return "http://" + host.Addr()
}

// ReadyURL answers 200 when the cloud and all services are ready.
func (s *Stack) ReadyURL() string { return "http://" + s.hosts[sandboxHost].Addr() + "/readyz" }

// MetricsURL has what Cloud Monitoring would have of the embedded cloud.
func (s *Stack) MetricsURL() string { return "http://" + s.hosts[sandboxHost].Addr() + "/metrics" }

// FaultsURL takes, shows and ends a plan of faults (PUT, GET, DELETE).
func (s *Stack) FaultsURL() string { return "http://" + s.hosts[sandboxHost].Addr() + "/faults" }

// NewLog opens the log that the configuration names.
func NewLog(cfg Config) (*slog.Logger, func() error, error) {
	if cfg.Log == LogStderr {
		return telemetry.NewLogger(os.Stderr, ProjectID), func() error { return nil }, nil
	}
	return OpenLog(cfg.DataDir)
}

// OpenLog opens the sandbox's log file in its data folder.
func OpenLog(dataDir string) (*slog.Logger, func() error, error) {
	if err := os.MkdirAll(dataDir, 0o755); err != nil {
		return nil, nil, fmt.Errorf("make the data folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dataDir, "sandbox.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log: %w", err)
	}
	return telemetry.NewLogger(file, ProjectID), file.Close, nil
}

package harness

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/watcher/landing"
	"github.com/zackkki/ecomm_datapipeline/services/writer/staging"
)

// BehindLanding are the services of a sandbox whose watcher and parser are the test's own.
var BehindLanding = strings.Join([]string{topology.Writer, topology.Aggregator, topology.Reporter}, ",")

// RunService runs a service on a free port until it is stopped, or the test ends.
func RunService(t *testing.T, name string, build func(service.Runtime) (service.Runner, error)) (url string, stop func()) {
	t.Helper()
	host, err := service.Start(name, "127.0.0.1:0", slog.New(slog.DiscardHandler), telemetry.Tracing{})
	if err != nil {
		t.Fatal(err)
	}
	runner, err := build(host.Runtime())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-ended, host.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return "http://" + host.Addr(), stop
}

// Clock is the watcher's, which can be put forward.
type Clock struct{ ahead atomic.Int64 }

func (c *Clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *Clock) Forward(d time.Duration) { c.ahead.Add(int64(d)) }

// StartWatcher runs a watcher that has one place, sweeps all the time and announces a file
// again every hour of its clock, twice before it is given up.
func StartWatcher(t *testing.T, p *Pipeline, c *Clock, changes ...func(*landing.Config)) (stop func()) {
	t.Helper()
	return StartWatcherLogging(t, p, c, slog.New(slog.DiscardHandler), changes...)
}

// StartWatcherLogging is StartWatcher with a log.
func StartWatcherLogging(t *testing.T, p *Pipeline, c *Clock, log *slog.Logger, changes ...func(*landing.Config)) (stop func()) {
	t.Helper()
	cfg := defaults[landing.Config](t)
	cfg.Config, cfg.MaxFiles, cfg.MaxAnnouncements = p.Endpoints, 1, 2
	cfg.SweepInterval, cfg.SweepGrace, cfg.StuckAfter = 20*time.Millisecond, time.Minute, time.Hour
	apply(&cfg, changes)
	_, stop = RunService(t, topology.Watcher, func(rt service.Runtime) (service.Runner, error) {
		rt.Now, rt.Log = c.now, log
		return landing.New(context.Background(), cfg, rt)
	})
	return stop
}

// StartParser runs a parser that has one place, and gives its URL.
func StartParser(t *testing.T, p *Pipeline, changes ...func(*parsing.Config)) (url string, stop func()) {
	t.Helper()
	cfg := defaults[parsing.Config](t)
	cfg.Config, cfg.MaxFiles = p.Endpoints, 1
	apply(&cfg, changes)
	return RunService(t, topology.Parser, func(rt service.Runtime) (service.Runner, error) {
		return parsing.New(context.Background(), cfg, rt)
	})
}

// StartWriter runs the writer of a sandbox that was told to leave it out, until the test ends, and gives its URL.
func StartWriter(t *testing.T, p *Pipeline, changes ...func(*staging.Config)) (url string) {
	t.Helper()
	cfg := defaults[staging.Config](t)
	cfg.Config = p.Endpoints
	apply(&cfg, changes)
	url, _ = RunService(t, topology.Writer, func(rt service.Runtime) (service.Runner, error) {
		return staging.New(context.Background(), cfg, rt)
	})
	return url
}

// Daily is the reporter's daily run with its defaults, changed by the test, until the test ends.
func (p *Pipeline) Daily(t *testing.T, now func() time.Time, changes ...func(*daily.Config)) *daily.Runner {
	t.Helper()
	cfg := defaults[daily.Config](t)
	cfg.Config = p.Endpoints
	apply(&cfg, changes)
	runner, err := daily.New(t.Context(), cfg, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = runner.Close() })
	return runner
}

// defaults is a service's configuration before anybody has set a variable.
func defaults[C any](t *testing.T) (cfg C) {
	t.Helper()
	if err := config.Defaults(&cfg); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func apply[C any](cfg *C, changes []func(*C)) {
	for _, change := range changes {
		change(cfg)
	}
}

package harness

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing"
	"github.com/zackkki/ecomm_datapipeline/services/watcher/landing"
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
	_, stop = RunService(t, topology.Watcher, func(rt service.Runtime) (service.Runner, error) {
		var cfg landing.Config
		if err := config.Defaults(&cfg); err != nil {
			return nil, err
		}
		cfg.Config, cfg.MaxFiles, cfg.MaxAnnouncements = p.Endpoints, 1, 2
		cfg.SweepInterval, cfg.SweepGrace, cfg.StuckAfter = 20*time.Millisecond, time.Minute, time.Hour
		for _, change := range changes {
			change(&cfg)
		}
		rt.Now, rt.Log = c.now, log
		return landing.New(context.Background(), cfg, rt)
	})
	return stop
}

// StartParser runs a parser that has one place.
func StartParser(t *testing.T, p *Pipeline, changes ...func(*parsing.Config)) (url string, stop func()) {
	t.Helper()
	return RunService(t, topology.Parser, func(rt service.Runtime) (service.Runner, error) {
		var cfg parsing.Config
		if err := config.Defaults(&cfg); err != nil {
			return nil, err
		}
		cfg.Config, cfg.MaxFiles = p.Endpoints, 1
		for _, change := range changes {
			change(&cfg)
		}
		return parsing.New(context.Background(), cfg, rt)
	})
}

// DeliverSoon has messages that are given back delivered again at once.
func (p *Pipeline) DeliverSoon(t *testing.T, topic, consumer string) {
	t.Helper()
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	soon := durationpb.New(10 * time.Millisecond)
	if _, err := client.SubscriptionAdminClient.UpdateSubscription(t.Context(), &pubsubpb.UpdateSubscriptionRequest{
		Subscription: &pubsubpb.Subscription{
			Name:        fmt.Sprintf("projects/%s/subscriptions/%s", p.Endpoints.ProjectID, topology.Subscription(topic, consumer)),
			RetryPolicy: &pubsubpb.RetryPolicy{MinimumBackoff: soon, MaximumBackoff: soon},
		},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"retry_policy"}},
	}); err != nil {
		t.Fatal(err)
	}
}

// Staged waits until the only file in staging/ is as it should be.
func (p *Pipeline) Staged(t *testing.T, what string, is func(*storage.ObjectAttrs, *claim.Claim) bool) {
	t.Helper()
	Await(t, what, func() (bool, error) {
		object, err := p.Bucket().Objects(t.Context(), &storage.Query{Prefix: topology.Staging}).Next()
		if errors.Is(err, iterator.Done) {
			return false, errors.New("staging/ is empty")
		}
		if err != nil {
			return false, err
		}
		c, err := claim.Read(object)
		return err == nil && is(object, c), err
	})
}

func (p *Pipeline) Announced(t *testing.T, times int) {
	t.Helper()
	p.Staged(t, fmt.Sprintf("announcement %d", times), func(_ *storage.ObjectAttrs, c *claim.Claim) bool { return c.Announcements == times })
}

// Loaded waits for a file's verdict.
func (p *Pipeline) Loaded(t *testing.T, name string) {
	t.Helper()
	Await(t, name+" loaded", func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM file_ledger WHERE verdict = 'loaded' AND landing_name = 'landing/"+name+"'")
		return err == nil && rows[0][0] == int64(1), err
	})
}

// ProcessParser has this test binary be a parser, instead of running tests.
const ProcessParser = "E2E_PARSER"

func beParser() int {
	var cfg parsing.Config
	return service.Main(topology.Parser, &cfg, func(ctx context.Context, rt service.Runtime) (service.Runner, error) {
		return parsing.New(ctx, cfg, rt)
	})
}

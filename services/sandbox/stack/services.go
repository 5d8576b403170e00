package stack

import (
	"context"
	"fmt"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting"
	"github.com/zackkki/ecomm_datapipeline/services/watcher/landing"
	"github.com/zackkki/ecomm_datapipeline/services/writer/staging"
)

var serviceNames = []string{
	topology.Watcher, topology.Parser, topology.Writer, topology.Aggregator, topology.Reporter,
}

// replicas is how many of a service are run: of the reporter always one, because
// replicas of it would share the news of completed files.
func (c *Config) replicas(name string) int {
	if name == topology.Reporter {
		return 1
	}
	return c.Replicas
}

// port is where a service listens by the sandbox's configuration.
func (c *Config) port(name string) int {
	switch name {
	case topology.Watcher:
		return c.WatcherPort
	case topology.Parser:
		return c.ParserPort
	case topology.Writer:
		return c.WriterPort
	case topology.Aggregator:
		return c.AggregatorPort
	default:
		return c.DashboardPort
	}
}

// build builds one of the services. What differs from its defaults is only what
// a cloud that costs nothing and answers at once makes sensible.
//
// services are the addresses of those that run already; the reporter, which
// shows them, is the last.
func (c *Config) build(ctx context.Context, name string, endpoints cloud.Config, rt service.Runtime, services map[string]string) (service.Runner, error) {
	switch name {
	case topology.Watcher:
		var cfg landing.Config
		if err := config.Defaults(&cfg); err != nil {
			return nil, err
		}
		cfg.Config = endpoints
		cfg.SweepInterval, cfg.SweepGrace, cfg.StuckAfter = 5*time.Second, 5*time.Second, 2*time.Minute
		return landing.New(ctx, cfg, rt)
	case topology.Parser:
		var cfg parsing.Config
		if err := config.Defaults(&cfg); err != nil {
			return nil, err
		}
		cfg.Config = endpoints
		return parsing.New(ctx, cfg, rt)
	case topology.Writer:
		var cfg staging.Config
		if err := config.Defaults(&cfg); err != nil {
			return nil, err
		}
		cfg.Config = endpoints
		return staging.New(ctx, cfg, rt)
	case topology.Aggregator:
		var cfg loading.Config
		if err := config.Defaults(&cfg); err != nil {
			return nil, err
		}
		cfg.Config = endpoints
		cfg.TransactionInterval, cfg.CompletenessInterval, cfg.IncompleteAfter = 0, 100*time.Millisecond, time.Minute
		cfg.DuplicatePolicy, cfg.DedupLookbackDays = c.DuplicatePolicy, c.DedupLookbackDays
		cfg.MaxDeactivateShare, cfg.MaxBytesBilled = c.MaxDeactivateShare, c.MaxBytesBilled
		return loading.New(ctx, cfg, rt)
	case topology.Reporter:
		var cfg reporting.Config
		if err := config.Defaults(&cfg); err != nil {
			return nil, err
		}
		cfg.Config, cfg.ServiceURLs = endpoints, services
		return reporting.New(ctx, cfg, rt)
	default:
		return nil, fmt.Errorf("no service is named %q", name)
	}
}

package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
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

// build builds one of the services. urls are the addresses of those that run already; the
// reporter, which shows them, is the last.
func (set *settings) build(ctx context.Context, name string, rt service.Runtime, urls map[string]string) (service.Runner, error) {
	switch name {
	case topology.Watcher:
		return landing.New(ctx, set.watcher, rt)
	case topology.Parser:
		return parsing.New(ctx, set.parser, rt)
	case topology.Writer:
		return staging.New(ctx, set.writer, rt)
	case topology.Aggregator:
		return loading.New(ctx, set.aggregator, rt)
	case topology.Reporter:
		cfg := set.reporter
		cfg.ServiceURLs = urls
		return reporting.New(ctx, cfg, rt)
	default:
		return nil, fmt.Errorf("no service is named %q", name)
	}
}

// tracing says where a service's traces go.
func (set *settings) tracing(name string) telemetry.Tracing {
	switch name {
	case topology.Watcher:
		return set.watcher.Tracing
	case topology.Parser:
		return set.parser.Tracing
	case topology.Writer:
		return set.writer.Tracing
	case topology.Aggregator:
		return set.aggregator.Tracing
	default:
		return set.reporter.Tracing
	}
}

// sourcesDir is where the parser's sources are: SOURCES_DIR, or a folder in the data
// folder, which is made.
func (c *Config) sourcesDir(set string) (string, error) {
	if set != "" {
		return set, nil
	}
	dir := filepath.Join(c.DataDir, "sources")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the folder of the sources: %w", err)
	}
	return dir, nil
}

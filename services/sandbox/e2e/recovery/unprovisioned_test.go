package recovery

import (
	"context"
	"log/slog"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/watcher/landing"
	"github.com/zackkki/ecomm_datapipeline/services/writer/staging"
)

// builders build each service for a cloud, all else being its default.
var builders = map[string]func(context.Context, cloud.Config, service.Runtime) (service.Runner, error){
	topology.Watcher: func(ctx context.Context, c cloud.Config, rt service.Runtime) (service.Runner, error) {
		var cfg landing.Config
		err := config.Defaults(&cfg)
		if cfg.Config = c; err != nil {
			return nil, err
		}
		return landing.New(ctx, cfg, rt)
	},
	topology.Parser: func(ctx context.Context, c cloud.Config, rt service.Runtime) (service.Runner, error) {
		var cfg parsing.Config
		err := config.Defaults(&cfg)
		if cfg.Config = c; err != nil {
			return nil, err
		}
		return parsing.New(ctx, cfg, rt)
	},
	topology.Writer: func(ctx context.Context, c cloud.Config, rt service.Runtime) (service.Runner, error) {
		var cfg staging.Config
		err := config.Defaults(&cfg)
		if cfg.Config = c; err != nil {
			return nil, err
		}
		return staging.New(ctx, cfg, rt)
	},
	topology.Aggregator: func(ctx context.Context, c cloud.Config, rt service.Runtime) (service.Runner, error) {
		var cfg loading.Config
		err := config.Defaults(&cfg)
		if cfg.Config = c; err != nil {
			return nil, err
		}
		return loading.New(ctx, cfg, rt)
	},
	topology.Reporter: func(ctx context.Context, c cloud.Config, rt service.Runtime) (service.Runner, error) {
		var cfg reporting.Config
		err := config.Defaults(&cfg)
		if cfg.Config = c; err != nil {
			return nil, err
		}
		return reporting.New(ctx, cfg, rt)
	},
}

// TestServicesWithoutSubscriptions: a service whose subscription does not exist, as when
// pods start before the project is provisioned, ends, to be started again. One that
// lived on would answer its liveness probe and never work.
func TestServicesWithoutSubscriptions(t *testing.T) {
	t.Parallel()
	for name, build := range builders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endpoints := harness.EmptyCloud(t)
			host, err := service.Start(name, "127.0.0.1:0", slog.New(slog.DiscardHandler), telemetry.Tracing{})
			if err != nil {
				t.Fatal(err)
			}
			defer host.Close()
			runner, err := build(context.WithoutCancel(t.Context()), endpoints, host.Runtime())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), *harness.Deadline)
			defer cancel()
			if err := runner.Run(ctx); status.Code(err) != codes.NotFound || ctx.Err() != nil {
				t.Errorf("it ended with %v (deadline: %v), want NotFound", err, ctx.Err())
			}
		})
	}
}

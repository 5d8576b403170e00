// Package service is what every service's main does: read the configuration,
// open the health endpoints, run until a signal, drain, exit.
package service

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/version"
)

// Listen is the part of the configuration that every service has.
type Listen struct {
	ListenAddr string `envconfig:"LISTEN_ADDR" desc:"host:port of health, readiness and metrics; port 0: any free one; default: the service's own port on all interfaces"`
}

// AddrOr is ListenAddr, or the given port on all interfaces.
func (l Listen) AddrOr(port int) string {
	if l.ListenAddr != "" {
		return l.ListenAddr
	}
	return fmt.Sprintf(":%d", port)
}

// Spec is a service's configuration.
type Spec interface {
	config.Validator
	// Addr is where the health endpoints listen.
	Addr() string
	// Project is the Google Cloud project, by which logs name traces.
	Project() string
	// TracesTo says where spans are sent.
	TracesTo() telemetry.Tracing
}

// Runner is a built service. Run blocks until ctx is done, drains what is in
// flight within DrainTimeout, and returns nil after a clean end.
type Runner interface {
	Run(ctx context.Context) error
}

// Main runs the service and returns the process's exit code: 0 after a clean
// end, 1 after a failure, 2 for a wrong configuration. Notes stand under the table
// of variables that -h prints.
func Main(name string, spec Spec, build func(context.Context, Runtime) (Runner, error), notes ...string) int {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	tell := flags.Bool(version.Flag, false, version.Usage)
	flags.Usage = func() {
		_ = config.Usage(flags.Output(), name, spec)
		for _, note := range append(notes, version.Note) {
			fmt.Fprintf(flags.Output(), "\n%s\n", note)
		}
	}
	if err := flags.Parse(os.Args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if *tell {
		fmt.Println(version.Line(name))
		return 0
	}
	if err := config.Load(spec); err != nil {
		fmt.Fprintf(os.Stderr, "%s: wrong configuration:\n%v\n\nRun it with -h for the table of variables.\n", name, err)
		return 2
	}
	log := telemetry.NewLogger(os.Stderr, spec.Project()).With("service", name)
	ctx, stop := SignalContext()
	defer stop()
	if err := run(ctx, name, spec, log, build); err != nil {
		log.ErrorContext(ctx, "service failed", "error", err)
		return 1
	}
	log.InfoContext(ctx, "service stopped")
	return 0
}

func run(ctx context.Context, name string, spec Spec, log *slog.Logger, build func(context.Context, Runtime) (Runner, error)) error {
	host, err := Start(name, spec.Addr(), log, spec.TracesTo())
	if err != nil {
		return err
	}
	defer host.Close()
	// Clients keep the context they were opened with, so it must not end with
	// the signal: the last appends and publishes still need it.
	runner, err := build(context.WithoutCancel(ctx), host.Runtime())
	if err != nil {
		return fmt.Errorf("build the service: %w", err)
	}
	log.InfoContext(ctx, "service started", "address", host.Addr(), "version", version.String())
	return RunUntil(ctx, runner, log)
}

// The sandbox runs the whole pipeline on one machine: an embedded Google Cloud,
// the five services, and a generator of sample files. Run it with -h for its
// variables.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/version"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

func main() {
	cfg := stack.Config{Variables: stack.Environment()}
	tell := flag.Bool(version.Flag, false, version.Usage)
	flag.Usage = func() {
		_ = config.Usage(flag.CommandLine.Output(), "sandbox", &cfg)
		fmt.Fprintf(flag.CommandLine.Output(), "\n%s\n\n%s\n", stack.SettingsNote(), version.Note)
	}
	flag.Parse()
	if *tell {
		fmt.Println(version.Line("sandbox"))
		return
	}
	if err := config.Load(&cfg); err != nil {
		fmt.Fprintf(os.Stderr, "sandbox: wrong configuration:\n%v\n\nRun it with -h for the table of variables.\n", err)
		os.Exit(2)
	}
	signal.Ignore(syscall.SIGXFSZ) // a limit on the size of files is a full disk, which is no reason to die
	ctx, stop := service.SignalContext()
	defer stop()
	if err := run(ctx, cfg); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintf(os.Stderr, "sandbox: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, cfg stack.Config) error {
	log, closeLog, err := stack.NewLog(cfg)
	if err != nil {
		return err
	}
	defer closeLog()
	s, err := stack.Start(ctx, cfg, log)
	if err != nil {
		return err
	}
	s.WriteGuide(os.Stdout)
	return errors.Join(s.Wait(ctx), s.Close())
}

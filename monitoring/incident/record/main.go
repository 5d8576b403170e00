// Command record makes the recording of an incident that the tests of the alerts
// evaluate: `go run ./monitoring/incident/record`, after a metric has changed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/zackkki/ecomm_datapipeline/monitoring/incident"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

func main() {
	out := flag.String("out", "monitoring/testdata/incident.json.gz", "file to write")
	interval := flag.Duration("interval", 500*time.Millisecond, "time between two scrapes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *out, *interval); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string, interval time.Duration) (err error) {
	dir, err := os.MkdirTemp("", "incident")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	log, closeLog, err := stack.OpenLog(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	recording, err := incident.Record(ctx, dir, interval, log, func(phase string) {
		fmt.Fprintf(os.Stderr, "%s  %s\n", time.Now().Format(time.TimeOnly), phase)
	})
	if err != nil {
		return err
	}
	return recording.Write(out)
}

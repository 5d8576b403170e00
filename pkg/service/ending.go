package service

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// lateBy is how long a service may take beyond its drain, to hand back what it has not
// finished and to close its clients. A pod's grace period must be longer than the two.
const lateBy = 5 * time.Second

// SignalContext ends with the first signal to interrupt or terminate. The second one kills
// the process at once, as it would any other.
func SignalContext() (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
		case <-ctx.Done():
		}
		signal.Stop(signals) // before anybody learns of the first
		stop()
	}()
	return ctx, stop
}

// RunUntil runs a service until it ends, or until it has had its time after ctx is done.
// Google's clients wait for acknowledgements and publishes that an absent Pub/Sub never
// answers, minutes long. What they still hold comes again; that a process does not end
// helps nobody. So it is left behind, with a warning.
func RunUntil(ctx context.Context, runner Runner, log *slog.Logger) error {
	return runUntil(ctx, runner, log, DrainTimeout+lateBy)
}

func runUntil(ctx context.Context, runner Runner, log *slog.Logger, within time.Duration) error {
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case err := <-ended:
		return err
	case <-late.C:
		log.WarnContext(ctx, "service left behind: it did not end in time", "within", within)
		return nil
	}
}

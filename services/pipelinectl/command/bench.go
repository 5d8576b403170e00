package command

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/bench"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

func benchCommand() *cli.Command {
	return &cli.Command{
		Name:  "bench",
		Usage: "land generated files in a fresh sandbox and print what was measured, as JSON unless -o says otherwise",
		Description: "Starts a sandbox of its own and removes it afterwards; a sandbox that runs already is\n" +
			"left alone. Ends with status 1 if the outcome breaks an invariant or differs from the model.",
		Flags: append([]cli.Flag{
			&cli.IntFlag{Name: "orders", Value: 200_000, Usage: "number of orders"},
			&cli.IntFlag{Name: "files", Value: 20, Usage: "number of files that they are spread over"},
			&cli.IntFlag{Name: "days", Value: 1, Usage: "number of days that the orders are of, each file of one"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "seed of the orders"},
			&cli.StringFlag{Name: "faults", Usage: "rule=share,...: see generate orders --help"},
			&cli.IntFlag{Name: "faulty-files", Usage: "how many of the files are faulty: see drill"},
			&cli.FloatFlag{Name: "updates", Usage: "share of the orders that are later versions of earlier ones: see generate orders --help"},
			&cli.IntFlag{Name: "uploads", Value: 4, Usage: "files uploaded at the same time"},
			&cli.IntFlag{Name: "telemetry", Usage: "compare traces off and on, in so many rounds of both"},
			&cli.IntFlag{Name: "samples", Usage: "how often each question of the dashboard is asked afterwards, always for another period"},
			&cli.BoolFlag{Name: "model", Value: true, Usage: "compare every fact with the model"},
		}, sandboxFlags()...),
		Action: runBench,
	}
}

// sandboxFlags are those of the commands that start a sandbox.
func sandboxFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "sandbox", Usage: "the sandbox's executable; default: build it"},
		&cli.StringFlag{Name: "data-dir", Usage: "an empty folder for the sandbox's state, kept afterwards; default: one that is removed"},
		&cli.DurationFlag{Name: "timeout", Value: 10 * time.Minute, Usage: "how long the load may take"},
	}
}

func runBench(ctx context.Context, cmd *cli.Command) error {
	shares, err := generate.ParseShares(cmd.String("faults"))
	if err != nil {
		return err
	}
	cfg := bench.Config{
		Orders: cmd.Int("orders"), Files: cmd.Int("files"), Days: cmd.Int("days"), Seed: cmd.Uint64("seed"), Faults: shares, Faulty: cmd.Int("faulty-files"), Updates: cmd.Float("updates"),
		Uploads: cmd.Int("uploads"), Sandbox: cmd.String("sandbox"), Dir: cmd.String("data-dir"),
		Model: cmd.Bool("model"), Samples: cmd.Int("samples"), Timeout: cmd.Duration("timeout"),
		Stderr: cmd.Root().ErrWriter,
	}
	var report interface {
		Measured() bool
		Right() bool
	}
	if rounds := cmd.Int("telemetry"); rounds > 0 {
		if cfg.Dir != "" {
			return usage.Errorf("--telemetry needs a fresh folder for each run: leave out --data-dir")
		}
		var compared bench.Comparison
		compared, err = measure(ctx, cmd, cfg, func(ctx context.Context, cfg bench.Config) (bench.Comparison, error) {
			return bench.Compare(ctx, cfg, rounds)
		})
		report = &compared
	} else {
		var once bench.Report
		once, err = measure(ctx, cmd, cfg, bench.Run)
		report = &once
	}
	// What was measured is printed, whatever else has failed.
	if err != nil && !report.Measured() {
		return err
	}
	if err := errors.Join(err, console.ReportPrinterOf(cmd).Figures(report)); err != nil {
		return err
	}
	if !report.Right() {
		return errors.New("the outcome is wrong")
	}
	return nil
}

// maxBenchDays leaves the oldest order younger than the rules allow.
const maxBenchDays = 3000

// measure checks the numbers and runs, with a bar for each stage.
func measure[R any](ctx context.Context, cmd *cli.Command, cfg bench.Config, run func(context.Context, bench.Config) (R, error)) (report R, err error) {
	switch {
	case cfg.Orders < 1, cfg.Files < 1, cfg.Files > cfg.Orders, cfg.Uploads < 1:
		return report, usage.Errorf("--orders and --uploads must be positive, --files from 1 to --orders")
	case cfg.Days < 1, cfg.Days > maxBenchDays:
		return report, usage.Errorf("--days must be from 1 to %d", maxBenchDays)
	case cfg.Samples < 0, cfg.Samples > 300:
		return report, usage.Errorf("--samples must be from 0 to 300")
	case cfg.Faulty < 0, cfg.Faulty > cfg.Files/2:
		return report, usage.Errorf("--faulty-files must be from 0 to half of --files")
	}
	stages := stages{w: cmd.Root().ErrWriter}
	cfg.Progress = stages.show
	report, err = run(ctx, cfg)
	stages.end()
	return report, err
}

// stages shows one bar after the other.
type stages struct {
	w     io.Writer
	stage string
	bar   *progressbar.ProgressBar
}

func (s *stages) show(stage string, done, total int64) {
	if stage != s.stage {
		s.end()
		if total == 0 {
			total = -1 // a spinner
		}
		s.stage, s.bar = stage, console.Progress(s.w, total, stage)
	}
	_ = s.bar.Set64(done)
}

func (s *stages) end() {
	if s.bar != nil {
		_ = s.bar.Finish()
		s.bar = nil
	}
}

package command

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/bench"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
)

func benchCommand() *cli.Command {
	return &cli.Command{
		Name:  "bench",
		Usage: "land generated files in a fresh sandbox and print what was measured, as JSON",
		Description: "Starts a sandbox of its own and removes it afterwards; a sandbox that runs already is\n" +
			"left alone. Ends with status 1 if the outcome breaks an invariant or differs from the model.",
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "orders", Value: 200_000, Usage: "number of orders"},
			&cli.IntFlag{Name: "files", Value: 20, Usage: "number of files that they are spread over"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "seed of the orders"},
			&cli.StringFlag{Name: "faults", Usage: "rule=share,...: see generate orders --help"},
			&cli.IntFlag{Name: "uploads", Value: 4, Usage: "files uploaded at the same time"},
			&cli.BoolFlag{Name: "model", Value: true, Usage: "compare every fact with the model"},
			&cli.StringFlag{Name: "sandbox", Usage: "the sandbox's executable; default: build it"},
			&cli.StringFlag{Name: "data-dir", Usage: "an empty folder for the sandbox's state, kept afterwards; default: one that is removed"},
			&cli.DurationFlag{Name: "timeout", Value: 10 * time.Minute, Usage: "how long the load may take"},
		},
		Action: runBench,
	}
}

func runBench(ctx context.Context, cmd *cli.Command) error {
	shares, err := generate.ParseShares(cmd.String("faults"))
	if err != nil {
		return err
	}
	cfg := bench.Config{
		Orders: cmd.Int("orders"), Files: cmd.Int("files"), Seed: cmd.Uint64("seed"), Faults: shares,
		Uploads: cmd.Int("uploads"), Sandbox: cmd.String("sandbox"), Dir: cmd.String("data-dir"),
		Model: cmd.Bool("model"), Timeout: cmd.Duration("timeout"),
		Stderr: cmd.Root().ErrWriter,
	}
	if cfg.Orders < 1 || cfg.Files < 1 || cfg.Files > cfg.Orders || cfg.Uploads < 1 {
		return errors.New("--orders and --uploads must be positive, --files from 1 to --orders")
	}
	stages := stages{w: cmd.Root().ErrWriter}
	cfg.Progress = stages.show
	report, err := bench.Run(ctx, cfg)
	stages.end()
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(cmd.Root().Writer)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		return err
	}
	if !report.Invariants.Holds || report.Model != nil && !report.Model.Holds {
		return errors.New("the outcome is wrong")
	}
	return nil
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
		s.stage, s.bar = stage, progress(s.w, total, stage)
	}
	_ = s.bar.Set64(done)
}

func (s *stages) end() {
	if s.bar != nil {
		_ = s.bar.Finish()
		s.bar = nil
	}
}

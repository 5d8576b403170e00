package command

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/storm"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

func stormCommand() *cli.Command {
	return &cli.Command{
		Name:  "storm",
		Usage: "kill, freeze and starve a pipeline of its own under load, and print what it lost, as JSON unless -o says otherwise",
		Description: "Runs the embedded cloud and each service as processes of their own, in a fresh folder. While files of\n" +
			"every kind land, spells of kills, freezes and faults of calls, messages and jobs take turns with outages\n" +
			"of one thing each: BigQuery, Pub/Sub, Cloud Storage, a service, the cloud, its disk. Then it waits until\n" +
			"all is quiet and compares every table with the reference model, and all with the archive. The report says the seed; the same seed\n" +
			"draws the same files and blows again.\n\n" +
			"A line for every blow goes to stderr. Ends with status 1 if an order was lost or doubled, a table differs, a\n" +
			"healthy file was quarantined, a message became a dead letter, a process panicked, it did not become quiet,\n" +
			"or that could not be found out.",
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "duration", Value: 2 * time.Minute, Usage: "how long files land and blows fall"},
			&cli.IntFlag{Name: "orders", Value: 20_000, Usage: "number of orders, spread evenly over the duration"},
			&cli.Uint64Flag{Name: "seed", Usage: "seed of files and blows; default: a new one"},
			&cli.DurationFlag{Name: "spell", Value: 90 * time.Second, Usage: "how long blows fall between two outages; 0: none do, to measure recoveries alone"},
			&cli.DurationFlag{Name: "outage", Value: 20 * time.Second, Usage: "how long each outage lasts"},
			&cli.DurationFlag{Name: "settle", Value: 30 * time.Minute, Usage: "how long the pipeline may take to become quiet in the end"},
			&cli.StringFlag{Name: "programs", Usage: "folder of the built programs (sandbox, watcher, ...); default: build them"},
			&cli.StringFlag{Name: "data-dir", Usage: "an empty folder for state, files and logs, kept afterwards; default: one that is removed"},
		},
		Action: runStorm,
	}
}

func runStorm(ctx context.Context, cmd *cli.Command) error {
	cfg := storm.Config{
		Seed: cmd.Uint64("seed"), Duration: cmd.Duration("duration"), Orders: cmd.Int("orders"),
		Spell: cmd.Duration("spell"), Outage: cmd.Duration("outage"), Settle: cmd.Duration("settle"),
		Programs: cmd.String("programs"), Dir: cmd.String("data-dir"), Log: cmd.Root().ErrWriter,
	}
	if !cmd.IsSet("seed") {
		cfg.Seed = uint64(rand.Uint32())
	}
	if cfg.Orders < 1 || min(cfg.Duration, cfg.Outage, cfg.Settle) <= 0 || cfg.Spell < 0 {
		return usage.Errorf("--orders, --duration, --outage and --settle must be positive, --spell not negative")
	}
	report, err := storm.Run(ctx, cfg)
	if err != nil && !report.Checked() {
		return fmt.Errorf("seed %d: not compared: %w", cfg.Seed, err)
	}
	if err := errors.Join(err, console.ReportPrinterOf(cmd).Figures(report)); err != nil {
		return err
	}
	if !report.Right() {
		return errors.New("the outcome is wrong")
	}
	return nil
}

package command

import (
	"context"
	"errors"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

const (
	graceFlag = "grace"
	// defaultGrace is when the watcher takes a file for stuck, too.
	defaultGrace = 15 * time.Minute
)

func verifyCommand() *cli.Command {
	return &cli.Command{
		Name:  "verify",
		Usage: "check the pipeline's promises against warehouse and bucket",
		Description: "Reads whole tables and changes nothing. It may be run while files are on their way: they are\n" +
			"counted, and are a fault only after --grace. It misses no file that the bucket's lifecycle\n" +
			"has deleted. With --from-archive it also reads the files that the bucket keeps and compares\n" +
			"what they say, which wants a quiet pipeline. Ends with status 1 if a promise is broken.",
		Flags: append([]cli.Flag{
			ignoreSetting(),
			&cli.DurationFlag{Name: graceFlag, Value: defaultGrace, Usage: "how long a file may be on its way; 0: none may"},
		}, archiveFlags()...),
		Action: withConfig(runVerify),
	}
}

func runVerify(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (err error) {
	clients, err := verify.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, clients.Close()) }()
	if clients.Ignore, err = ignoreOf(cmd); err != nil {
		return err
	}
	if !cmd.Bool(fromArchiveFlag) && len(cmd.StringSlice(landedDateFlag)) > 0 {
		return usage.Errorf("--%s needs --%s", landedDateFlag, fromArchiveFlag)
	}
	bar := console.Progress(cmd.Root().ErrWriter, -1, "checks")
	clients.Progress = func(answered, all int) {
		bar.ChangeMax(all)
		_ = bar.Set(answered)
	}
	violations, onTheWay, err := verify.AtWork(ctx, clients, cmd.Duration(graceFlag))
	if err = errors.Join(err, bar.Finish()); err != nil {
		return err
	}
	recomputed := &verify.Recomputed{}
	if cmd.Bool(fromArchiveFlag) {
		if recomputed, err = recompute(ctx, cmd, cfg, clients); err != nil {
			return err
		}
		violations = append(violations, recomputed.Violations...)
	}
	p := console.PrinterOf(cmd)
	if cmd.Bool(fromArchiveFlag) {
		for _, skipped := range recomputed.Skipped {
			p.Say("not compared: %s", skipped)
		}
		p.Say("%s of %s compared", plural.Of(recomputed.Records, "record"), plural.Of(recomputed.Files, "file"))
	}
	if p.Format == render.Table {
		for _, v := range violations {
			p.Say("%s", v)
		}
	} else if err := p.Rows(render.Of(brokenPromises(violations)), ""); err != nil {
		return err
	}
	if len(violations) > 0 {
		return errors.New("the invariants do not hold")
	}
	if onTheWay > 0 {
		p.Say("all invariants hold; %s on the way", plural.Of(onTheWay, "object"))
		return nil
	}
	p.Say("all invariants hold")
	return nil
}

// brokenPromise is one as a row.
type brokenPromise struct {
	Invariant string `bigquery:"invariant"`
	Detail    string `bigquery:"detail"`
}

func brokenPromises(violations []verify.Violation) []brokenPromise {
	rows := make([]brokenPromise, len(violations))
	for i, v := range violations {
		rows[i] = brokenPromise(v)
	}
	return rows
}

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
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/replay"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const reasonFlag = "reason"

func discardCommand() *cli.Command {
	return &cli.Command{
		Name:      "discard",
		Usage:     "note that nothing is to be done about dead letters of a subscription",
		ArgsUsage: "SUBSCRIPTION",
		Description: "They stay in the table dead_letters; replay passes over them. What was replayed and has\n" +
			"come back, or belongs to a file that was read again, is settled already and is left as it is.\n" +
			"With --" + liveFlag + " those of a consumer are gone for good; see dlq show --" + liveFlag + " first.",
		Flags: append(letterFlags("those that wait in Pub/Sub; SUBSCRIPTION may be a consumer's"),
			&cli.StringFlag{Name: reasonFlag, Usage: "why; kept in dead_letter_fates", Required: true}),
		Action: withStatus(withConfig(runDiscard)),
	}
}

func runDiscard(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	selection, err := selectionOf(cmd)
	if err != nil {
		return err
	}
	if cmd.String(reasonFlag) == "" {
		return usage.Errorf("--%s must not be empty", reasonFlag)
	}
	p, dryRun := console.PrinterOf(cmd), cmd.Bool(dryRunFlag)
	var rows []letterRow
	discard := replay.Discard
	if cmd.Bool(liveFlag) {
		discard = replay.DiscardLive
	}
	bar := console.Progress(cmd.Root().ErrWriter, -1, "dead letters")
	n, err := discard(ctx, cfg, selection, cmd.String(reasonFlag), dryRun, time.Now, func(l replay.DeadLetter) {
		_ = bar.Add(1)
		rows = append(rows, rowOf(l))
		if dryRun {
			p.Say("%s %s: %q", l.ID, plural.Of(len(l.Data), "byte"), l.Error)
		}
	})
	if err = errors.Join(err, bar.Finish()); err != nil {
		return err
	}
	if err := p.Beside(render.Of(rows)); err != nil {
		return err
	}
	if dryRun {
		p.Say("%s would be discarded (dry run: nothing was changed)", plural.Of(n, "dead letter"))
	} else {
		p.Say("%s discarded", plural.Of(n, "dead letter"))
	}
	return nil
}

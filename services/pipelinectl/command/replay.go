package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/replay"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	againFlag = "again"
	rateFlag  = "rate"
)

func replayCommand() *cli.Command {
	return &cli.Command{
		Name:      "replay",
		Usage:     "publish dead letters of a subscription again, after the fix",
		ArgsUsage: "SUBSCRIPTION",
		Description: "Publishes to the topic that the subscription reads; a message that comes again is harmless to\n" +
			"every consumer. A dead letter is replayed once: if its message is given up again, the newer one is\n" +
			fmt.Sprintf("the one to replay, up to %d times. Records of a reading that is in the ledger are left alone:\n", replay.MaxReplays) +
			"have their file read again with reprocess or release. The subscriptions are\n  " + strings.Join(topology.Subscriptions(), "\n  "),
		Flags: append(letterFlags("those that wait in Pub/Sub; SUBSCRIPTION may be a consumer's, and whoever else reads its topic gets them again, too"),
			&cli.FloatFlag{Name: rateFlag, Usage: "dead letters published a second at most; 0: as fast as they go"},
			&cli.BoolFlag{Name: againFlag, Usage: "publish the dead letters that --" + idFlag + " names also if they were replayed or discarded, or replayed too often"}),
		Action: withStatus(withConfig(runReplay)),
	}
}

func runReplay(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	selection, err := selectionOf(cmd)
	if err != nil {
		return err
	}
	if selection.Again && len(selection.IDs) == 0 {
		return usage.Errorf("--%s needs the dead letters by --%s", againFlag, idFlag)
	}
	p, dryRun := console.PrinterOf(cmd), cmd.Bool(dryRunFlag)
	var rows []letterRow
	replayable := 0
	run := replay.Run
	if cmd.Bool(liveFlag) {
		run = replay.RunLive
	}
	bar := console.Progress(cmd.Root().ErrWriter, -1, "dead letters")
	each := func(l replay.DeadLetter) {
		_ = bar.Add(1)
		rows = append(rows, rowOf(l))
		willGo := l.Replayable(selection.Again)
		if willGo {
			replayable++
		}
		switch {
		case l.Fate == replay.Decided:
			p.Say("%s left alone, file %s is in the ledger", l.ID, l.FileID.StringVal)
		case l.Fate == replay.Exhausted && !selection.Again:
			p.Say("%s left alone, given up after %s: %q", l.ID, plural.Of(l.Replays, "replay"), l.Error)
		case dryRun && willGo:
			p.Say("%s %s: %q", l.ID, plural.Of(len(l.Data), "byte"), l.Error)
		}
	}
	var outcome replay.Outcome
	publish := func() (_ []int64, err error) {
		outcome, err = run(ctx, cfg, selection, dryRun, time.Now, each)
		return []int64{int64(outcome.Published), int64(outcome.Published)}, err
	}
	if dryRun {
		_, err = publish()
	} else {
		err = told(ctx, cmd, cfg, func(lineage *openlineage.Session) error {
			return lineage.Tell(ctx, func(e *openlineage.Events, begun time.Time) (*openlineage.Work, error) {
				letters, topic, err := replay.Way(ctx, cfg, selection.Subscription, cmd.Bool(liveFlag))
				return e.Replay(selection.Subscription, letters, topic, begun), err
			}, publish)
		})
	}
	if err = errors.Join(err, bar.Finish()); err != nil {
		return err
	}
	if err := p.Beside(render.Of(rows)); err != nil {
		return err
	}
	if dryRun {
		p.Say("%s would be published again (dry run: nothing was changed)", plural.Of(replayable, "dead letter"))
	} else {
		p.Say("%s published again", plural.Of(outcome.Published, "dead letter"))
	}
	return tellReplay(p, outcome, cmd.Bool(liveFlag))
}

// tellReplay says what was not published again, and what is to be done about it.
func tellReplay(p console.Printer, outcome replay.Outcome, live bool) error {
	for _, fate := range replay.Fates() {
		if n := outcome.PassedOver[fate]; n > 0 {
			p.Say("%d passed over: %s", n, passedOver[fate])
		}
	}
	for _, r := range outcome.Refused {
		p.Say("%s refused by the topic: %s", r.ID, r.Reason)
	}
	for _, file := range outcome.Decided {
		command := "reprocess"
		if file.Verdict == landedfile.Quarantined {
			command = "release"
		}
		p.Say("read again with: pipelinectl %s %s", command, file.ID)
	}
	if n := len(outcome.Refused); n > 0 {
		where := "the table dead_letters"
		if live {
			where = "Pub/Sub"
		}
		return fmt.Errorf("%s cannot be published again; left in %s", plural.Of(n, "dead letter"), where)
	}
	return nil
}

// passedOver says why nothing is done about a dead letter.
var passedOver = map[replay.Fate]string{
	replay.Exhausted: fmt.Sprintf("given up after %d replays (fix the cause; then --%s --%s)", replay.MaxReplays, idFlag, againFlag),
	replay.Replayed:  "replayed, and not come back",
	replay.DiedAgain: "replayed and given up again, as newer dead letters",
	replay.Discarded: "discarded",
	replay.Decided:   "records of files that are in the ledger",
	replay.Resolved:  "records of files that were read again",
}

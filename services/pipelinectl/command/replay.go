package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/replay"
)

const (
	fromFlag   = "from"
	toFlag     = "to"
	idFlag     = "id"
	againFlag  = "again"
	reasonFlag = "reason"
)

// deadLetterFlags select the dead letters that a command works on.
func letterFlags() []cli.Flag {
	return append(letterSelection(), &cli.BoolFlag{Name: dryRunFlag, Usage: "list the dead letters and change nothing"})
}

func replayCommand() *cli.Command {
	return &cli.Command{
		Name:      "replay",
		Usage:     "publish dead letters of a subscription again, after the fix",
		ArgsUsage: "SUBSCRIPTION",
		Description: "Publishes to the topic that the subscription reads; a message that comes again is harmless to\n" +
			"every consumer. A dead letter is replayed once: if its message is given up again, the newer one is\n" +
			fmt.Sprintf("the one to replay, up to %d times. Records of a reading that is in the ledger are left alone:\n", replay.MaxReplays) +
			"have their file read again with reprocess or release. The subscriptions are\n  " + strings.Join(topology.Subscriptions(), "\n  "),
		Flags: append(letterFlags(),
			&cli.FloatFlag{Name: rateFlag, Usage: "dead letters published a second at most; 0: as fast as they go"},
			&cli.BoolFlag{Name: againFlag, Usage: "publish the dead letters that --" + idFlag + " names also if they were replayed or discarded, or replayed too often"}),
		Action: usage(withConfig(runReplay)),
	}
}

func discardCommand() *cli.Command {
	return &cli.Command{
		Name:      "discard",
		Usage:     "note that nothing is to be done about dead letters of a subscription",
		ArgsUsage: "SUBSCRIPTION",
		Description: "They stay in the table dead_letters; replay passes over them. What was replayed and has\n" +
			"come back, or belongs to a file that was read again, is settled already and is left as it is.",
		Flags: append(letterFlags(),
			&cli.StringFlag{Name: reasonFlag, Usage: "why; kept in dead_letter_fates", Required: true}),
		Action: usage(withConfig(runDiscard)),
	}
}

// selectionOf reads the flags of letterFlags.
func selectionOf(cmd *cli.Command) (replay.Selection, error) {
	if cmd.Args().Len() != 1 {
		return replay.Selection{}, misuse("give one SUBSCRIPTION")
	}
	s, err := letterSelectionOf(cmd)
	s.Again, s.PerSecond = cmd.Bool(againFlag), cmd.Float(rateFlag)
	if s.PerSecond < 0 {
		err = errors.Join(err, misuse("--%s must not be negative", rateFlag))
	}
	return s, err
}

// selectionBy are the dead letters of a subscription that were given up on the days of the flags.
func selectionBy(cmd *cli.Command, subscription string) (replay.Selection, error) {
	s := replay.Selection{Subscription: subscription}
	now := time.Now().UTC()
	var err1, err2 error
	s.From, err1 = dateFlag(cmd, fromFlag, now.Add(-topology.DeadLetterRetention))
	s.To, err2 = dateFlag(cmd, toFlag, now)
	return s, errors.Join(err1, err2)
}

func runDiscard(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	selection, err := selectionOf(cmd)
	if err != nil {
		return err
	}
	if cmd.String(reasonFlag) == "" {
		return misuse("--%s must not be empty", reasonFlag)
	}
	p, dryRun := printerOf(cmd), cmd.Bool(dryRunFlag)
	var rows []letterRow
	n, err := replay.Discard(ctx, cfg, selection, cmd.String(reasonFlag), dryRun, time.Now, func(l replay.DeadLetter) {
		rows = append(rows, rowOf(l))
		if dryRun {
			p.say("%s %s: %q", l.ID, plural.Of(len(l.Data), "byte"), l.Error)
		}
	})
	if err != nil {
		return err
	}
	if err := p.beside(render.Of(rows)); err != nil {
		return err
	}
	if dryRun {
		p.say("%s would be discarded (dry run: nothing was changed)", plural.Of(n, "dead letter"))
	} else {
		p.say("%s discarded", plural.Of(n, "dead letter"))
	}
	return nil
}

func runReplay(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	selection, err := selectionOf(cmd)
	if err != nil {
		return err
	}
	if selection.Again && len(selection.IDs) == 0 {
		return misuse("--%s needs the dead letters by --%s", againFlag, idFlag)
	}
	p, dryRun := printerOf(cmd), cmd.Bool(dryRunFlag)
	var rows []letterRow
	replayable := 0
	outcome, err := replay.Run(ctx, cfg, selection, dryRun, time.Now, func(l replay.DeadLetter) {
		rows = append(rows, rowOf(l))
		if l.Replayable(selection.Again) {
			replayable++
		}
		switch {
		case l.Fate == replay.Decided:
			p.say("%s left alone, file %s is in the ledger", l.ID, l.FileID.StringVal)
		case l.Fate == replay.Exhausted && !selection.Again:
			p.say("%s left alone, given up after %s: %q", l.ID, plural.Of(l.Replays, "replay"), l.Error)
		case dryRun && l.Replayable(selection.Again):
			p.say("%s %s: %q", l.ID, plural.Of(len(l.Data), "byte"), l.Error)
		}
	})
	if err != nil {
		return err
	}
	if err := p.beside(render.Of(rows)); err != nil {
		return err
	}
	if dryRun {
		p.say("%s would be published again (dry run: nothing was changed)", plural.Of(replayable, "dead letter"))
	} else {
		p.say("%s published again", plural.Of(outcome.Published, "dead letter"))
	}
	return tellReplay(p, outcome)
}

// tellReplay says what was not published again, and what is to be done about it.
func tellReplay(p printer, outcome replay.Outcome) error {
	for _, fate := range replay.Fates() {
		if n := outcome.PassedOver[fate]; n > 0 {
			p.say("%d passed over: %s", n, passedOver[fate])
		}
	}
	for _, r := range outcome.Refused {
		p.say("%s refused by the topic: %s", r.ID, r.Reason)
	}
	for _, file := range outcome.Decided {
		command := "reprocess"
		if file.Verdict == landedfile.Quarantined {
			command = "release"
		}
		p.say("read again with: pipelinectl %s %s", command, file.ID)
	}
	if n := len(outcome.Refused); n > 0 {
		return fmt.Errorf("%s cannot be published again; left in the table dead_letters", plural.Of(n, "dead letter"))
	}
	return nil
}

// letterRow is a dead letter as it is listed. Its fate is that before the command.
type letterRow struct {
	ID      string              `bigquery:"dead_letter_id"`
	Fate    replay.Fate         `bigquery:"fate"`
	Replays int64               `bigquery:"replays"`
	FileID  bigquery.NullString `bigquery:"file_id"`
	Bytes   int                 `bigquery:"bytes"`
	Error   string              `bigquery:"error"`
}

func rowOf(l replay.DeadLetter) letterRow {
	return letterRow{l.ID, l.Fate, l.Replays, l.FileID, len(l.Data), l.Error}
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

// dateFlag is a day given by a flag, or that of otherwise.
func dateFlag(cmd *cli.Command, name string, otherwise time.Time) (civil.Date, error) {
	text := cmd.String(name)
	if text == "" {
		return civil.DateOf(otherwise), nil
	}
	day, err := civil.ParseDate(text)
	if err != nil {
		return civil.Date{}, misuse("--%s %q: %w", name, text, err)
	}
	return day, nil
}

package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/replay"
)

const (
	fromFlag = "from"
	toFlag   = "to"
	idFlag   = "id"
)

func replayCommand() *cli.Command {
	return &cli.Command{
		Name:      "replay",
		Usage:     "publish dead letters of a subscription again, after the fix",
		ArgsUsage: "SUBSCRIPTION",
		Description: "Publishes to the topic that the subscription reads; a message that comes again is harmless to\n" +
			"every consumer. Records of a reading that is in the ledger are left alone: have their file read\n" +
			"again with reprocess or release. Those of a reading that was replaced are passed over. The subscriptions are\n  " + strings.Join(topology.Subscriptions(), "\n  "),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: fromFlag, Usage: "first day on which the letters were given up (2006-01-02, UTC); default: 31 days ago"},
			&cli.StringFlag{Name: toFlag, Usage: "last such day; default: today"},
			&cli.StringSliceFlag{Name: idFlag, Usage: "only the letter with this dead_letter_id; may be given again"},
			&cli.BoolFlag{Name: dryRunFlag, Usage: "list the letters and publish nothing"},
		},
		Action: withConfig(runReplay),
	}
}

func runReplay(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	if cmd.Args().Len() != 1 {
		return errors.New("give one SUBSCRIPTION")
	}
	selection := replay.Selection{Subscription: cmd.Args().First(), IDs: cmd.StringSlice(idFlag)}
	now := time.Now().UTC()
	var err error
	if selection.From, err = dateFlag(cmd, fromFlag, now.Add(-topology.DeadLetterRetention)); err != nil {
		return err
	}
	if selection.To, err = dateFlag(cmd, toFlag, now); err != nil {
		return err
	}
	out, dryRun := cmd.Root().Writer, cmd.Bool(dryRunFlag)
	outcome, err := replay.Run(ctx, cfg, selection, dryRun, func(l replay.Letter) {
		switch {
		case l.Decided:
			fmt.Fprintf(out, "%s left alone, file %s is in the ledger\n", l.ID, l.FileID.StringVal)
		case dryRun:
			fmt.Fprintf(out, "%s %d bytes: %q\n", l.ID, len(l.Data), l.Error)
		}
	})
	if err != nil {
		return err
	}
	if !dryRun {
		fmt.Fprintf(out, "%d letters published again\n", outcome.Published)
	}
	for _, r := range outcome.Refused {
		fmt.Fprintf(out, "%s refused by the topic: %s\n", r.ID, r.Reason)
	}
	for _, file := range outcome.Decided {
		command := "reprocess"
		if file.Verdict == "quarantined" {
			command = "release"
		}
		fmt.Fprintf(out, "read again with: pipelinectl %s %s\n", command, file.ID)
	}
	if n := len(outcome.Refused); n > 0 {
		return fmt.Errorf("%d letters cannot be published again; they stay in dead_letters", n)
	}
	return nil
}

// dateFlag is a day given by a flag, or that of otherwise.
func dateFlag(cmd *cli.Command, name string, otherwise time.Time) (civil.Date, error) {
	text := cmd.String(name)
	if text == "" {
		return civil.DateOf(otherwise), nil
	}
	day, err := civil.ParseDate(text)
	if err != nil {
		return civil.Date{}, fmt.Errorf("--%s %q: %w", name, text, err)
	}
	return day, nil
}

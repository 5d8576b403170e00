package command

import (
	"errors"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/replay"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	fromFlag  = "from"
	toFlag    = "to"
	idFlag    = "id"
	errorFlag = "error"
	fileFlag  = "file"
	fateFlag  = "fate"
	liveFlag  = "live"
)

// letterSelection are flags that select dead letters, each besides the others.
func letterSelection() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: fromFlag, Usage: "first day on which the dead letters were given up (2006-01-02, UTC); default: 31 days ago"},
		&cli.StringFlag{Name: toFlag, Usage: "last such day; default: today"},
		&cli.StringSliceFlag{Name: idFlag, Usage: "only the dead letter with this dead_letter_id; may be given again"},
		&cli.StringFlag{Name: errorFlag, Usage: "only those whose error has this part, in any case"},
		&cli.StringFlag{Name: fileFlag, Usage: "only those that are of this file, by its FILE_ID"},
		&cli.StringSliceFlag{Name: fateFlag, Usage: "only those with this fate: " + strings.Join(fates(), ", ") + "; may be given again"},
	}
}

func fates() []string {
	words := []string{string(replay.Open), string(replay.Waiting)}
	for _, fate := range replay.Fates() {
		words = append(words, string(fate))
	}
	return words
}

// letterSelectionOf reads the flags of letterSelection; no subscription is all of them.
func letterSelectionOf(cmd *cli.Command) (replay.Selection, error) {
	s, err := selectionBy(cmd, cmd.Args().First())
	if err != nil {
		return s, err
	}
	s.IDs, s.Error, s.FileID = cmd.StringSlice(idFlag), cmd.String(errorFlag), cmd.String(fileFlag)
	for _, word := range cmd.StringSlice(fateFlag) {
		if !slices.Contains(fates(), word) {
			return s, usage.Errorf("--%s is one of %s, not %q", fateFlag, strings.Join(fates(), ", "), word)
		}
		s.Fates = append(s.Fates, replay.Fate(word))
	}
	return s, nil
}

// liveLetters has a command look for dead letters in Pub/Sub instead of in the table.
func liveLetters(usage string) cli.Flag { return &cli.BoolFlag{Name: liveFlag, Usage: usage} }

// letterFlags select the dead letters that a command works on.
func letterFlags(live string) []cli.Flag {
	return append(letterSelection(), liveLetters(live), &cli.BoolFlag{Name: dryRunFlag, Usage: "list the dead letters and change nothing"})
}

// selectionOf reads the flags of letterFlags.
func selectionOf(cmd *cli.Command) (replay.Selection, error) {
	if cmd.Args().Len() != 1 {
		return replay.Selection{}, usage.Errorf("give one SUBSCRIPTION")
	}
	s, err := letterSelectionOf(cmd)
	s.Again, s.PerSecond = cmd.Bool(againFlag), cmd.Float(rateFlag)
	if s.PerSecond < 0 {
		err = errors.Join(err, usage.Errorf("--%s must not be negative", rateFlag))
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

// dateFlag is a day given by a flag, or that of otherwise.
func dateFlag(cmd *cli.Command, name string, otherwise time.Time) (civil.Date, error) {
	text := cmd.String(name)
	if text == "" {
		return civil.DateOf(otherwise), nil
	}
	day, err := civil.ParseDate(text)
	if err != nil {
		return civil.Date{}, usage.Errorf("--%s %q: %w", name, text, err)
	}
	return day, nil
}

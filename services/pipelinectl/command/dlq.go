package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/feed"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/replay"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

func dlqCommand() *cli.Command {
	return &cli.Command{
		Name: "dlq", Usage: "list, show, replay and discard dead letters",
		Commands: []*cli.Command{
			{
				Name: "list", ArgsUsage: "[SUBSCRIPTION]", Usage: "list dead letters and what became of each",
				Description: "Those of the table dead_letters; with --" + liveFlag + " those that wait in Pub/Sub, where SUBSCRIPTION may be a\n" +
					"consumer's, too. Pub/Sub may show what was looked at a moment ago only a minute later. Ends with status 1 if one is open or waiting. The pipeline's subscriptions are\n  " + replay.Names(),
				Flags: append(letterSelection(), liveLetters("look into Pub/Sub, without taking anything out of it"),
					&cli.IntFlag{Name: mostFlag, Value: 50, Usage: "at most so many, the newest; 0: all"}),
				Action: withStatus(withConfig(runLetterList)),
			},
			{
				Name: "show", ArgsUsage: "DEAD_LETTER_ID", Usage: "show a dead letter whole: its error, attributes and message",
				Description: "From the table dead_letters; with --" + liveFlag + " from Pub/Sub, where all dead-letter subscriptions are looked into.",
				Flags: []cli.Flag{
					liveLetters("look into Pub/Sub, without taking it out"),
					&cli.StringFlag{Name: fromFlag, Usage: "first day to look at (2006-01-02, UTC); default: 31 days ago"},
					&cli.StringFlag{Name: toFlag, Usage: "last such day; default: today"},
				},
				Action: withStatus(withConfig(runLetterShow)),
			},
			replayCommand(), discardCommand(),
		},
	}
}

// shownLetter is a dead letter in a list.
type shownLetter struct {
	ID           string      `bigquery:"dead_letter_id"`
	Subscription string      `bigquery:"subscription"`
	At           string      `bigquery:"dead_lettered_at"`
	Fate         replay.Fate `bigquery:"fate"`
	Replays      int64       `bigquery:"replays"`
	FileID       string      `bigquery:"file_id"`
	Bytes        int         `bigquery:"bytes"`
	Error        string      `bigquery:"error"`
}

func runLetterList(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	if cmd.Args().Len() > 1 {
		return usage.Errorf("give one SUBSCRIPTION, or none for all")
	}
	selection, err := letterSelectionOf(cmd)
	if err != nil {
		return err
	}
	most := cmd.Int(mostFlag)
	if most < 0 {
		return usage.Errorf("--%s must not be negative", mostFlag)
	}
	var letters []replay.DeadLetter
	if err := lettersFrom(cmd)(ctx, cfg, selection, func(l replay.DeadLetter) { letters = append(letters, l) }); err != nil {
		return err
	}
	all, open := len(letters), 0
	if most > 0 && all > most {
		letters = letters[all-most:]
	}
	rows := make([]shownLetter, len(letters))
	for i, l := range letters {
		if l.Fate == replay.Open || l.Fate == replay.Waiting || l.Fate == replay.Exhausted {
			open++
		}
		rows[i] = shownLetter{l.ID, l.Subscription, stampOf(l.At), l.Fate, l.Replays, l.FileID.StringVal, len(l.Data), l.Error}
	}
	p := console.PrinterOf(cmd)
	if err := p.Rows(render.Of(rows), "no dead letters"); err != nil {
		return err
	}
	if all > len(letters) {
		p.Say("the newest %d of %s; --%s 0 lists all", len(letters), plural.Of(all, "dead letter"), mostFlag)
	}
	if open > 0 {
		where := ""
		if cmd.Bool(liveFlag) {
			where = ", each with --" + liveFlag
		}
		return fmt.Errorf("%s to be settled: pipelinectl dlq show DEAD_LETTER_ID, then dlq replay or dlq discard%s", plural.Of(open, "dead letter"), where)
	}
	return nil
}

// lettersFrom is where dead letters are looked for: in the table, or with --live in Pub/Sub.
func lettersFrom(cmd *cli.Command) func(context.Context, cloud.Config, replay.Selection, func(replay.DeadLetter)) error {
	if cmd.Bool(liveFlag) {
		return replay.ListLive
	}
	return replay.List
}

func runLetterShow(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	if cmd.Args().Len() != 1 {
		return usage.Errorf("give one DEAD_LETTER_ID")
	}
	selection, err := selectionBy(cmd, "")
	if err != nil {
		return err
	}
	selection.IDs = cmd.Args().Slice()
	var found []replay.DeadLetter
	if err := lettersFrom(cmd)(ctx, cfg, selection, func(l replay.DeadLetter) { found = append(found, l) }); err != nil {
		return err
	}
	if len(found) == 0 {
		elsewhere := ""
		if cmd.Bool(liveFlag) {
			elsewhere = " that nobody else has in hand; what a request took that ended too early comes back within a minute"
		}
		return fmt.Errorf("no dead letter %q between %s and %s%s", cmd.Args().First(), selection.From, selection.To, elsewhere)
	}
	l := found[0]
	attributes, err := l.Own()
	if err != nil {
		return err
	}
	document := letterDocument{
		l.ID, l.Subscription, stampOf(l.At), l.Fate, l.Replays, l.Attempts, l.Error, l.FileID.StringVal, l.FirstMessageID, attributes,
		feed.Decode(attributes[topology.AttrSchema], l.Data, true), l.Data,
	}
	row := []shownLetter{{l.ID, l.Subscription, stampOf(l.At), l.Fate, l.Replays, l.FileID.StringVal, len(l.Data), l.Error}}
	return console.PrinterOf(cmd).Document(document, document.print, render.Of(row))
}

// letterDocument is a dead letter whole.
type letterDocument struct {
	ID             string            `json:"dead_letter_id"`
	Subscription   string            `json:"subscription"`
	At             string            `json:"dead_lettered_at"`
	Fate           replay.Fate       `json:"fate"`
	Replays        int64             `json:"replays"`
	Attempts       int64             `json:"delivery_attempts"`
	Error          string            `json:"error"`
	FileID         string            `json:"file_id,omitempty"`
	FirstMessageID string            `json:"message_id"`
	Attributes     map[string]string `json:"attributes"`
	Message        json.RawMessage   `json:"message,omitempty"` // decoded; nothing if it is no such message
	Data           []byte            `json:"data"`
}

func (d letterDocument) print(w io.Writer) error {
	tabs := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, line := range [][2]string{
		{"dead letter", d.ID}, {"subscription", d.Subscription}, {"given up", d.At}, {"fate", string(d.Fate)},
		{"replays", fmt.Sprint(d.Replays)}, {"deliveries", fmt.Sprint(d.Attempts)}, {"error", d.Error}, {"file", d.FileID}, {"message id", d.FirstMessageID},
	} {
		fmt.Fprintf(tabs, "%s\t%s\n", line[0], line[1])
	}
	for _, name := range slices.Sorted(maps.Keys(d.Attributes)) {
		fmt.Fprintf(tabs, "  %s\t%q\n", name, d.Attributes[name])
	}
	if err := tabs.Flush(); err != nil {
		return err
	}
	if d.Message != nil {
		_, err := fmt.Fprintf(w, "\n%s\n", d.Message)
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d bytes that are no message of schema %q\n%.2000q\n", len(d.Data), d.Attributes[topology.AttrSchema], d.Data)
	return err
}

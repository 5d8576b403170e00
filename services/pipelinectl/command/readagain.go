package command

import (
	"context"
	"errors"

	"cloud.google.com/go/bigquery"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/recall"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
)

// againFlags are those of commands that have files read again.
func againFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: dryRunFlag, Usage: "say which files would be read again, change nothing"},
		&cli.DurationFlag{Name: waitFlag, Usage: "how long to wait until they are loaded, to tell what became of them; 0: do not wait"},
	}
}

// selected are the files that are meant. Those that are named are so whatever their verdict,
// so that one with the wrong verdict is told of.
func selected(ctx context.Context, client *recall.Client, s recall.Selection, verdict string) ([]recall.File, error) {
	if len(s.IDs) > 0 {
		if _, err := recall.ByID(ctx, client.Ledger(), s.IDs); err != nil {
			return nil, err
		}
	} else {
		s.Verdict = verdict
	}
	return recall.Select(ctx, client.Ledger(), s)
}

// readAgain brings files back, and waits for them if that is wanted.
func readAgain(ctx context.Context, cmd *cli.Command, client *recall.Client, files []recall.File, bringBack func(recall.File) (int64, error)) error {
	client.DryRun = cmd.Bool(dryRunFlag)
	bar := console.Progress(cmd.Root().ErrWriter, int64(len(files)), "bringing back")
	var ids []string
	err := eachFile(console.PrinterOf(cmd), files, client.DryRun, func(f recall.File) (int64, error) {
		revision, err := bringBack(f)
		if err == nil {
			ids = append(ids, f.ID)
		}
		_ = bar.Add(1)
		return revision, err
	})
	if err := errors.Join(err, bar.Finish()); err != nil || client.DryRun || cmd.Duration(waitFlag) <= 0 || len(ids) == 0 {
		return err
	}
	return waitForFiles(ctx, cmd, client, ids, topology.Ignore{}, cmd.Duration(waitFlag))
}

// broughtBack is what became of a file that was to be read again.
type broughtBack struct {
	FileID      string              `bigquery:"file_id"`
	LandingName string              `bigquery:"landing_name"`
	Revision    bigquery.NullInt64  `bigquery:"revision"`
	Error       bigquery.NullString `bigquery:"error"`
}

// eachFile brings files back in the order of their landing, which decides who owns
// an order that came twice; a fault with one does not keep it from the others.
func eachFile(p console.Printer, files []recall.File, dryRun bool, bringBack func(recall.File) (int64, error)) error {
	var (
		faults []error
		rows   []broughtBack
		well   int
	)
	for _, f := range files {
		row := broughtBack{FileID: f.ID, LandingName: f.LandingName}
		revision, err := bringBack(f)
		if err != nil {
			faults = append(faults, err)
			row.Error = bigquery.NullString{StringVal: err.Error(), Valid: true}
		} else {
			row.Revision = bigquery.NullInt64{Int64: revision, Valid: true}
			well++
			if p.Format == render.Table {
				p.Say("%s revision %d: %s", f.ID, revision, f.LandingName)
			}
		}
		rows = append(rows, row)
	}
	faults = append(faults, p.Beside(render.Of(rows)))
	switch {
	case len(files) == 0:
		p.Say("no such file: nothing is read again")
	case dryRun:
		p.Say("%s would be read again (dry run: nothing was changed)", counted(well, "file"))
	}
	return errors.Join(faults...)
}

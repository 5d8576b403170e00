package command

import (
	"context"
	"errors"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/recall"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
)

const (
	acceptRefusedFlag    = "accept-refused"
	acceptDuplicatesFlag = "accept-duplicates"
	landedDateFlag       = "landed-date"
	archiveFlag          = "archive"
)

func releaseCommand() *cli.Command {
	return &cli.Command{
		Name:      "release",
		Usage:     "load quarantined files after all",
		ArgsUsage: "[FILE_ID...]",
		Description: "Has each file read again as its next revision. What the reason of its quarantine asks for is\n" +
			"allowed without a flag: refused records for mostly_refused, duplicates for duplicate_orders\n" +
			"and contradicting_records (the first record of each order is loaded).",
		Flags: append(append(fileSelection(),
			&cli.BoolFlag{Name: acceptRefusedFlag, Usage: "load the files however many of their records are refused"},
			&cli.BoolFlag{Name: acceptDuplicatesFlag, Usage: "load the files although they hold duplicate orders, which are left out"}),
			againFlags()...),
		Action: withConfig(runRelease),
	}
}

func reprocessCommand() *cli.Command {
	return &cli.Command{
		Name:      "reprocess",
		Usage:     "read loaded files again from archive/ and replace what they left in the warehouse",
		ArgsUsage: "[FILE_ID...]",
		Description: "Each file's facts are replaced in one transaction. Records of other files that repeated one of\n" +
			"its orders stay duplicates until their own file is reprocessed.",
		Flags: append(append(fileSelection(),
			&cli.StringSliceFlag{Name: landedDateFlag, Usage: "all files that landed on this day (2006-01-02, UTC), instead of FILE_ID"},
			&cli.BoolFlag{Name: archiveFlag, Usage: "all files in archive/ and quarantine/, whatever the ledger knows of them: rebuilds a warehouse that was lost"}),
			againFlags()...),
		Action: withConfig(runReprocess),
	}
}

// againFlags are those of commands that have files read again.
func againFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: dryRunFlag, Usage: "say which files would be read again, change nothing"},
		&cli.DurationFlag{Name: waitFlag, Usage: "how long to wait until they are loaded, to tell what became of them; 0: do not wait"},
	}
}

func runRelease(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	selection, err := fileSelectionOf(cmd)
	if err != nil {
		return err
	}
	if selection.Empty() {
		return misuse("give at least one FILE_ID, or a flag that selects files")
	}
	return opened(ctx, cfg, func(client *recall.Client) error {
		files, err := selected(ctx, client, selection, landedfile.Quarantined)
		if err != nil {
			return err
		}
		extra := &pipelinev1.Overrides{
			AcceptRefused: cmd.Bool(acceptRefusedFlag), AcceptDuplicates: cmd.Bool(acceptDuplicatesFlag),
		}
		return readAgain(ctx, cmd, client, files, func(f recall.File) (int64, error) { return client.Release(ctx, f, extra) })
	})
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

func runReprocess(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	selection, err := fileSelectionOf(cmd)
	if err != nil {
		return err
	}
	dates := cmd.StringSlice(landedDateFlag)
	given := 0
	for _, is := range []bool{!selection.Empty(), len(dates) > 0, cmd.Bool(archiveFlag)} {
		if is {
			given++
		}
	}
	if given != 1 {
		return misuse("give either FILE_IDs or flags that select files, --%s or --%s", landedDateFlag, archiveFlag)
	}
	days := make([]civil.Date, len(dates))
	for i, date := range dates {
		if days[i], err = civil.ParseDate(date); err != nil {
			return misuse("--%s %q: %w", landedDateFlag, date, err)
		}
	}
	return opened(ctx, cfg, func(client *recall.Client) error {
		var files []recall.File
		switch {
		case cmd.Bool(archiveFlag):
			files, err = client.ByArchive(ctx)
		case len(days) == 0:
			files, err = selected(ctx, client, selection, landedfile.Loaded)
		}
		for _, day := range days {
			landed, selectErr := recall.Select(ctx, client.Ledger(), recall.Selection{Verdict: landedfile.Loaded, From: &day, To: &day})
			files, err = append(files, landed...), errors.Join(err, selectErr)
		}
		if err != nil {
			return err
		}
		return readAgain(ctx, cmd, client, files, func(f recall.File) (int64, error) { return client.Reprocess(ctx, f) })
	})
}

// readAgain brings files back, and waits for them if that is wanted.
func readAgain(ctx context.Context, cmd *cli.Command, client *recall.Client, files []recall.File, bringBack func(recall.File) (int64, error)) error {
	client.DryRun = cmd.Bool(dryRunFlag)
	bar := progress(cmd.Root().ErrWriter, int64(len(files)), "bringing back")
	var ids []string
	err := eachFile(printerOf(cmd), files, client.DryRun, func(f recall.File) (int64, error) {
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
func eachFile(p printer, files []recall.File, dryRun bool, bringBack func(recall.File) (int64, error)) error {
	var (
		faults []error
		rows   []broughtBack
	)
	for _, f := range files {
		row := broughtBack{FileID: f.ID, LandingName: f.LandingName}
		revision, err := bringBack(f)
		if err != nil {
			faults = append(faults, err)
			row.Error = bigquery.NullString{StringVal: err.Error(), Valid: true}
		} else {
			row.Revision = bigquery.NullInt64{Int64: revision, Valid: true}
			if p.format == render.Table {
				p.say("%s revision %d: %s", f.ID, revision, f.LandingName)
			}
		}
		rows = append(rows, row)
	}
	faults = append(faults, p.beside(render.Of(rows)))
	switch {
	case len(files) == 0:
		p.say("no such file: nothing is read again")
	case dryRun:
		p.say("%s would be read again (dry run: nothing was changed)", counted(len(files)-len(faults), "file"))
	}
	return errors.Join(faults...)
}

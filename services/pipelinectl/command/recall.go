package command

import (
	"context"
	"errors"
	"fmt"
	"io"

	"cloud.google.com/go/civil"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/recall"
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
		ArgsUsage: "FILE_ID...",
		Description: "Has each file read again as its next revision. What the reason of its quarantine asks for is\n" +
			"allowed without a flag: refused records for mostly_refused, duplicates for duplicate_orders.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: acceptRefusedFlag, Usage: "load the files however many of their records are refused"},
			&cli.BoolFlag{Name: acceptDuplicatesFlag, Usage: "load the files although they hold duplicate orders, which are left out"},
		},
		Action: withConfig(runRelease),
	}
}

func reprocessCommand() *cli.Command {
	return &cli.Command{
		Name:      "reprocess",
		Usage:     "read loaded files again from archive/ and replace what they left in the warehouse",
		ArgsUsage: "FILE_ID...",
		Description: "Each file's facts are replaced in one transaction. Records of other files that repeated one of\n" +
			"its orders stay duplicates until their own file is reprocessed.",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: landedDateFlag, Usage: "all files that landed on this day (2006-01-02, UTC), instead of FILE_ID"},
			&cli.BoolFlag{Name: archiveFlag, Usage: "all files in archive/ and quarantine/, whatever the ledger knows of them: rebuilds a warehouse that was lost"},
		},
		Action: withConfig(runReprocess),
	}
}

func runRelease(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (err error) {
	if cmd.Args().Len() == 0 {
		return errors.New("give at least one FILE_ID")
	}
	client, err := recall.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	files, err := client.ByID(ctx, cmd.Args().Slice())
	if err != nil {
		return err
	}
	extra := &pipelinev1.Overrides{
		AcceptRefused: cmd.Bool(acceptRefusedFlag), AcceptDuplicates: cmd.Bool(acceptDuplicatesFlag),
	}
	return eachFile(cmd.Root().Writer, files, func(f recall.File) (int64, error) { return client.Release(ctx, f, extra) })
}

func runReprocess(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (err error) {
	dates := cmd.StringSlice(landedDateFlag)
	given := 0
	for _, is := range []bool{cmd.Args().Len() > 0, len(dates) > 0, cmd.Bool(archiveFlag)} {
		if is {
			given++
		}
	}
	if given != 1 {
		return errors.New("give either FILE_IDs, --" + landedDateFlag + " or --" + archiveFlag)
	}
	days := make([]civil.Date, len(dates))
	for i, date := range dates {
		if days[i], err = civil.ParseDate(date); err != nil {
			return fmt.Errorf("--%s %q: %w", landedDateFlag, date, err)
		}
	}
	client, err := recall.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	var files []recall.File
	if cmd.Args().Len() > 0 {
		if files, err = client.ByID(ctx, cmd.Args().Slice()); err != nil {
			return err
		}
	}
	if cmd.Bool(archiveFlag) {
		if files, err = client.ByArchive(ctx); err != nil {
			return err
		}
	}
	for _, day := range days {
		landed, err := client.ByLanding(ctx, day)
		if err != nil {
			return err
		}
		files = append(files, landed...)
	}
	return eachFile(cmd.Root().Writer, files, func(f recall.File) (int64, error) { return client.Reprocess(ctx, f) })
}

// eachFile brings files back in the order of their landing, which decides who owns
// an order that came twice; a fault with one does not keep it from the others.
func eachFile(out io.Writer, files []recall.File, bringBack func(recall.File) (int64, error)) error {
	var faults []error
	for _, f := range files {
		revision, err := bringBack(f)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		fmt.Fprintf(out, "%s revision %d: %s\n", f.ID, revision, f.LandingName)
	}
	return errors.Join(faults...)
}

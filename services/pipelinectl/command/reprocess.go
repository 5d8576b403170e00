package command

import (
	"context"
	"errors"

	"cloud.google.com/go/civil"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/recall"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	landedDateFlag = "landed-date"
	archiveFlag    = "archive"
)

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
		return usage.Errorf("give either FILE_IDs or flags that select files, --%s or --%s", landedDateFlag, archiveFlag)
	}
	days := make([]civil.Date, len(dates))
	for i, date := range dates {
		if days[i], err = civil.ParseDate(date); err != nil {
			return usage.Errorf("--%s %q: %w", landedDateFlag, date, err)
		}
	}
	return broughtBackBy(ctx, cmd, cfg, func(client *recall.Client, lineage *openlineage.Session) error {
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
		return readAgain(ctx, cmd, client, files, bringingBack(ctx, cmd, cfg, lineage, func(f recall.File) (int64, error) { return client.Reprocess(ctx, f) }))
	})
}

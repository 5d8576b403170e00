package command

import (
	"context"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/recall"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	acceptRefusedFlag    = "accept-refused"
	acceptDuplicatesFlag = "accept-duplicates"
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

func runRelease(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	selection, err := fileSelectionOf(cmd)
	if err != nil {
		return err
	}
	if selection.Empty() {
		return usage.Errorf("give at least one FILE_ID, or a flag that selects files")
	}
	return broughtBackBy(ctx, cmd, cfg, func(client *recall.Client, lineage *openlineage.Session) error {
		files, err := selected(ctx, client, selection, landedfile.Quarantined)
		if err != nil {
			return err
		}
		extra := &pipelinev1.Overrides{
			AcceptRefused: cmd.Bool(acceptRefusedFlag), AcceptDuplicates: cmd.Bool(acceptDuplicatesFlag),
		}
		return readAgain(ctx, cmd, client, files, bringingBack(ctx, cmd, cfg, lineage, func(f recall.File) (int64, error) { return client.Release(ctx, f, extra) }))
	})
}

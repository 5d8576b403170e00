package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/recall"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const atOnceFlag = "at-once"

func backfillCommand() *cli.Command {
	return &cli.Command{
		Name: "backfill", Usage: "load files of archive/ and quarantine/ that the ledger lacks",
		Description: "Looks for files that are kept in the bucket and unknown to the ledger, as after a dataset was lost or put back to an\n" +
			"earlier day, and has them read, some at a time, the oldest first. What the ledger has is left alone, so that a run\n" +
			"which was stopped goes on where it was. Ends with status 1 if a file could not be brought back.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: fromFlag, Usage: "only files that landed on this day (2006-01-02, UTC) or later"},
			&cli.StringFlag{Name: toFlag, Usage: "only files that landed on this day or earlier"},
			&cli.StringFlag{Name: nameFlag, Usage: "only files whose name under landing/ has this part, in any case"},
			&cli.StringFlag{Name: kindFlag, Usage: "only files of this kind: orders, products or customers"},
			&cli.IntFlag{Name: atOnceFlag, Value: 100, Usage: "files that are on their way at once"},
			&cli.DurationFlag{Name: timeoutFlag, Value: time.Hour, Usage: "how long the files that are on their way at once may take"},
			&cli.BoolFlag{Name: dryRunFlag, Usage: "list the files that are missing, change nothing"},
		},
		Action: withConfig(runBackfill),
	}
}

func runBackfill(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	selection, err := fileSelectionOf(cmd)
	if err != nil {
		return err
	}
	atOnce := cmd.Int(atOnceFlag)
	if atOnce < 1 {
		return usage.Errorf("--%s must be positive", atOnceFlag)
	}
	return broughtBackBy(ctx, cmd, cfg, func(client *recall.Client, lineage *openlineage.Session) error {
		missing, err := missingFiles(ctx, client, selection)
		if err != nil {
			return err
		}
		p := console.PrinterOf(cmd)
		if cmd.Bool(dryRunFlag) {
			type row struct {
				FileID      string    `bigquery:"file_id"`
				LandingName string    `bigquery:"landing_name"`
				LandedAt    time.Time `bigquery:"landed_at"`
			}
			rows := make([]row, len(missing))
			for i, f := range missing {
				rows[i] = row{f.ID, f.LandingName, f.LandedAt}
			}
			if err := p.Rows(render.Of(rows), "the ledger lacks no file"); err != nil || len(rows) == 0 {
				return err
			}
			p.Say("%s would be loaded (dry run: nothing was changed)", counted(len(rows), "file"))
			return nil
		}
		bringBack := bringingBack(ctx, cmd, cfg, lineage, func(f recall.File) (int64, error) { return client.Reprocess(ctx, f) })
		return load(ctx, cmd, client, missing, atOnce, bringBack)
	})
}

// load brings files back, atOnce at a time, and waits for each lot.
func load(ctx context.Context, cmd *cli.Command, client *recall.Client, missing []recall.File, atOnce int, bringBack func(recall.File) (int64, error)) error {
	p, total := console.PrinterOf(cmd), len(missing)
	bar := console.Progress(cmd.Root().ErrWriter, int64(total), "loading")
	var faults []error
	loaded := 0
	for lot := range slices.Chunk(missing, atOnce) {
		var ids []string
		for _, f := range lot {
			if _, err := bringBack(f); err != nil && !errors.Is(err, recall.ErrOnItsWay) {
				faults = append(faults, err)
				continue
			}
			ids = append(ids, f.ID)
		}
		if len(ids) == 0 {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, cmd.Duration(timeoutFlag))
		_, err := client.Await(limited, ids, topology.Ignore{}, func(left int) { _ = bar.Set(loaded + len(ids) - left) })
		cancel()
		if err != nil {
			return errors.Join(append(faults, fmt.Errorf("%d of %s are loaded; run it again to go on: %w", loaded, counted(total, "file"), err))...)
		}
		loaded += len(ids)
	}
	if err := bar.Finish(); err != nil {
		faults = append(faults, err)
	}
	type row struct {
		Missing int `bigquery:"missing"`
		Loaded  int `bigquery:"in_the_ledger"`
	}
	faults = append(faults, p.Beside(render.Of([]row{{total, loaded}})))
	if total == 0 {
		p.Say("the ledger lacks no file")
	} else {
		p.Say("%d of %s in the ledger now", loaded, counted(total, "missing file"))
	}
	return errors.Join(faults...)
}

// missingFiles are kept in the bucket, meant by the selection, and unknown to the ledger; the
// oldest come first.
func missingFiles(ctx context.Context, client *recall.Client, s recall.Selection) ([]recall.File, error) {
	kept, err := client.ByArchive(ctx)
	if err != nil {
		return nil, err
	}
	known, err := recall.Select(ctx, client.Ledger(), recall.Selection{From: s.From, To: s.To})
	if err != nil {
		return nil, err
	}
	in := make(map[string]bool, len(known))
	for _, f := range known {
		in[f.ID] = true
	}
	return slices.DeleteFunc(kept, func(f recall.File) bool {
		day := civil.DateOf(f.LandedAt.UTC())
		return in[f.ID] || s.From != nil && day.Before(*s.From) || s.To != nil && day.After(*s.To) ||
			s.Kind != "" && f.Kind != s.Kind || !strings.Contains(strings.ToLower(f.LandingName), strings.ToLower(s.Name))
	}), nil
}

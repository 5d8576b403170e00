package command

import (
	"context"
	"errors"
	"fmt"

	"cloud.google.com/go/civil"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

const (
	fromArchiveFlag    = "from-archive"
	catalogModeFlag    = "catalog-mode"
	deactivateFlag     = "max-deactivate-share"
	maxDeactivateShare = 0.2
)

// archiveFlags say how to recompute from the files that the bucket keeps.
func archiveFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: fromArchiveFlag, Usage: "also read every file in archive/ and quarantine/ and compare what it says"},
		&cli.StringSliceFlag{Name: landedDateFlag, Usage: "with --" + fromArchiveFlag + ": only files that landed on these days (2006-01-02, UTC), from the first to the last"},
		&cli.StringFlag{Name: catalogModeFlag, Usage: "with --" + fromArchiveFlag + ": the parser's CATALOG_MODE", Sources: cli.EnvVars("CATALOG_MODE")},
		&cli.FloatFlag{Name: deactivateFlag, Usage: "with --" + fromArchiveFlag + ": the aggregator's MAX_DEACTIVATE_SHARE", Value: maxDeactivateShare, Sources: cli.EnvVars("MAX_DEACTIVATE_SHARE")},
		timeZoneSetting(),
		sourcesDirFlag(),
	}
}

// recompute verifies from the archive and tells how far it is on stderr.
func recompute(ctx context.Context, cmd *cli.Command, cfg cloud.Config, clients *verify.Clients) (*verify.Recomputed, error) {
	zone, err := zoneOf(ctx, cmd, cfg)
	if err != nil {
		return nil, err
	}
	archive, err := archiveOf(cmd, zone)
	if err != nil {
		return nil, err
	}
	bar := console.Progress(cmd.Root().ErrWriter, -1, "records read")
	archive.Progress = func(p verify.Progress) {
		bar.Describe(fmt.Sprintf("%d of %d files, records read", p.Files, p.AllFiles))
		_ = bar.Set64(p.Records) // a bar that cannot be drawn stops nothing
	}
	done, err := verify.FromArchive(ctx, clients, archive)
	return done, errors.Join(err, bar.Finish())
}

// archiveOf reads the flags.
func archiveOf(cmd *cli.Command, zone calendar.Zone) (verify.Archive, error) {
	a := verify.Archive{Policy: reference.Policy{
		CatalogMode: cmd.String(catalogModeFlag), MaxDeactivateShare: cmd.Float(deactivateFlag), TimeZone: zone.Location(),
	}}
	for i, text := range cmd.StringSlice(landedDateFlag) {
		day, err := civil.ParseDate(text)
		if err != nil {
			return a, usage.Errorf("--%s %q: %w", landedDateFlag, text, err)
		}
		if i == 0 || day.Before(a.From) {
			a.From = day
		}
		if i == 0 || day.After(a.To) {
			a.To = day
		}
	}
	set, err := source.Load(existing(cmd.String(sourcesFlag)))
	if err != nil {
		return a, fmt.Errorf("read the sources: %w", err)
	}
	a.IsMapped = func(name string) bool {
		mapping, err := set.For(topology.KindOf(name), name)
		return mapping != nil || err != nil
	}
	return a, nil
}

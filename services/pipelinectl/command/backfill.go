package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/recall"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	atOnceFlag     = "at-once"
	ordersFromFlag = "orders-from"
	ordersToFlag   = "orders-to"
)

func backfillCommand() *cli.Command {
	return &cli.Command{
		Name: "backfill", Usage: "load files of archive/ and quarantine/ that the ledger lacks",
		Description: "Looks for files that are kept in the bucket and unknown to the ledger, as after a dataset was lost or put back to an\n" +
			"earlier day, and has them read, some at a time, the oldest first. What the ledger has is left alone, so that a run\n" +
			"which was stopped goes on where it was. Ends with status 1 if a file could not be brought back.\n\n" +
			"By the days of the orders, every missing file of orders is read in the bucket, up to the first order that is\n" +
			"meant, by the parser's own code and variables: it costs their bytes, again after a stop for files without such an\n" +
			"order. A file that has one is loaded whole. The days of landing leave out what need not be read.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: fromFlag, Usage: "only files that landed on this day (2006-01-02, UTC) or later"},
			&cli.StringFlag{Name: toFlag, Usage: "only files that landed on this day or earlier"},
			&cli.StringFlag{Name: ordersFromFlag, Usage: "only files with an order of this day (2006-01-02, on the shop's clock) or later"},
			&cli.StringFlag{Name: ordersToFlag, Usage: "only files with an order of this day or earlier"},
			&cli.StringFlag{Name: nameFlag, Usage: "only files whose name under landing/ has this part, in any case"},
			&cli.StringFlag{Name: kindFlag, Usage: "only files of this kind: orders, products or customers"},
			&cli.IntFlag{Name: atOnceFlag, Value: 100, Usage: "files that are on their way at once"},
			&cli.DurationFlag{Name: timeoutFlag, Value: time.Hour, Usage: "how long the files that are on their way at once may take"},
			&cli.BoolFlag{Name: dryRunFlag, Usage: "list the files that are missing, change nothing"},
			timeZoneSetting(), sourcesDirFlag(),
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
	days, err := orderDaysOf(ctx, cmd, cfg)
	if err != nil {
		return err
	}
	return broughtBackBy(ctx, cmd, cfg, func(client *recall.Client, lineage *openlineage.Session) error {
		missing, err := missingFiles(ctx, client, selection)
		if err != nil {
			return err
		}
		b := &backfill{client: client, days: days, missing: missing, lot: atOnce, timeout: cmd.Duration(timeoutFlag), dryRun: cmd.Bool(dryRunFlag)}
		b.bringBack = bringingBack(ctx, cmd, cfg, lineage, func(f recall.File) (int64, error) { return client.Reprocess(ctx, f) })
		b.bar = console.Progress(cmd.Root().ErrWriter, int64(len(missing)), "loading")
		err = b.run(ctx)
		return errors.Join(err, b.bar.Finish(), b.tell(console.PrinterOf(cmd), err != nil))
	})
}

// orderDaysOf are the days of the orders that are meant; nil: any, so that nothing need be read.
func orderDaysOf(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (*recall.OrderDays, error) {
	var days recall.OrderDays
	for flag, day := range map[string]**civil.Date{ordersFromFlag: &days.From, ordersToFlag: &days.To} {
		if cmd.String(flag) == "" {
			continue
		}
		given, err := dateFlag(cmd, flag, time.Time{})
		if err != nil {
			return nil, err
		}
		*day = &given
	}
	if days.From == nil && days.To == nil {
		return nil, nil
	}
	if days.From != nil && days.To != nil && days.To.Before(*days.From) {
		return nil, usage.Errorf("--%s is before --%s", ordersToFlag, ordersFromFlag)
	}
	if kind := cmd.String(kindFlag); kind != "" && kind != topology.KindFolder(pipelinev1.FileKind_FILE_KIND_ORDERS) {
		return nil, usage.Errorf("--%s and --%s are for files of orders, not of %s", ordersFromFlag, ordersToFlag, kind)
	}
	var err error
	if days.Policy, days.Sources, err = readBy(cmd); err != nil {
		return nil, err
	}
	days.Policy.TimeZone, err = zoneOf(ctx, cmd, cfg)
	return &days, err
}

// backfill is one run.
type backfill struct {
	client    *recall.Client
	bringBack func(recall.File) (int64, error)
	days      *recall.OrderDays // nil: the files need not be read
	missing   []recall.File
	lot       int
	timeout   time.Duration
	dryRun    bool
	bar       *progressbar.ProgressBar

	looked  int           // of the missing, those of earlier lots
	wanted  []recall.File // of those that were looked at
	without int           // files without a record that can be read as an order
	loaded  int
}

// run brings the missing files back that are meant, lot by lot, and waits for each lot.
func (b *backfill) run(ctx context.Context) error {
	var faults []error
	for lot := range slices.Chunk(b.missing, b.lot) {
		wanted := lot
		if b.days != nil {
			b.bar.Describe("reading")
			var err error
			var without int
			wanted, without, err = b.days.Among(ctx, b.client, lot, func(n int) { _ = b.bar.Set(b.looked + n) })
			if ctx.Err() != nil {
				return b.stopped(faults, ctx.Err())
			}
			b.without += without
			faults = append(faults, err)
		}
		b.wanted = append(b.wanted, wanted...)
		if !b.dryRun {
			b.bar.Describe("loading")
			refused, err := b.load(ctx, wanted, b.looked+len(lot))
			if faults = append(faults, refused); err != nil {
				return b.stopped(faults, err)
			}
		}
		b.looked += len(lot)
		_ = b.bar.Set(b.looked)
	}
	return errors.Join(faults...)
}

// stopped is what a run before its end ends with.
func (b *backfill) stopped(faults []error, err error) error {
	return errors.Join(append(faults, fmt.Errorf("stopped before the end; run it again to go on: %w", err))...)
}

// load brings files back and waits until they are in the ledger, the last of them as number end of all that are
// missing. What keeps single files from it is one error, what ends the run is the other.
func (b *backfill) load(ctx context.Context, files []recall.File, end int) (refused, err error) {
	var (
		ids    []string
		faults []error
	)
	for _, f := range files {
		if _, err := b.bringBack(f); err != nil && !errors.Is(err, recall.ErrOnItsWay) {
			faults = append(faults, err)
			continue
		}
		ids = append(ids, f.ID)
	}
	if len(ids) > 0 {
		limited, cancel := context.WithTimeout(ctx, b.timeout)
		defer cancel()
		left := len(ids)
		_, err = b.client.Await(limited, ids, topology.Ignore{}, func(n int) { left = n; _ = b.bar.Set(end - n) })
		b.loaded += len(ids) - left
	}
	return errors.Join(faults...), err
}

// tell says what became of the missing files.
func (b *backfill) tell(p console.Printer, failed bool) error {
	of := ""
	if b.days != nil {
		of = " with orders of these days"
	}
	if b.without > 0 {
		p.Say("%s left out: nothing there can be read as an order, so that it has no such day (a source that is described elsewhere? --%s)", counted(b.without, "file"), sourcesFlag)
	}
	if b.dryRun {
		type row struct {
			FileID      string    `bigquery:"file_id"`
			LandingName string    `bigquery:"landing_name"`
			LandedAt    time.Time `bigquery:"landed_at"`
		}
		rows := make([]row, len(b.wanted))
		for i, f := range b.wanted {
			rows[i] = row{f.ID, f.LandingName, f.LandedAt}
		}
		if err := p.Rows(render.Of(rows), "the ledger lacks no file"+of); err != nil || len(rows) == 0 {
			return err
		}
		p.Say("%s would be loaded (dry run: nothing was changed)", counted(len(rows), "file"))
		return nil
	}
	switch total := len(b.wanted); {
	case total > 0:
		p.Say("%d of %s%s in the ledger now", b.loaded, counted(total, "missing file"), of)
	case !failed:
		p.Say("the ledger lacks no file%s", of)
	}
	type row struct {
		Missing int `bigquery:"missing"`
		Loaded  int `bigquery:"in_the_ledger"`
	}
	return p.Beside(render.Of([]row{{len(b.wanted), b.loaded}}))
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

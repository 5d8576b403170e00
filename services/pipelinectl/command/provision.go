package command

import (
	"context"
	"errors"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
)

const dryRunFlag = "dry-run"

func provisionCommand() *cli.Command {
	return &cli.Command{
		Name:  "provision",
		Usage: "create and repair topics, subscriptions, schemas, bucket, dataset, tables and views",
		Description: "Prints what it does as a diff: + is made or added, ~ is changed, -/+ is made anew, ! cannot be\n" +
			"changed in place. Running it again changes nothing. Columns are only ever added. What is kept longer than\n" +
			"it would be by default is left alone (=), unless the flag or the variable that shortens it is given;\n" +
			"? is a setting of yours that costs something.",
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: dryRunFlag, Usage: "look and say what would be done, change nothing"},
			&cli.BoolFlag{Name: "all", Usage: "list what is unchanged, too"},
			// Not TIME_ZONE of the environment, which says what a service has: a warehouse moves only when told to.
			&cli.StringFlag{Name: timeZoneFlag, Usage: "IANA name of the time zone that the warehouse moves to; without it, it keeps its own, which is that of the first orders"},
		}, append(lifecycleFlags(), iamFlags()...)...),
		Action: withConfig(func(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
			if cmd.IsSet(iamFlag) {
				return runIAM(ctx, cmd, cfg)
			}
			return runProvision(ctx, cmd, cfg)
		}),
	}
}

// lifecycleFlags are the variables of provision.Lifecycle as flags.
func lifecycleFlags() []cli.Flag {
	defaults := provision.DefaultLifecycle()
	const category = "LIFECYCLE"
	days := func(name, variable, usage string, value int) cli.Flag {
		return &cli.IntFlag{Name: name, Usage: usage, Value: value, Sources: cli.EnvVars(variable), Category: category}
	}
	return []cli.Flag{
		&cli.StringFlag{
			Name: "archive-class", Usage: "storage class that archive/ moves to: NEARLINE, COLDLINE, ARCHIVE, or empty for none",
			Value: defaults.ArchiveClass, Sources: cli.EnvVars("ARCHIVE_CLASS"), Category: category,
		},
		days("archive-class-days", "ARCHIVE_CLASS_DAYS", "days until archive/ moves", defaults.ArchiveClassDays),
		days("archive-delete-days", provision.ArchiveDeleteDays, "days until archive/ is deleted; 0: never", defaults.ArchiveDeleteDays),
		days("quarantine-delete-days", provision.QuarantineDeleteDays, "days until quarantine/ is deleted; 0: never", defaults.QuarantineDeleteDays),
		days("staging-days", provision.StagingDays, "days from a file's landing for which staging keeps its rows; 0: for good", defaults.StagingDays),
		days("feed-retention-days", provision.FeedRetentionDays, "days for which orders-validated and files-completed keep messages for who joins late; 0: none", defaults.FeedRetentionDays),
	}
}

func lifecycleOf(cmd *cli.Command) *provision.Lifecycle {
	return &provision.Lifecycle{
		ArchiveClass: cmd.String("archive-class"), ArchiveClassDays: cmd.Int("archive-class-days"),
		ArchiveDeleteDays: cmd.Int("archive-delete-days"), QuarantineDeleteDays: cmd.Int("quarantine-delete-days"),
		StagingDays: cmd.Int("staging-days"), FeedRetentionDays: cmd.Int("feed-retention-days"),
	}
}

// shortened are the retentions that somebody has given, rather than left to the default.
func shortened(cmd *cli.Command) []string {
	var variables []string
	for flag, variable := range map[string]string{
		"archive-delete-days": provision.ArchiveDeleteDays, "quarantine-delete-days": provision.QuarantineDeleteDays,
		"staging-days": provision.StagingDays, "feed-retention-days": provision.FeedRetentionDays,
	} {
		if cmd.IsSet(flag) {
			variables = append(variables, variable)
		}
	}
	return variables
}

func runProvision(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	if _, err := timeZoneOf(cmd); err != nil {
		return err
	}
	total, err := provision.StepCount()
	if err != nil {
		return err
	}
	bar := console.Progress(cmd.Root().ErrWriter, int64(total), "provisioning")
	plan, err := provision.Provision(ctx, cfg, provision.Options{
		DryRun:    cmd.Bool(dryRunFlag),
		Lifecycle: lifecycleOf(cmd),
		Shorten:   shortened(cmd),
		TimeZone:  cmd.String(timeZoneFlag),
		Progress:  func(provision.Step) { _ = bar.Add(1) },
	})
	_ = bar.Finish()
	p := console.PrinterOf(cmd)
	if writeErr := printPlan(p, plan, cmd.Bool("all")); writeErr != nil {
		return errors.Join(err, writeErr)
	}
	would := ""
	if cmd.Bool(dryRunFlag) {
		would = " (dry run: nothing was changed)"
	}
	p.Say("%d created, %d updated, %d replaced, %d unchanged%s",
		plan.Count(provision.Created), plan.Count(provision.Updated), plan.Count(provision.Replaced),
		plan.Count(provision.Unchanged), would)
	return err
}

// printPlan prints a plan as a diff, or as a row for each setting that differs; a resource
// of which none does has a row of its own.
func printPlan(p console.Printer, plan provision.Plan, all bool) error {
	if p.Format == render.Table {
		return plan.Write(p.Out, all)
	}
	type row struct {
		Resource string            `bigquery:"resource"`
		Outcome  provision.Outcome `bigquery:"outcome"`
		Change   string            `bigquery:"change"`
	}
	var rows []row
	for _, step := range plan.Steps {
		if len(step.Changes) == 0 && (all || step.Outcome != provision.Unchanged) {
			rows = append(rows, row{step.Resource, step.Outcome, ""})
		}
		for _, change := range step.Changes {
			rows = append(rows, row{step.Resource, step.Outcome, change.String()})
		}
	}
	return p.Rows(render.Of(rows), "")
}

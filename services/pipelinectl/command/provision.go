package command

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
)

func provisionCommand() *cli.Command {
	return &cli.Command{
		Name:  "provision",
		Usage: "create or update topics, subscriptions, bucket, dataset, tables and views",
		Description: "Running it again changes nothing. After a release it adds what is new; it never\n" +
			"deletes, and reports what cannot be changed in place.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: dryRunFlag, Usage: "look and say what would be done, change nothing"},
			&cli.BoolFlag{Name: "all", Usage: "list what is unchanged, too"},
		},
		Action: withConfig(runProvision),
	}
}

func runProvision(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	total, err := provision.StepCount()
	if err != nil {
		return err
	}
	bar := progress(cmd.Root().ErrWriter, int64(total), "provisioning")
	plan, err := provision.Provision(ctx, cfg, provision.Options{
		DryRun:   cmd.Bool(dryRunFlag),
		Progress: func(provision.Step) { _ = bar.Add(1) },
	})
	_ = bar.Finish()
	out := cmd.Root().Writer
	tabs := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, s := range plan.Steps {
		if s.Outcome != provision.Unchanged || cmd.Bool("all") {
			fmt.Fprintf(tabs, "%s\t%s\t%s\n", s.Outcome, s.Resource, s.Detail)
		}
	}
	if flushErr := tabs.Flush(); flushErr != nil {
		return flushErr
	}
	would := ""
	if cmd.Bool(dryRunFlag) {
		would = " (dry run: nothing was changed)"
	}
	fmt.Fprintf(out, "%d created, %d updated, %d unchanged%s\n",
		plan.Count(provision.Created), plan.Count(provision.Updated), plan.Count(provision.Unchanged), would)
	return err
}

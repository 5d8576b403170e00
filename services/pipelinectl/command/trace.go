package command

import (
	"context"
	"errors"

	"github.com/kelseyhightower/envconfig"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/trace"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	bytesFlag     = "bytes"
	dashboardFlag = "dashboard"
)

func traceCommand() *cli.Command {
	return &cli.Command{
		Name: "trace", ArgsUsage: "ORDER_ID", Usage: "follow an order from its file to the figures that it is in, with all its versions",
		Description: "Each version with its file and record, when it landed, was claimed, parsed and loaded, its row in staging, the\n" +
			"transaction and its job; the facts of the one that counts, the hour, the days and categories, the lines of the\n" +
			"report, and what was found about the order. Ends with status 1 if no file has brought it.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: bytesFlag, Usage: "read the files again to tell line and bytes of each version; it takes as long as they are read"},
			&cli.StringFlag{Name: dashboardFlag, Usage: "address of the dashboard, to link to", Sources: cli.EnvVars("DASHBOARD_URL")},
			sourcesDirFlag(),
		},
		Action: withConfig(runTrace),
	}
}

func runTrace(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	if cmd.Args().Len() != 1 {
		return usage.Errorf("give one ORDER_ID")
	}
	dashboard := cmd.String(dashboardFlag)
	if dashboard == "" && (cmd.IsSet(envFileFlag) || cmd.String("project") == "") {
		if values, err := config.ReadFile(cmd.String(envFileFlag)); err == nil {
			dashboard = values["DASHBOARD_URL"]
		}
	}
	found, err := trace.Order(ctx, cfg, cmd.Args().First(), dashboard)
	if err != nil {
		return err
	}
	if cmd.Bool(bytesFlag) {
		policy, sources, err := readBy(cmd)
		if err != nil {
			return err
		}
		if err := trace.AddBytes(ctx, cfg, found, policy, sources); err != nil {
			return err
		}
	}
	return console.PrinterOf(cmd).Document(found, found.Print, render.Of(found.Steps()))
}

// readBy is what the parser reads files by: its variables, and the sources.
func readBy(cmd *cli.Command) (policy reading.Policy, sources *source.Set, err error) {
	if sources, err = source.Load(existing(cmd.String(sourcesFlag))); err == nil {
		err = errors.Join(envconfig.Process("", &policy), policy.Validate())
	}
	return policy, sources, usage.Wrong(err)
}

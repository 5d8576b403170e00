package command

import (
	"context"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/version"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
)

func versionCommand() *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print which build this is",
		Action: func(_ context.Context, cmd *cli.Command) error {
			return printVersion(cmd)
		},
	}
}

func printVersion(cmd *cli.Command) error {
	p := console.PrinterOf(cmd)
	if p.Format == render.Table {
		p.Say("%s", version.Line(cmd.Root().Name))
		return nil
	}
	type build struct {
		Program string `bigquery:"program"`
		Version string `bigquery:"version"`
	}
	return p.Rows(render.Of([]build{{cmd.Root().Name, version.String()}}), "")
}

package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cloud.google.com/go/bigquery"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
)

func queryCommand() *cli.Command {
	return &cli.Command{
		Name:      "query",
		Usage:     "run a statement in the dataset and print its rows",
		ArgsUsage: `"SELECT ..."`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Value: "table", Usage: "one of " + strings.Join(render.Formats, ", ") + " (json: one object per line)"},
		},
		Action: withConfig(runQuery),
	}
}

func runQuery(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (err error) {
	if cmd.Args().Len() != 1 {
		return errors.New(`give the statement as one argument, in quotes: query "SELECT ..."`)
	}
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	q := client.Query(cmd.Args().First())
	q.DefaultProjectID, q.DefaultDatasetID = cfg.ProjectID, cfg.Dataset
	rows, err := q.Read(ctx)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	result := render.Result{Rows: rows, Schema: func() bigquery.Schema { return rows.Schema }}
	if _, err := render.Write(cmd.Root().Writer, cmd.String("format"), result); err != nil {
		return fmt.Errorf("read the rows: %w", err)
	}
	return nil
}

package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"cloud.google.com/go/bigquery"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

func queryCommand() *cli.Command {
	return &cli.Command{
		Name:      "query",
		Usage:     "run a statement in the dataset and print its rows",
		ArgsUsage: `"SELECT ..."`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: sqlFileFlag, Usage: "read the statement from this file; -: from standard input"},
			&cli.StringFlag{Name: formatFlag, Hidden: true, Usage: "what --output was called before"},
		},
		Action: withConfig(runQuery),
	}
}

const sqlFileFlag = "file"

// statementOf is the statement that was typed, or stands in a file.
func statementOf(cmd *cli.Command) (text string, err error) {
	name, n := cmd.String(sqlFileFlag), cmd.Args().Len()
	switch {
	case name == "" && n != 1, name != "" && n != 0:
		return "", usage.Errorf(`give the statement as one argument, in quotes: query "SELECT ...", or --%s FILE`, sqlFileFlag)
	case name == "":
		return cmd.Args().First(), nil
	}
	var read []byte
	if name == "-" {
		read, err = io.ReadAll(cmd.Root().Reader)
	} else {
		read, err = os.ReadFile(name)
	}
	if err != nil {
		return "", usage.Errorf("--%s: %w", sqlFileFlag, err)
	}
	return string(read), nil
}

func runQuery(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (err error) {
	text, err := statementOf(cmd)
	if err != nil {
		return err
	}
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	typed := sql.Statement{Name: "query/typed", Text: text}
	rows, err := warehouse.Query[[]bigquery.Value](ctx, &warehouse.Client{BigQuery: client, Dataset: cfg.Dataset, Service: topology.Operator}, typed, nil)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	result := render.Result{Rows: rows.All(), Schema: rows.Schema}
	p := console.PrinterOf(cmd)
	if cmd.IsSet(formatFlag) {
		p.Format = cmd.String(formatFlag)
	}
	n, err := render.Write(p.Out, p.Format, result)
	if err != nil {
		return fmt.Errorf("read the rows: %w", err)
	}
	if n == 0 {
		p.Say("no rows")
	}
	return nil
}

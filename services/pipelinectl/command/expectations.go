package command

import (
	"context"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily/expect"
)

func expectationsCommand() *cli.Command {
	return &cli.Command{
		Name:  "expectations",
		Usage: "check a file of what a shop expects of its data, which the daily audit holds its orders to",
		Description: "Works on this machine, without a cloud. The daily run reads the file that EXPECTATIONS_FILE names, and does not\n" +
			"start with one that is not right.",
		Commands: []*cli.Command{
			{
				Name: "check", ArgsUsage: "FILE",
				Usage: "list the rules of a file as the audit understands them, or say at which lines it is wrong",
				Description: "It looks at the file alone, not at data: each day's audit does.\n" +
					"Ends with status 0 if the file is right, 1 if it is not, 2 if it was used wrongly.",
				Action: withStatus(runExpectationsCheck),
			},
			{Name: "example", Usage: "print a file with a rule of each kind, as a start for one of your own", Action: func(_ context.Context, cmd *cli.Command) error {
				_, err := cmd.Root().Writer.Write(expect.Example())
				return err
			}},
		},
	}
}

// expected is a line of expectations check.
type expected struct {
	Table       string `bigquery:"table"`
	Column      string `bigquery:"column"`
	Check       string `bigquery:"check"`
	Expectation string `bigquery:"expectation"`
	Severity    string `bigquery:"severity"`
}

func runExpectationsCheck(_ context.Context, cmd *cli.Command) error {
	path, err := oneFile(cmd)
	if err != nil {
		return err
	}
	rules, err := expect.Read(path)
	if err != nil {
		return err
	}
	list := make([]expected, len(rules.Rules))
	for i, r := range rules.Rules {
		list[i] = expected{r.Table, r.Column, r.Kind, r.Expectation, r.Severity}
		if r.Kind == "rows" {
			list[i].Column = "" // it is of the table
		}
	}
	return console.PrinterOf(cmd).Rows(render.Of(list), "")
}

package command

import (
	"context"
	"strings"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/notes"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const perFlag = "per"

func goalsCommand() *cli.Command {
	return &cli.Command{
		Name:  "goals",
		Usage: "set what is to be reached in a day or a month, for the dashboard to show",
		Commands: []*cli.Command{
			{Name: "list", Usage: "list the goals, the newest first", Action: withConfig(runGoalsList)},
			{
				Name: "set", ArgsUsage: strings.Join(notes.Metrics(), "|") + " AMOUNT", Usage: "set a goal; one of the same figure, period, category and first day takes the new amount",
				Description: "pipelinectl goals set --per month revenue 3000000\n\n" +
					"Revenue is of paid orders after refunds, in the shop's currency. Of several goals that hold on a day, the one\n" +
					"that began last counts: so a sale may have one of its own, with --" + untilFlag + ".",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: perFlag, Usage: "what it is to be reached in: " + strings.Join(notes.Periods(), " or "), Value: notes.Day},
					&cli.StringFlag{Name: fromFlag, Usage: "the first day that it holds on (2006-01-02, the shop's clock); default: today"},
					&cli.StringFlag{Name: untilFlag, Usage: "the last day; default: none"},
					categorySetting("only of orders of this product category"), authorSetting(), timeZoneSetting(),
				},
				Action: withStatus(withConfig(runGoalsSet)),
			},
			removal("goal", "remove goals", (*notes.Book).RemoveGoals),
		},
	}
}

func runGoalsList(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	return withBook(ctx, cfg, "goals", func(book *notes.Book) error {
		list, err := book.Goals(ctx)
		if err != nil {
			return err
		}
		return console.PrinterOf(cmd).Rows(render.Of(list), "no goal is set; pipelinectl goals set sets one")
	})
}

func runGoalsSet(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (err error) {
	if cmd.Args().Len() != 2 {
		return usage.Errorf("give what it is a goal of (%s) and the AMOUNT", strings.Join(notes.Metrics(), " or "))
	}
	g := notes.Goal{Metric: cmd.Args().Get(0), Period: cmd.String(perFlag), Category: nameOrNull(cmd.String(categoryFlag))}
	if g.Amount, err = notes.Amount(cmd.Args().Get(1)); err != nil {
		return err
	}
	if g.Author, err = authorOf(cmd); err != nil {
		return err
	}
	if g.From, err = dayOrToday(ctx, cmd, cfg, fromFlag); err != nil {
		return err
	}
	if text := cmd.String(untilFlag); text != "" {
		if g.Until.Date, err = civil.ParseDate(text); err != nil {
			return usage.Errorf("--%s %q: %w", untilFlag, text, err)
		}
		g.Until.Valid = true
	}
	return withBook(ctx, cfg, "goals", func(book *notes.Book) error {
		set, err := book.SetGoal(ctx, g)
		if err != nil {
			return err
		}
		p := console.PrinterOf(cmd)
		until := ""
		if set.Until.Valid {
			until = " until " + set.Until.Date.String()
		}
		p.Say("%s of %s a %s from %s%s: %s", set.Metric, render.Text(bigquery.Value(set.Amount)), set.Period, set.From, until, set.ID)
		return p.Beside(render.Of([]notes.Goal{set}))
	})
}

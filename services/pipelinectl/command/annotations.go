package command

import (
	"context"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/notes"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	onFlag    = "on"
	untilFlag = "until"
	hourFlag  = "hour"
)

func annotationsCommand() *cli.Command {
	return &cli.Command{
		Name:  "annotations",
		Usage: "note what happened on a day, such as a sale, for the dashboard to show",
		Commands: []*cli.Command{
			{Name: "list", Usage: "list what is noted, the newest days first", Action: withConfig(runAnnotationsList)},
			{
				Name: "add", ArgsUsage: "TEXT", Usage: "note what happened; what is noted already stays as it is",
				Description: "pipelinectl annotations add --on 2026-11-27 --until 2026-11-30 \"Black Friday sale\"\n\n" +
					"The dashboard marks it in the chart of the orders within a minute, and lists it below.",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: onFlag, Usage: "the day, or the first of some (2006-01-02, the shop's clock); default: today"},
					&cli.StringFlag{Name: untilFlag, Usage: "the last day; default: the first"},
					&cli.IntFlag{Name: hourFlag, Usage: "the hour of the day in which it began, 0 to 23; default: the whole day"},
					categorySetting("only orders of this product category are concerned"), authorSetting(), timeZoneSetting(),
				},
				Action: withStatus(withConfig(runAnnotationsAdd)),
			},
			removal("annotation", "remove what was noted", (*notes.Book).RemoveAnnotations),
		},
	}
}

func runAnnotationsList(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	return withBook(ctx, cfg, "annotations", func(book *notes.Book) error {
		list, err := book.Annotations(ctx)
		if err != nil {
			return err
		}
		return console.PrinterOf(cmd).Rows(render.Of(list), "nothing is noted; pipelinectl annotations add notes something")
	})
}

func runAnnotationsAdd(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (err error) {
	if cmd.Args().Len() == 0 {
		return usage.Errorf("give the TEXT")
	}
	a := notes.Annotation{Text: strings.Join(cmd.Args().Slice(), " "), Category: nameOrNull(cmd.String(categoryFlag))}
	if a.Author, err = authorOf(cmd); err != nil {
		return err
	}
	if a.From, err = dayOrToday(ctx, cmd, cfg, onFlag); err != nil {
		return err
	}
	if a.To, err = dateFlag(cmd, untilFlag, a.From.In(time.UTC)); err != nil {
		return err
	}
	if cmd.IsSet(hourFlag) {
		a.Hour = bigquery.NullInt64{Int64: int64(cmd.Int(hourFlag)), Valid: true}
	}
	return withBook(ctx, cfg, "annotations", func(book *notes.Book) error {
		written, err := book.Annotate(ctx, a)
		if err != nil {
			return err
		}
		p := console.PrinterOf(cmd)
		p.Say("noted of %s: %s", daysOf(written.From.String(), written.To.String()), written.ID)
		return p.Beside(render.Of([]notes.Annotation{written}))
	})
}

func daysOf(first, last string) string {
	if first == last {
		return first
	}
	return first + " to " + last
}

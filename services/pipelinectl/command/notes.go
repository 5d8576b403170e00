package command

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/notes"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

// What annotations and goals have in common.
const (
	categoryFlag = "category"
	authorFlag   = "by"
)

func categorySetting(usage string) cli.Flag {
	return &cli.StringFlag{Name: categoryFlag, Usage: usage + "; default: the whole shop"}
}

func authorSetting() cli.Flag {
	return &cli.StringFlag{Name: authorFlag, Usage: "who writes it, which the dashboard shows; default: the user of this machine"}
}

func authorOf(cmd *cli.Command) (string, error) {
	if name := cmd.String(authorFlag); name != "" {
		return name, nil
	}
	me, err := user.Current()
	if err != nil {
		return "", usage.Errorf("--%s must be given: %w", authorFlag, err)
	}
	return me.Username, nil
}

// dayOrToday is the day of a flag, or today on the shop's clock.
func dayOrToday(ctx context.Context, cmd *cli.Command, cfg cloud.Config, flag string) (civil.Date, error) {
	if cmd.String(flag) != "" {
		return dateFlag(cmd, flag, time.Time{})
	}
	zone, err := zoneOf(ctx, cmd, cfg)
	if err != nil {
		return civil.Date{}, fmt.Errorf("look for the shop's today, without --%s: %w", flag, err)
	}
	return zone.Date(time.Now()), nil
}

func nameOrNull(text string) bigquery.NullString {
	return bigquery.NullString{StringVal: text, Valid: text != ""}
}

// withBook runs do with the book that annotations and goals are in.
func withBook(ctx context.Context, cfg cloud.Config, task string, do func(*notes.Book) error) (err error) {
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return err
	}
	asking := &warehouse.Client{BigQuery: client, Dataset: cfg.Dataset, Service: topology.Operator, Task: task}
	defer func() { err = errors.Join(err, asking.Close()) }()
	return do(&notes.Book{Client: asking, Now: time.Now})
}

// removal is the command that removes annotations or goals.
func removal[N any](what, usage string, remove func(*notes.Book, context.Context, bool, ...string) ([]N, error)) *cli.Command {
	return &cli.Command{
		Name: "remove", ArgsUsage: strings.ToUpper(what) + "_ID...", Usage: usage,
		Flags: []cli.Flag{&cli.BoolFlag{Name: dryRunFlag, Usage: "tell what would be removed, and change nothing"}},
		Action: withStatus(withConfig(func(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
			return removeNotes(ctx, cmd, cfg, what, remove)
		})),
	}
}

// removeNotes removes what the arguments name by ids.
func removeNotes[N any](ctx context.Context, cmd *cli.Command, cfg cloud.Config, what string, remove func(*notes.Book, context.Context, bool, ...string) ([]N, error)) error {
	ids, dryRun := cmd.Args().Slice(), cmd.Bool(dryRunFlag)
	if len(ids) == 0 {
		return usage.Errorf("give the id of what is to be removed; pipelinectl %ss list has them", what)
	}
	return withBook(ctx, cfg, what+"s", func(book *notes.Book) error {
		gone, err := remove(book, ctx, dryRun, ids...)
		if err != nil {
			return err
		}
		p := console.PrinterOf(cmd)
		if dryRun {
			p.Say("%s would be removed (dry run: nothing was changed)", plural.Of(len(gone), what))
		} else {
			p.Say("%s removed", plural.Of(len(gone), what))
		}
		return p.Beside(render.Of(gone))
	})
}

package command

import (
	"context"
	"errors"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/republish"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	subscriptionFlag = "subscription"
	removeFlag       = "remove"
)

func republishCommand() *cli.Command {
	return &cli.Command{
		Name:  "republish",
		Usage: "give older orders of the warehouse to a consumer that joins late",
		Description: "Publishes the orders of some days once more, every version that the warehouse has of them, and what\n" +
			"became of their files, on topics of the consumer's own: the subscription NAME gets the orders, and\n" +
			"NAME.files the files. Both are made if they are not there. Other consumers see nothing of it. The\n" +
			"consumer makes its subscriptions to the feed first, so that nothing falls between the two.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: subscriptionFlag, Usage: "name of the subscription that is to get the orders", Required: true},
			&cli.StringFlag{Name: fromFlag, Usage: "first day of the orders (2006-01-02, on the shop's clock); default: 30 days ago"},
			&cli.StringFlag{Name: toFlag, Usage: "last such day; default: tomorrow, for shops whose clock is ahead"},
			&cli.BoolFlag{Name: removeFlag, Usage: "delete the consumer's topics and subscriptions of older orders, instead"},
		},
		Action: withConfig(runRepublish),
	}
}

func runRepublish(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	p, name := console.PrinterOf(cmd), cmd.String(subscriptionFlag)
	if cmd.Args().Present() {
		return usage.Errorf("republish takes no arguments, only flags")
	}
	if err := republish.CheckName(name); err != nil {
		return usage.Wrong(err)
	}
	if cmd.Bool(removeFlag) {
		if err := republish.Remove(ctx, cfg, name); err != nil {
			return err
		}
		p.Say("the topics and subscriptions of older orders of %s are deleted", name)
		orders, files := republish.Places(name)
		return p.Beside(render.Of([]republished{{orders.Subscription, orders.Topic, 0}, {files.Subscription, files.Topic, 0}}))
	}
	const day = 24 * time.Hour
	now := time.Now().UTC()
	from, err1 := dateFlag(cmd, fromFlag, now.Add(-30*day))
	to, err2 := dateFlag(cmd, toFlag, now.Add(day))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if to.Before(from) {
		return usage.Errorf("--%s is before --%s", toFlag, fromFlag)
	}
	bar := console.Progress(cmd.Root().ErrWriter, -1, "publish")
	orders, files := republish.Places(name)
	var done republish.Outcome
	err := told(ctx, cmd, cfg, func(lineage *openlineage.Session) error {
		return lineage.Tell(ctx, func(e *openlineage.Events, begun time.Time) (*openlineage.Work, error) {
			return e.Republish(name, orders.Topic, files.Topic, from, to, begun)
		}, func() (_ []int64, err error) {
			done, err = republish.Run(ctx, cfg, republish.Selection{From: from, To: to, Subscription: name}, func() { _ = bar.Add(1) })
			return []int64{done.Orders, done.Files}, err
		})
	})
	if err != nil {
		return err
	}
	_ = bar.Finish()
	return p.Rows(render.Of([]republished{{orders.Subscription, orders.Topic, done.Orders}, {files.Subscription, files.Topic, done.Files}}), "")
}

// republished is where older orders, or their files, went.
type republished struct {
	Subscription string `bigquery:"subscription"`
	Topic        string `bigquery:"topic"`
	Messages     int64  `bigquery:"messages"`
}

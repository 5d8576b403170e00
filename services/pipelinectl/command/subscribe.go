package command

import (
	"context"
	"errors"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/feed"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	topicFlag      = "topic"
	deliveriesFlag = "max-deliveries"
	expiresFlag    = "expires"
)

func subscribeCommand() *cli.Command {
	return &cli.Command{
		Name: "subscribe", ArgsUsage: "NAME", Usage: "make a consumer's subscription, with dead letters, retries and expiry set well",
		Description: "Makes NAME, the topic NAME.dead-letter for what it gives up, and a subscription of the same name that keeps that\n" +
			"for 31 days (dlq list --live NAME), and lets Pub/Sub move dead letters. Running it again changes nothing.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: topicFlag, Value: topology.TopicOrdersValidated, Usage: "the feed: " + strings.Join(topology.Feeds(), " or ")},
			&cli.StringFlag{Name: filterFlag, Usage: "Pub/Sub's filter over attributes; it cannot be changed later"},
			&cli.IntFlag{Name: deliveriesFlag, Value: topology.MaxDeliveryAttempts, Usage: "deliveries without an answer after which a message is a dead letter"},
			&cli.DurationFlag{Name: expiresFlag, Usage: "time without a reader after which the subscription is deleted; 0: never"},
			&cli.BoolFlag{Name: dryRunFlag, Usage: "look and say what would be done, change nothing"},
		},
		Action: withConfig(runSubscribe),
	}
}

func runSubscribe(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	if cmd.Args().Len() != 1 {
		return usage.Errorf("give one NAME")
	}
	done, err := feed.Subscribe(ctx, cfg, feed.Wish{
		Name: cmd.Args().First(), Topic: cmd.String(topicFlag), Filter: cmd.String(filterFlag),
		MaxDeliveries: cmd.Int(deliveriesFlag), Expires: cmd.Duration(expiresFlag), DryRun: cmd.Bool(dryRunFlag),
	})
	if errors.Is(err, feed.ErrWish) {
		err = usage.Wrong(err)
	}
	p := console.PrinterOf(cmd)
	if len(done) > 0 {
		if printed := p.Rows(render.Of(done), ""); printed != nil {
			return errors.Join(err, printed)
		}
	}
	if err == nil && cmd.Bool(dryRunFlag) {
		p.Say("dry run: nothing was changed")
	}
	return err
}

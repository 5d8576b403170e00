package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/feed"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
)

const (
	topicFlag      = "topic"
	filterFlag     = "filter"
	whereFlag      = "where"
	countFlag      = "count"
	deliveriesFlag = "max-deliveries"
	expiresFlag    = "expires"
)

func tailCommand() *cli.Command {
	return &cli.Command{
		Name: "tail", ArgsUsage: "TOPIC", Usage: "show messages of a topic as they are published, decoded",
		Description: "Reads a subscription of its own, so that it takes nothing from anybody. The topics are\n  " + strings.Join(topics(), "\n  "),
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: whereFlag, Usage: "only messages whose body has this value, such as payment_status=failed or items.product_id=P-1; given again: both"},
			&cli.StringFlag{Name: filterFlag, Usage: `Pub/Sub's own filter over attributes, such as attributes.file_id = "..."`},
			&cli.IntFlag{Name: countFlag, Aliases: []string{"n"}, Usage: "end after so many; 0: with Ctrl-C"},
			&cli.DurationFlag{Name: timeoutFlag, Usage: "end after this time; 0: never"},
		},
		Action: withConfig(runTail),
	}
}

func topics() []string {
	var names []string
	for _, t := range topology.Topics() {
		names = append(names, t.Name)
	}
	return names
}

func runTail(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	topic := cmd.Args().First()
	if cmd.Args().Len() != 1 || !slices.Contains(topics(), topic) {
		if meant := nearest(topic, topics()); meant != "" {
			return misuse("give one TOPIC; did you mean %s?", meant)
		}
		return misuse("give one TOPIC of %s", strings.Join(topics(), ", "))
	}
	var where []feed.Condition
	for _, text := range cmd.StringSlice(whereFlag) {
		c, err := feed.ParseCondition(text)
		if err != nil {
			return misuse("--%s %w", whereFlag, err)
		}
		where = append(where, c)
	}
	if within := cmd.Duration(timeoutFlag); within > 0 {
		limited, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		ctx = limited
	}
	p, shown, most := printerOf(cmd), 0, cmd.Int(countFlag)
	var failed error
	err := feed.Tail(ctx, cfg, topic, cmd.String(filterFlag), where,
		func() { fmt.Fprintf(cmd.Root().ErrWriter, "waiting for messages of %s; Ctrl-C ends it\n", topic) },
		func(m feed.Message) bool {
			shown++
			failed = printMessage(p, m, shown == 1)
			return failed == nil && (most == 0 || shown < most)
		})
	fmt.Fprintf(cmd.Root().ErrWriter, "%s\n", counted(shown, "message"))
	return errors.Join(err, failed)
}

func printMessage(p printer, m feed.Message, first bool) error {
	switch p.format {
	case render.JSON:
		encoder := json.NewEncoder(p.out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(m)
	case render.CSV:
		type row struct {
			ID        string `bigquery:"message_id"`
			Published string `bigquery:"published_at"`
			Body      string `bigquery:"body"`
		}
		var text strings.Builder
		if _, err := render.Write(&text, render.CSV, render.Of([]row{{m.ID, stampOf(m.Published), string(m.Body)}})); err != nil {
			return err
		}
		_, line, _ := strings.Cut(text.String(), "\n")
		if first {
			line = text.String()
		}
		_, err := fmt.Fprint(p.out, line)
		return err
	default:
		p.say("%s  %s", stampOf(m.Published), m.Body)
		return nil
	}
}

func subscribeCommand() *cli.Command {
	return &cli.Command{
		Name: "subscribe", ArgsUsage: "NAME", Usage: "make a consumer's subscription, with dead letters, retries and expiry set well",
		Description: "Makes NAME, the topic NAME.dead-letter for what it gives up, and a subscription of the same name that keeps that\n" +
			"for 31 days (dlq list --live NAME), and lets Pub/Sub move letters. Running it again changes nothing.",
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
		return misuse("give one NAME")
	}
	done, err := feed.Subscribe(ctx, cfg, feed.Wish{
		Name: cmd.Args().First(), Topic: cmd.String(topicFlag), Filter: cmd.String(filterFlag),
		MaxDeliveries: cmd.Int(deliveriesFlag), Expires: cmd.Duration(expiresFlag), DryRun: cmd.Bool(dryRunFlag),
	})
	if errors.Is(err, feed.ErrWish) {
		err = asMisuse(err)
	}
	p := printerOf(cmd)
	if len(done) > 0 {
		if printed := p.rows(render.Of(done), ""); printed != nil {
			return errors.Join(err, printed)
		}
	}
	if err == nil && cmd.Bool(dryRunFlag) {
		p.say("dry run: nothing was changed")
	}
	return err
}

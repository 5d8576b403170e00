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
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/feed"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	filterFlag = "filter"
	whereFlag  = "where"
	countFlag  = "count"
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
		if meant := usage.Nearest(topic, topics()); meant != "" {
			return usage.Errorf("give one TOPIC; did you mean %s?", meant)
		}
		return usage.Errorf("give one TOPIC of %s", strings.Join(topics(), ", "))
	}
	var where []feed.Condition
	for _, text := range cmd.StringSlice(whereFlag) {
		c, err := feed.ParseCondition(text)
		if err != nil {
			return usage.Errorf("--%s %w", whereFlag, err)
		}
		where = append(where, c)
	}
	if within := cmd.Duration(timeoutFlag); within > 0 {
		limited, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		ctx = limited
	}
	p, shown, most := console.PrinterOf(cmd), 0, cmd.Int(countFlag)
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

func printMessage(p console.Printer, m feed.Message, first bool) error {
	switch p.Format {
	case render.JSON:
		encoder := json.NewEncoder(p.Out)
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
		_, err := fmt.Fprint(p.Out, line)
		return err
	default:
		p.Say("%s  %s", stampOf(m.Published), m.Body)
		return nil
	}
}

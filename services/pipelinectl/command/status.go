package command

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/status"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	watchFlag    = "watch"
	intervalFlag = "interval"
	serviceFlag  = "service"
	// serviceURLs is the reporter's variable, which a sandbox leaves among its addresses.
	serviceURLs = "SERVICE_URLS"
)

func statusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "tell on one screen how the pipeline is",
		Description: "Where files are on their way, what became of today's, how fresh the facts are, what subscriptions have not\n" +
			"processed (Cloud Monitoring is up to two minutes behind), dead letters, quality errors, reports, and which build each\n" +
			"service runs. Changes nothing. Ends with status 1 if a person should look at something, and says at what.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: watchFlag, Aliases: []string{"w"}, Usage: "show it again and again until Ctrl-C, also through outages; then the status is 0"},
			&cli.DurationFlag{Name: intervalFlag, Value: 5 * time.Second, Usage: "time between two looks"},
			servicesSetting(), ignoreSetting(), timeZoneSetting(),
		},
		Action: withConfig(runStatus),
	}
}

func runStatus(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (err error) {
	options := status.Options{Now: time.Now}
	if options.Zone, err = zoneOf(ctx, cmd, cfg); err != nil {
		return err
	}
	if options.Ignore, err = ignoreOf(cmd); err != nil {
		return usage.Wrong(err)
	}
	if options.Services, err = servicesOf(cmd); err != nil {
		return err
	}
	if cmd.Duration(intervalFlag) <= 0 {
		return usage.Errorf("--%s must be positive", intervalFlag)
	}
	looker, err := status.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, looker.Close()) }()
	p, watched, pause := console.PrinterOf(cmd), cmd.Bool(watchFlag), cmd.Duration(intervalFlag)
	for looked := false; ; looked = true {
		seen, err := lookOnce(ctx, looker, options)
		switch {
		case err == nil:
		case watched && ctx.Err() != nil: // Ctrl-C, while it looked
			return nil
		case watched && looked: // who watches wants to see when it comes back
			fmt.Fprintf(cmd.Root().ErrWriter, "cannot look, will try again in %v: %v\n", pause, err)
			if sleep.For(ctx, pause) != nil {
				return nil
			}
			continue
		default:
			return err
		}
		if watched && p.Format == render.Table && console.IsTerminal(p.Out) {
			fmt.Fprint(p.Out, "\x1b[H\x1b[2J") // to the first line of an empty screen
		}
		if err := p.Document(seen, seen.Print, render.Of(seen.Rows())); err != nil {
			return err
		}
		switch {
		case watched:
		case len(seen.Attention) > 0:
			return fmt.Errorf("%s to look at", counted(len(seen.Attention), "thing"))
		default:
			return nil
		}
		if sleep.For(ctx, pause) != nil {
			return nil
		}
	}
}

// lookWithin bounds a look: the clients try again for as long as they may.
const lookWithin = time.Minute

func lookOnce(ctx context.Context, looker *status.Looker, options status.Options) (*status.Status, error) {
	limited, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	seen, err := looker.Look(limited, options)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = fmt.Errorf("no whole answer within %v: %w", lookWithin, err)
	}
	return seen, err
}

func servicesSetting() cli.Flag {
	return &cli.StringMapFlag{Name: serviceFlag, Usage: "health server of a service, name=URL; may be repeated", Sources: cli.EnvVars(serviceURLs)}
}

// servicesOf are the health servers that are named by the flag, the environment or the
// sandbox's file.
func servicesOf(cmd *cli.Command) (map[string]string, error) {
	services := cmd.StringMap(serviceFlag)
	if !cmd.IsSet(serviceFlag) && (cmd.IsSet(envFileFlag) || cmd.String("project") == "") {
		values, err := config.ReadFile(cmd.String(envFileFlag))
		if err != nil {
			return nil, usage.Wrong(err)
		}
		services = make(map[string]string)
		for entry := range strings.SplitSeq(values[serviceURLs], ",") {
			if name, address, ok := strings.Cut(entry, "="); ok {
				services[name] = address
			}
		}
	}
	for name, address := range services {
		if u, err := url.Parse(address); err != nil || u.Host == "" || !strings.HasPrefix(u.Scheme, "http") {
			return nil, usage.Errorf("--%s %s=%q: not a URL", serviceFlag, name, address)
		}
	}
	return services, nil
}

// counted is a number of things, in whole words.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

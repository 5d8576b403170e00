// Package command is the command line of pipelinectl: what each command is
// called, takes and prints. What it does stands in the packages beside this one.
package command

import (
	"context"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/version"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

// Root is the whole command line.
func Root() *cli.Command {
	flags := []cli.Flag{console.OutputSetting(), &cli.BoolFlag{Name: version.Flag, Aliases: []string{"v"}, Usage: version.Usage, Local: true}, &cli.StringFlag{
		Name:  envFileFlag,
		Usage: "file of KEY=VALUE lines for what is neither a flag nor in the environment; read without being asked for when no project is named",
		Value: defaultEnvFile(),
	}}
	for _, s := range settings {
		flags = append(flags, &cli.StringFlag{
			Name: s.flag, Usage: s.usage, Value: s.value, Sources: cli.EnvVars(s.variable), Category: "CLOUD",
		})
	}
	flags = append(flags, lineageFlags()...)
	root := usage.Frame(&cli.Command{
		Name:  "pipelinectl",
		Usage: "operate the order pipeline",
		Description: "Works on the project that the environment names (PROJECT_ID and the rest), or, when no project is named,\n" +
			"on the sandbox that runs on this machine. Every command tells more with --help.\n\n" +
			"It ends with status 0 if all is well, 1 if something was found or could not be done, 2 if it was used wrongly.",
		Flags:                           flags,
		EnableShellCompletion:           true,
		ConfigureShellCompletionCommand: func(cmd *cli.Command) { cmd.Hidden = false },
		Commands: []*cli.Command{
			statusCommand(), filesCommand(), dlqCommand(), traceCommand(), backfillCommand(), tailCommand(), subscribeCommand(),
			provisionCommand(), doctorCommand(), generateCommand(), uploadCommand(), sourceCommand(), expectationsCommand(), annotationsCommand(), goalsCommand(), queryCommand(), verifyCommand(),
			releaseCommand(), reprocessCommand(), replayCommand(), discardCommand(), republishCommand(), benchCommand(), drillCommand(),
			stormCommand(), versionCommand(),
		},
	}, otherWords)
	answer := root.Action
	root.Action = func(ctx context.Context, cmd *cli.Command) error {
		if cmd.Bool(version.Flag) {
			return printVersion(cmd)
		}
		return answer(ctx, cmd)
	}
	return root
}

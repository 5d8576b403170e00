// Package command is the command line of pipelinectl: what each command is
// called, takes and prints. What it does stands in the packages beside this one.
package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/version"
)

// Root is the whole command line.
func Root() *cli.Command {
	flags := []cli.Flag{outputSetting(), &cli.BoolFlag{Name: version.Flag, Aliases: []string{"v"}, Usage: version.Usage, Local: true}, &cli.StringFlag{
		Name:  envFileFlag,
		Usage: "file of KEY=VALUE lines for what is neither a flag nor in the environment; read without being asked for when no project is named",
		Value: defaultEnvFile(),
	}}
	for _, s := range settings {
		flags = append(flags, &cli.StringFlag{
			Name: s.flag, Usage: s.usage, Value: s.value, Sources: cli.EnvVars(s.variable), Category: "CLOUD",
		})
	}
	return frame(&cli.Command{
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
			provisionCommand(), doctorCommand(), generateCommand(), uploadCommand(), sourceCommand(), queryCommand(), verifyCommand(),
			releaseCommand(), reprocessCommand(), replayCommand(), discardCommand(), republishCommand(), benchCommand(), drillCommand(),
			stormCommand(), versionCommand(), helpCommand(),
		},
	})
}

const envFileFlag = "env-file"

// setting is a variable of the cloud's configuration and its flag.
type setting struct {
	flag, variable, usage, value string
	field                        func(*cloud.Config) *string
}

var settings = []setting{
	{"project", "PROJECT_ID", "Google Cloud project", "", func(c *cloud.Config) *string { return &c.ProjectID }},
	{"location", "LOCATION", "location of every resource", "us-central1", func(c *cloud.Config) *string { return &c.Location }},
	{"dataset", "DATASET", "BigQuery dataset", "ecommerce_data", func(c *cloud.Config) *string { return &c.Dataset }},
	{"bucket", "BUCKET", "bucket of the files", "", func(c *cloud.Config) *string { return &c.Bucket }},
	{"pubsub-host", "PUBSUB_EMULATOR_HOST", "embedded Pub/Sub; empty: the real one", "", func(c *cloud.Config) *string { return &c.PubSubHost }},
	{"storage-host", "STORAGE_EMULATOR_HOST", "embedded Cloud Storage; empty: the real one", "", func(c *cloud.Config) *string { return &c.StorageHost }},
	{"bigquery-host", "BIGQUERY_EMULATOR_HOST", "embedded BigQuery (REST); empty: the real one", "", func(c *cloud.Config) *string { return &c.BigQueryHost }},
	{"bigquery-storage-endpoint", "BIGQUERY_STORAGE_GRPC_ENDPOINT", "embedded BigQuery Storage API; empty: the real one", "", func(c *cloud.Config) *string { return &c.BigQueryStorageEndpoint }},
	{"resource-manager-host", "RESOURCE_MANAGER_EMULATOR_HOST", "embedded Resource Manager; empty: the real one", "", func(c *cloud.Config) *string { return &c.ResourceManagerHost }},
	{"monitoring-host", "MONITORING_EMULATOR_HOST", "embedded Cloud Monitoring; empty: the real one, or none beside an embedded Pub/Sub", "", func(c *cloud.Config) *string { return &c.MonitoringHost }},
}

// defaultEnvFile is where a sandbox leaves its addresses.
func defaultEnvFile() string {
	dir := os.Getenv("SANDBOX_DATA_DIR")
	if dir == "" {
		dir = ".sandbox"
	}
	return filepath.Join(dir, "endpoints.env")
}

// configOf gives the cloud to work on: a flag wins over the environment, and
// that over the file. The file is left alone when a project is named without
// naming a file, so that a sandbox cannot lend its addresses to a real project.
func configOf(cmd *cli.Command) (cloud.Config, error) {
	values := map[string]string{}
	if cmd.IsSet(envFileFlag) || cmd.String("project") == "" {
		var err error
		values, err = config.ReadFile(cmd.String(envFileFlag))
		if errors.Is(err, fs.ErrNotExist) && !cmd.IsSet(envFileFlag) {
			return cloud.Config{}, fmt.Errorf("no project is named (--project or PROJECT_ID), and no sandbox has left its addresses in %s", cmd.String(envFileFlag))
		}
		if err != nil {
			return cloud.Config{}, fmt.Errorf("read the variables: %w", err)
		}
	}
	var c cloud.Config
	for _, s := range settings {
		value, inFile := values[s.variable]
		if cmd.IsSet(s.flag) || !inFile {
			value = cmd.String(s.flag)
		}
		*s.field(&c) = value
	}
	return c, c.Validate()
}

// withConfig is an action that needs the cloud's configuration.
func withConfig(do func(context.Context, *cli.Command, cloud.Config) error) cli.ActionFunc {
	return func(ctx context.Context, cmd *cli.Command) error {
		c, err := configOf(cmd)
		if err != nil {
			return asMisuse(err)
		}
		return do(ctx, cmd, c)
	}
}
